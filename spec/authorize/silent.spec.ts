import { consentRequired, interactionRequired, isSilent, loginRequired, needsLogin } from '../../lib/authorize';
import { parseGood } from './support';

const ago = (seconds: number, { receivedAt }: { receivedAt: number }) => new Date(receivedAt - seconds * 1000);

describe('isSilent', () => {
  it.each([
    ['none', true],
    ['login', false],
    [undefined, false],
  ])('for prompt=%s is %s', async (prompt, expected) => {
    expect(isSilent(await parseGood({ prompt }))).toBe(expected);
  });
});

describe('needsLogin', () => {
  it.each<[string, Record<string, unknown>, number, boolean]>([
    ['a login of any age', {}, 1_000_000, false],
    ['a login of any age, silently', { prompt: 'none' }, 1_000_000, false],
    ['a login that is younger than max_age', { max_age: '60' }, 50, false],
    ['a login that is as old as max_age', { max_age: '60' }, 60, false],
    ['a login that is older than max_age', { max_age: '60' }, 62, true],
    ['a login that is older than max_age, silently', { max_age: '60', prompt: 'none' }, 62, true],
    ['a login before a request with max_age=0', { max_age: '0' }, 5, true],
    ['a login after a request with max_age=0', { max_age: '0' }, -5, false],
    ['a login before a request with prompt=login', { prompt: 'login' }, 5, true],
    ['a login before a request with prompt=login among others', { prompt: 'consent login' }, 5, true],
    ['a login after a request with prompt=login', { prompt: 'login' }, -5, false],
    ['a login after a request with prompt=login, kept in whole seconds', { prompt: 'login' }, 0.9, false],
    ['a login one whole second before a request with prompt=login', { prompt: 'login' }, 1, true],
    ['prompt=login also where max_age would take the login', { prompt: 'login', max_age: '60' }, 5, true],
    ['a login before prompt=consent', { prompt: 'consent' }, 5, false],
  ])('for %s: %j, %d s, is %s', async (_title, change, seconds, expected) => {
    const request = await parseGood(change);
    expect(needsLogin(request, ago(seconds, request))).toBe(expected);
  });

  it.each([null, undefined, new Date(Number.NaN)])('is true for %s: nobody is signed in', async (authTime) => {
    expect(needsLogin(await parseGood(), authTime)).toBe(true);
  });

  it.each([
    ['2026-01-02T03:04:05Z', "'2026-01-02T03:04:05Z'"],
    [1767322800000, '1767322800000'],
    [false, 'false'],
  ])('throws a TypeError for %j, which is no date', async (authTime, shown) => {
    const request = await parseGood();
    const call = () => needsLogin(request, authTime as never);
    expect(call).toThrow(TypeError);
    expect(call).toThrow(`needsLogin: authTime is ${shown}. Write a Date, or null if nobody is signed in`);
  });

  it('is true for a request without receivedAt', async () => {
    const request = { ...(await parseGood({ prompt: 'login' })), receivedAt: undefined as never };
    expect(needsLogin(request, new Date())).toBe(true);
  });
});

it('The answers to prompt=none are those of OpenID Connect, and cannot be changed', () => {
  const answers = [loginRequired, consentRequired, interactionRequired];
  expect(answers).toEqual([
    { error: 'login_required', error_description: 'The user must sign in' },
    { error: 'consent_required', error_description: 'The user must consent' },
    { error: 'interaction_required', error_description: 'The user must do something first' },
  ]);
  for (const answer of answers) {
    expect(Object.keys(answer)).toEqual(['error', 'error_description']);
    expect(Object.isFrozen(answer)).toBe(true);
  }
});
