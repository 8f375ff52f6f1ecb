import { OAuthError, type OAuthErrorCode } from '../lib';
import { ERROR_STATUS, FIXED_STATUS, fault } from '../lib/errors';
import { createEndpoint } from './support/endpoint';
import { expectRedeemable, expectRefusal } from './support/refusals';

const refusing = (refusal: OAuthError, options = {}) =>
  createEndpoint({ authenticateClient: () => Promise.reject(refusal), ...options });

describe('OAuthError', () => {
  it('is an error in the words of RFC 6749', () => {
    const refusal = new OAuthError('invalid_grant', 'The account is blocked');
    expect(refusal).toBeInstanceOf(Error);
    expect(refusal).toMatchObject({
      name: 'OAuthError',
      message: 'The account is blocked',
      error: 'invalid_grant',
      error_description: 'The account is blocked',
      reason: 'adapter_refused',
      headers: {},
      status: undefined,
    });
    expect(refusal).not.toHaveProperty('cause');
  });

  it('keeps what it is given', () => {
    const cause = new Error('row 7 is locked');
    const headers = { 'Retry-After': '5' };
    const refusal = new OAuthError('invalid_grant', 'No', { reason: 'account_blocked', headers, cause, status: 403 });
    headers['Retry-After'] = '6';
    expect(refusal).toMatchObject({ reason: 'account_blocked', cause, status: 403, headers: { 'Retry-After': '5' } });
    expect(Object.isFrozen(refusal.headers)).toBe(true);
  });

  it('keeps a cause that is undefined', () => {
    expect(new OAuthError('invalid_grant', 'No', { cause: undefined })).toHaveProperty('cause', undefined);
  });

  it.each([
    ['a quote', 'say "no"', 'say ?no?'],
    ['a backslash', 'a\\b', 'a?b'],
    ['a line break', 'a\r\nb', 'a??b'],
    ['a tab and a NUL', 'a\tb\0', 'a?b?'],
    ['characters beyond ASCII', 'für €', 'f?r ?'],
    ['DEL', 'a\x7f', 'a?'],
    ['the outermost characters that are allowed', ' !#[]~', ' !#[]~'],
  ])('has a description in the characters of RFC 6749 §5.2: %s', (_what, description, expected) => {
    const refusal = new OAuthError('invalid_grant', description);
    expect([refusal.error_description, refusal.message]).toEqual([expected, description]);
  });

  it('has a description whatever it is given', () => {
    expect(new OAuthError('invalid_grant', 7 as never).error_description).toBe('7');
  });

  it.each(['', 'say "no"', 'a\\b', 'ü', undefined])('refuses %p as the error', (error) => {
    expect(() => new OAuthError(error as never, 'No', { status: 400 })).toThrow(
      new TypeError(`OAuthError: write one of ${Object.keys(ERROR_STATUS).join(', ')} as the error`),
    );
  });

  it.each(['invalid_token', 'Invalid_Grant', 'constructor', '__proto__', 'toString'])(
    'takes the code %s of another RFC or of the host, with a status of its own',
    (error) => {
      expect(new OAuthError(error, 'No', { status: 403 })).toMatchObject({ error, status: 403 });
      expect(() => new OAuthError(error as never, 'No')).toThrow(
        new TypeError(`OAuthError: ${error} needs a status: write { status }, a whole number from 400 to 499`),
      );
    },
  );

  it.each([200, 302, 399, 500, 503, 400.5, Number.NaN, '403'])('refuses the status %p', (status) => {
    expect(() => new OAuthError('invalid_grant', 'No', { status: status as number })).toThrow(
      new TypeError('OAuthError: leave the status of invalid_grant out, or write a whole number from 400 to 499'),
    );
  });

  it.each([400, 499])('takes the status %i', (status) => {
    expect(new OAuthError('invalid_grant', 'No', { status }).status).toBe(status);
  });

  it.each(FIXED_STATUS)('refuses a status for %s', (error) => {
    expect(() => new OAuthError(error, 'No', { status: 400 })).toThrow(`leave the status of ${error} out`);
  });

  it.each([
    'Access-Control-Allow-Origin',
    'access-control-expose-headers',
    'Cache-Control',
    'Connection',
    'Content-Type',
    'CONTENT-LENGTH',
    'ETag',
    'Pragma',
    'Transfer-Encoding',
    'Vary',
    'WWW-Authenticate',
  ])('refuses the field %s, which is the endpoint’s', (name) => {
    expect(() => new OAuthError('invalid_grant', 'No', { headers: { [name]: 'x' } })).toThrow(
      new TypeError(`OAuthError: ${name} is set by the endpoint, leave it out`),
    );
  });

  it.each(['DPoP-Nonce', 'Retry-After', 'X-Cache-Control', 'Pragma-Like', 'Set-Cookie'])(
    'takes the field %s',
    (name) => {
      expect(new OAuthError('invalid_grant', 'No', { headers: { [name]: 'x' } }).headers).toEqual({ [name]: 'x' });
    },
  );

  it.each([
    ['a name with a space', { 'X A': 'b' }, 'must be a valid HTTP token'],
    ['an empty name', { '': 'b' }, 'must be a valid HTTP token'],
    ['a value with a line break', { 'X-A': 'b\r\nSet-Cookie: c' }, 'Invalid character in header content'],
    ['a value that is undefined', { 'X-A': undefined as never }, 'Invalid value'],
  ])('refuses %s among the fields', (_what, headers, message) => {
    expect(() => new OAuthError('invalid_grant', 'No', { headers })).toThrow(message);
  });
});

describe('fault', () => {
  it('has one fixed sentence for the client, and what was thrown for the observer', () => {
    const cause = new Error('SECRET');
    expect(fault('unexpected', cause)).toMatchObject({
      error: 'server_error',
      error_description: 'The authorization server met an unexpected condition',
      reason: 'unexpected',
      cause,
    });
  });
});

describe('An OAuthError of an adapter is the answer', () => {
  it.each(Object.entries(ERROR_STATUS) as [OAuthErrorCode, number][])('%s with %i', async (error, status) => {
    const endpoint = refusing(new OAuthError(error, 'The adapter says no', { reason: 'my_reason' }));
    expectRefusal(await endpoint.post(), endpoint, {
      status,
      error,
      description: 'The adapter says no',
      reason: 'my_reason',
    });
    expect(endpoint.outcomes[0]?.outcome).toBe(status >= 500 ? 'failed' : 'refused');
    expect(endpoint.calls).toEqual([]);
  });

  it('with its own status, which counts before the one of errorStatus', async () => {
    const endpoint = refusing(new OAuthError('invalid_grant', 'No', { status: 418 }), {
      errorStatus: { invalid_grant: 403 },
    });
    expectRefusal(await endpoint.post(), endpoint, { status: 418, error: 'invalid_grant', reason: 'adapter_refused' });
  });

  it('with its fields', async () => {
    const refusal = new OAuthError('use_dpop_nonce', 'Use this nonce', { headers: { 'DPoP-Nonce': 'next' } });
    const endpoint = refusing(refusal);
    const answer = await endpoint.post();
    expectRefusal(answer, endpoint, { error: 'use_dpop_nonce', reason: 'adapter_refused' });
    expect([answer.headers['dpop-nonce'], answer.headers['www-authenticate']]).toEqual(['next', undefined]);
  });

  it('and leaves the code as it was', async () => {
    let isBlocked = true;
    const endpoint = createEndpoint({
      verifyDpop: async () => {
        if (isBlocked) throw new OAuthError('invalid_dpop_proof', 'No');
        return { jkt: 'a key' };
      },
      tokenEndpoint: 'https://auth.example/oauth/token',
    });
    expectRefusal(await endpoint.post().set('DPoP', 'x'), endpoint, {
      error: 'invalid_dpop_proof',
      reason: 'adapter_refused',
    });
    isBlocked = false;
    await expectRedeemable(endpoint);
  });
});
