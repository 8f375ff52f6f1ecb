import { OAuthError, type OAuthErrorCode } from '../lib';
import { ERROR_STATUS, FIXED_STATUS, fault, isOAuthError, toOAuthError } from '../lib/errors';
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

  it('has a description whatever it is given, and never an empty one (RFC 6749, appendix A.8)', () => {
    const describing = (description: unknown) => new OAuthError('invalid_grant', description as string);
    expect(describing(7).error_description).toBe('7');
    expect(describing('').error_description).toBe('invalid_grant');
    expect(describing(undefined).error_description).toBe('invalid_grant');
    expect(describing('x'.repeat(5000)).error_description).toBe('x'.repeat(1000));
  });

  it('takes null for everything that may be left out', () => {
    const options = { reason: null, headers: null, status: null, members: null, counts: null };
    const refusal = new OAuthError('invalid_grant', 'No', options as never);
    expect({ ...refusal }).toEqual({ ...new OAuthError('invalid_grant', 'No') });
  });

  it.each(['', 7, {}, Symbol('x')])('refuses the reason %p', (reason) => {
    expect(() => new OAuthError('invalid_grant', 'No', { reason: reason as string })).toThrow(
      /^OAuthError: reason is (?:an empty string|7|an empty object|a symbol)\. Write a word for the operator\.$/,
    );
  });

  it.each([0, 'false', {}])('refuses %p for counts', (counts) => {
    expect(() => new OAuthError('invalid_grant', 'No', { counts: counts as boolean })).toThrow(
      /^OAuthError: counts is (?:0|a string of 5 characters|an empty object)\. Write true or false\.$/,
    );
  });

  it.each([
    ['invalid_grant', undefined, true],
    ['invalid_grant', false, false],
    ['authorization_pending', undefined, false],
    ['slow_down', undefined, false],
    ['use_dpop_nonce', undefined, false],
    ['use_dpop_nonce', true, true],
    ['too_many_requests', undefined, false],
    ['server_error', undefined, false],
    ['temporarily_unavailable', undefined, false],
    ['invalid_client', undefined, true],
    ['invalid_dpop_proof', undefined, true],
    ['expired_token', undefined, true],
  ] as const)('%s with counts: %p counts: %p', (error, counts, expected) => {
    expect(new OAuthError(error, 'No', counts === undefined ? {} : { counts }).counts).toBe(expected);
  });

  it.each([
    ['', "''"],
    ['say "no"', `'say "no"'`],
    ['a\\b', "'a\\b'"],
    ['ü', "'ü'"],
    [undefined, 'undefined'],
    [7, '7'],
    [['invalid_grant'], 'an array of 1'],
    ['x'.repeat(101), `'${'x'.repeat(60)}…'`],
  ])('refuses %p as the error', (error, received) => {
    expect(() => new OAuthError(error as never, 'No', { status: 400 })).toThrow(
      new TypeError(
        `OAuthError: error is ${received}. Write one of ${Object.keys(ERROR_STATUS).join(', ')}, or a code of your own.`,
      ),
    );
  });

  it.each(['invalid_token', 'Invalid_Grant', 'constructor', '__proto__', 'toString', 'x'.repeat(100), ' !#[]~'])(
    'takes the code %s of another RFC or of the host, with a status of its own',
    (error) => {
      expect(new OAuthError(error, 'No', { status: 403 })).toMatchObject({ error, status: 403 });
      expect(() => new OAuthError(error as never, 'No')).toThrow(
        new TypeError(
          `OAuthError: status is missing, and ${error} has no default. Write { status }, a whole number from 400 to 499.`,
        ),
      );
    },
  );

  it.each([200, 302, 399, 500, 503, 400.5, Number.NaN])('refuses the status %p', (status) => {
    expect(() => new OAuthError('invalid_grant', 'No', { status })).toThrow(
      new TypeError(`OAuthError: status is ${status}. Write a whole number from 400 to 499.`),
    );
  });

  it('refuses a status that is a string', () => {
    expect(() => new OAuthError('invalid_grant', 'No', { status: '403' as never })).toThrow("status is '403'. Write");
  });

  it.each([400, 499])('takes the status %i', (status) => {
    expect(new OAuthError('invalid_grant', 'No', { status }).status).toBe(status);
  });

  it.each(FIXED_STATUS)('refuses a status for %s', (error) => {
    expect(() => new OAuthError(error, 'No', { status: 400 })).toThrow(
      new TypeError(`OAuthError: status is 400. Leave it out: clients rely on the one of ${error}.`),
    );
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
      new TypeError(`OAuthError: headers.${name} is set by the endpoint. Leave it out.`),
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

describe('errorStatus counts for', () => {
  it.each(['mfa_required', 'access_denied', 'authorization_pending', 'expired_token', 'invalid_target'] as const)(
    '%s, which has a status of its own otherwise',
    async (error) => {
      const endpoint = refusing(new OAuthError(error, 'No'), { errorStatus: { [error]: 418 } });
      expectRefusal(await endpoint.post(), endpoint, { status: 418, error, reason: 'adapter_refused' });
    },
  );

  it('no code of the host’s, which brings its own', async () => {
    const endpoint = refusing(new OAuthError('tenant_suspended', 'No', { status: 402 }));
    expectRefusal(await endpoint.post(), endpoint, {
      status: 402,
      error: 'tenant_suspended',
      reason: 'adapter_refused',
    });
  });
});

describe('An OAuthError of this copy of the package', () => {
  it('is taken as it is, not copied', () => {
    const refusal = new OAuthError('invalid_grant', 'No');
    expect(toOAuthError(refusal)).toBe(refusal);
    expect(isOAuthError(refusal)).toBe(true);
  });

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a text', 'invalid_grant'],
    ['an error', new Error('no')],
    ['an object with its members', { ...new OAuthError('invalid_grant', 'No') }],
  ])('is not %s', (_what, thrown) => {
    expect([isOAuthError(thrown), toOAuthError(thrown)]).toEqual([false, undefined]);
  });

  it('is no Proxy that is revoked', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(isOAuthError(proxy)).toBe(false);
  });
});

describe('An OAuthError of another copy of the package', () => {
  type Copy = typeof import('../lib');
  let other: Copy;
  beforeAll(() => {
    // Loaded a second time, so it has classes of its own.
    jest.isolateModules(() => {
      other = require('../lib');
    });
  });

  it('is of another class', () => {
    const refusal = new other.OAuthError('invalid_grant', 'No');
    expect(refusal).not.toBeInstanceOf(OAuthError);
    expect(isOAuthError(refusal)).toBe(true);
  });

  it('is the answer, with all that it carries', async () => {
    const cause = new Error('row 7 is locked');
    const refusal = new other.OAuthError('mfa_required', 'Say "yes"', {
      reason: 'mfa',
      status: 401,
      headers: { 'X-Mfa': 'otp' },
      members: { mfa_token: 'a token' },
      cause,
    });
    const endpoint = createEndpoint({ authenticateClient: () => Promise.reject(refusal) });
    const answer = await endpoint.post();
    expect([answer.status, answer.headers['x-mfa'], answer.body]).toEqual([
      401,
      'otp',
      { error: 'mfa_required', error_description: 'Say ?yes?', mfa_token: 'a token' },
    ]);
    expect(endpoint.outcomes).toMatchObject([{ outcome: 'refused', reason: 'mfa', status: 401, cause }]);
  });

  it.each([
    ['findCode', { findCode: 1 }],
    ['verifyDpop', { verifyDpop: 1, tokenEndpoint: 'https://auth.example/oauth/token' }],
    ['consumeCode', { consumeCode: 1 }],
    ['issueTokens', { issueTokens: 1 }],
  ])('is the answer wherever it is thrown: in %s', async (name, options) => {
    const refusal = new other.OAuthError('access_denied', 'No', { reason: 'blocked' });
    const endpoint = createEndpoint({ ...options, [name]: () => Promise.reject(refusal) } as object);
    const answer = await endpoint.post().set('DPoP', 'x');
    expectRefusal(answer, endpoint, { error: 'access_denied', description: 'No', reason: 'blocked' });
  });

  it.each([
    ['temporarily_unavailable', 503],
    ['server_error', 500],
  ] as const)('is a fault of the server’s where it says so, and the observer gets it: %s', async (error, status) => {
    const refusal = new other.OAuthError(error, 'Later', { headers: { 'Retry-After': '7' } });
    const endpoint = refusing(refusal as OAuthError);
    const answer = await endpoint.post();
    expect([answer.status, answer.headers['retry-after']]).toEqual([status, '7']);
    expect(endpoint.outcomes[0]).toMatchObject({ outcome: 'failed', status });
    expect(endpoint.outcomes[0]?.fault).toBe(refusal);
  });

  it('has no cause where it had none', async () => {
    const refusal = new other.OAuthError('access_denied', 'No') as OAuthError;
    const endpoint = refusing(refusal);
    await endpoint.post();
    expect(endpoint.outcomes[0]).not.toHaveProperty('cause');
    expect(toOAuthError(refusal)).not.toHaveProperty('cause');
  });

  const MARK = Symbol.for('express-token-router.OAuthError');
  const claim = (members: object) => Object.assign(new Error('x'), { [MARK]: true }, members);
  const no = (): never => {
    throw new Error('no');
  };
  it.each<[string, () => unknown]>([
    ['a success for a status', () => claim({ error: 'invalid_grant', error_description: 'x', status: 200 })],
    ['a code that nobody can read', () => claim({ error: 'a\r\nb', error_description: 'x', status: 400 })],
    ['no code', () => claim({ error_description: 'x' })],
    ['a field with a line break', () => claim({ error: 'invalid_grant', headers: { 'X-A': 'b\r\nSet-Cookie: c' } })],
    ['a field of the endpoint’s', () => claim({ error: 'invalid_grant', headers: { 'Content-Length': '0' } })],
    ['an access token', () => claim({ error: 'invalid_grant', members: { access_token: 'x' } })],
    ['a member that cannot be sent', () => claim({ error: 'invalid_grant', members: { a: 1n } })],
    ['a getter that throws', () => Object.defineProperty(claim({}), 'error', { get: no })],
    ['a description that throws', () => claim({ error: 'invalid_grant', error_description: { toString: no } })],
    ['a new code of a newer version', () => claim({ error: 'invalid_future', error_description: 'x' })],
    ['nothing but the mark', () => ({ [MARK]: true })],
  ])('is checked as the constructor does, and a fault where it cannot be sent: %s', async (_what, create) => {
    const endpoint = createEndpoint({ findCode: () => Promise.reject(create()) });
    expectRefusal(await endpoint.post(), endpoint, { status: 500, error: 'server_error', reason: 'unexpected' });
    expect(String(endpoint.outcomes[0]?.fault)).toMatch(/OAuthError of another copy .* cannot be sent/);
    expect(endpoint.outcomes[0]?.fault).toHaveProperty('cause');
  });
});

describe('An OAuthError of a class of the host’s', () => {
  it('is the answer', async () => {
    class Blocked extends OAuthError {
      constructor() {
        super('access_denied', 'The account is blocked', { reason: 'blocked' });
      }
    }
    const endpoint = refusing(new Blocked());
    expectRefusal(await endpoint.post(), endpoint, {
      error: 'access_denied',
      description: 'The account is blocked',
      reason: 'blocked',
    });
  });

  it.each<[string, unknown]>([
    [
      'with a success for a status',
      new (class extends OAuthError {
        override status = 200;
      })('access_denied', 'No'),
    ],
    ['that no constructor made', Object.create(OAuthError.prototype)],
  ])('is a fault where it cannot be sent: %s', async (_what, thrown) => {
    const endpoint = createEndpoint({ findCode: () => Promise.reject(thrown) });
    expectRefusal(await endpoint.post(), endpoint, { status: 500, error: 'server_error', reason: 'unexpected' });
  });
});

describe('Whatever else an adapter throws is a fault', () => {
  const revoked = () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  };
  const hostile = new Proxy(
    {},
    {
      getPrototypeOf: () => {
        throw new Error('no');
      },
      get: () => {
        throw new Error('no');
      },
    },
  );
  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a string', 'access_denied'],
    ["'router', which means something to Express", 'router'],
    ["'route'", 'route'],
    ['a number', 403],
    ['a symbol', Symbol('no')],
    ['a function', () => {}],
    ['an object', { error: 'access_denied', status: 403 }],
    ['an error with a status', Object.assign(new Error('no'), { status: 403, statusCode: 403, expose: true })],
    ['a Proxy whose traps throw', hostile],
    ['a Proxy that is revoked', revoked()],
  ])('%s', async (_what, thrown) => {
    for (const fail of [
      () => Promise.reject(thrown),
      () => {
        throw thrown;
      },
    ]) {
      const endpoint = createEndpoint({ findCode: fail });
      expectRefusal(await endpoint.post(), endpoint, {
        status: 500,
        error: 'server_error',
        reason: 'find_code_failed',
      });
      expect(endpoint.outcomes[0]).toMatchObject({ outcome: 'failed', status: 500 });
      expect(endpoint.outcomes[0]).toHaveProperty('fault');
      if (thrown !== undefined) expect(Object.is(endpoint.outcomes[0]?.fault, thrown)).toBe(true);
    }
  });

  it('as is a refusal whose causes go round', async () => {
    const first = new OAuthError('server_error', 'No');
    first.cause = new OAuthError('server_error', 'No', { cause: first });
    const endpoint = createEndpoint({ findCode: () => Promise.reject(first) });
    expectRefusal(await endpoint.post(), endpoint, { status: 500, error: 'server_error', reason: 'adapter_refused' });
    expect(isOAuthError(endpoint.outcomes[0]?.fault)).toBe(true);
  });
});
