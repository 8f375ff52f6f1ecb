import type { Outcome } from '../../lib';
import { createTokenIssuer } from '../../lib/tokens';
import { createLooks } from '../../lib/tokens/looks';
import {
  bareRequest,
  codeExchange,
  createIssuerEndpoint,
  goodApi,
  goodOptions,
  type HostCode,
  type IssuerOptions,
  refreshRecord,
} from '../support/issuer';

const lookOf = (profile: object = {}) => ({
  profile: { ...profile },
  custom: { access_token: {}, id_token: {}, refused: [] },
  release: jest.fn(),
});

describe('What a look has found', () => {
  it('is taken once, by the same request for the same record', () => {
    const looks = createLooks();
    const [exchange, req, look] = [codeExchange(), bareRequest(), lookOf({ name: 'Ada' })];
    looks.keep(exchange, req, look);
    expect(looks.take(exchange, bareRequest())).toBe(undefined);
    expect(looks.take({ ...exchange, confirmation: { jkt: 'a key' } }, req)).toMatchObject(look);
    expect(looks.take(exchange, req)).toBe(undefined);
    expect(look.release).not.toHaveBeenCalled();
  });

  it('is given up where the request comes with another record', () => {
    const looks = createLooks();
    const [req, look] = [bareRequest(), lookOf()];
    looks.keep(codeExchange(), req, look);
    expect(looks.take(codeExchange(), req)).toBe(undefined);
    expect(look.release).toHaveBeenCalledTimes(1);
  });
});

/** What is asked of the host: claims for each token. */
const LOOK = ['users', 'claims', 'claims', 'isRevoked'];

describe('issueTokens.check', () => {
  const createCounted = (issuer: Partial<IssuerOptions> = {}) => {
    const calls: string[] = [];
    const counted =
      <T>(name: string, answer: T) =>
      (): T => {
        calls.push(name);
        return answer;
      };
    const { issueTokens } = createTokenIssuer<HostCode>({
      ...goodOptions(),
      apis: [{ ...goodApi(), accessToken: 'opaque' }],
      users: counted('users', {}),
      claims: counted('claims', {}),
      isRevoked: counted('isRevoked', false),
      saveRefreshToken: counted('saveRefreshToken', undefined),
      saveAccessToken: counted('saveAccessToken', undefined),
      ...issuer,
    });
    return { issueTokens, calls };
  };

  it('reads only: nothing is saved, and no token is made', async () => {
    const { issueTokens, calls } = createCounted();
    expect(await issueTokens.check(codeExchange(), bareRequest())).toBe(undefined);
    expect(calls).toEqual(LOOK);
  });

  it('changes nothing of the exchange, and can be asked again', async () => {
    const { issueTokens, calls } = createCounted();
    const [exchange, req] = [codeExchange(), bareRequest()];
    const before = structuredClone(exchange);
    await issueTokens.check(exchange, req);
    await issueTokens.check(exchange, req);
    expect(exchange).toEqual(before);
    expect(calls).toEqual([...LOOK, ...LOOK]);
  });

  it('need not be called: issueTokens looks by itself where a host has lost it', async () => {
    const { issueTokens, calls } = createCounted();
    await issueTokens(codeExchange({ scope: 'read:notes' }), bareRequest());
    expect(calls).toEqual(['users', 'claims', 'saveAccessToken', 'isRevoked']);
  });

  it('does not lend the user of one record to another that came with the same request', async () => {
    const users = ({ code }: ReturnType<typeof codeExchange>) => (code?.userId === 'user 1' ? { name: 'Ada' } : null);
    const { issueTokens } = createCounted({ users });
    const req = bareRequest();
    await issueTokens.check(codeExchange(), req);
    await expect(issueTokens(codeExchange({ userId: 'user 2' }), req)).rejects.toMatchObject({
      reason: 'user_unknown',
    });
  });

  it('finds a function of the host that throws', async () => {
    const thrown = new Error('gone');
    const users = () => Promise.reject(thrown);
    await expect(createCounted({ users }).issueTokens.check(codeExchange(), bareRequest())).rejects.toBe(thrown);
    const isRevoked = () => Promise.reject(thrown);
    await expect(createCounted({ isRevoked }).issueTokens.check(codeExchange(), bareRequest())).rejects.toBe(thrown);
  });
});

describe('What the look refuses over HTTP leaves the code and the refresh token as they were', () => {
  const lastOf = (outcomes: readonly Outcome[]) => outcomes.at(-1)?.reason;

  it.each<[string, Partial<IssuerOptions>, string]>([
    ['a user who cannot be found', { users: jest.fn().mockReturnValueOnce(null).mockReturnValue({}) }, 'user_unknown'],
    [
      'users that throws',
      { users: jest.fn().mockRejectedValueOnce(new Error('gone')).mockReturnValue({}) },
      'issue_tokens_failed',
    ],
    [
      'a grant that is unknown',
      { isRevoked: jest.fn().mockReturnValueOnce('unknown').mockReturnValue(false) },
      'grant_unknown',
    ],
    [
      'an issuer that throws',
      { issuer: jest.fn().mockReturnValueOnce('').mockReturnValue('https://a.example') },
      'issue_tokens_failed',
    ],
  ])('%s: the next try brings tokens', async (_what, issuer, reason) => {
    const endpoint = createIssuerEndpoint({ issuer });
    expect((await endpoint.post()).status).toBeGreaterThanOrEqual(400);
    expect(lastOf(endpoint.outcomes)).toBe(reason);
    expect((await endpoint.post()).status).toBe(200);
  });

  it('a scope that an API has given up: the honest refresh goes on', async () => {
    const endpoint = createIssuerEndpoint();
    const record = refreshRecord({ scope: 'read:notes delete:notes offline_access' });
    await endpoint.refreshTokens.saveRefreshToken('old', record);
    expect((await endpoint.refresh('old', { scope: 'delete:notes' })).body.error).toBe('invalid_scope');
    expect((await endpoint.refresh('old')).status).toBe(200);
  });

  it('a record with a malformed field: its fault is told each time, and nothing is spent', async () => {
    const endpoint = createIssuerEndpoint({ code: { amr: 'pwd' as never } });
    for (const _try of [1, 2]) expect((await endpoint.post()).status).toBe(500);
    expect(endpoint.outcomes.map(({ fault }) => String(fault))).toEqual(
      Array(2).fill(expect.stringContaining("amr is 'pwd'. Write an array of strings")),
    );
  });
});
