import { createRevocationRouter } from '../../lib/endpoints';
import { mistakesOf, mistakesOfRefresh, nothing } from './support';

const HERE = { tokenEndpoint: 'https://auth.example/oauth/token' };

describe('A wrong adapter is told', () => {
  it.each<[string, string]>([
    ['findCode', '(code, req) => the record, or null'],
    ['consumeCode', '(code, req) => true for exactly one call, false for all others'],
    ['issueTokens', '({ code, client, confirmation }, req) => { access_token, expires_in }'],
    ['revokeTokens', '(record, req) => revokes what was issued for it'],
    ['authenticateClient', '(credentials, req) => the client, or null'],
    ['verifyDpop', '({ proof, htm, htu }, req) => { jkt }'],
    ['onOutcome', '(outcome, req) => nothing'],
  ])('what %s gets and returns', (name, usage) => {
    expect(mistakesOf({ ...HERE, [name]: 1 })).toBe(`createTokenRouter: ${name} is 1. Write a function: ${usage}.`);
  });

  it.each<[string, string]>([
    ['findRefreshToken', '(refreshToken, req) => the record, or null'],
    ['consumeRefreshToken', '(refreshToken, req) => true for exactly one call, false for all others'],
    ['revokeTokens', '(record, req) => revokes what was issued for it'],
    ['rotates', '(refreshToken, client) => true or false'],
  ])('what refresh.%s gets and returns', (name, usage) => {
    expect(mistakesOfRefresh({ [name]: 1 })).toBe(
      `createTokenRouter: refresh.${name} is 1. Write a function: ${usage}.`,
    );
  });

  it('what issueTokens of a grant gets and returns', () => {
    expect(mistakesOf({ grants: { x: { issueTokens: 1 } } })).toBe(
      'createTokenRouter: grants.x.issueTokens is 1. Write a function: ({ code, client, confirmation }, req) => { access_token, expires_in }.',
    );
  });

  it('of how many characters a string is that may be a secret', () => {
    expect(mistakesOf({ authenticateClient: 'hunter2' })).toBe(
      'createTokenRouter: authenticateClient is a string of 7 characters. Write a function: (credentials, req) => the client, or null.',
    );
    expect(mistakesOfRefresh({ rotates: 'hunter2' })).toBe(
      'createTokenRouter: refresh.rotates is a string of 7 characters. Write a function: (refreshToken, client) => true or false.',
    );
  });
});

describe('An adapter that must be there', () => {
  it.each(['findCode', 'consumeCode', 'issueTokens'])('is undefined where it was given so: %s', (name) => {
    expect(mistakesOf({ [name]: undefined })).toMatch(
      new RegExp(`^createTokenRouter: ${name} is undefined\\. Write a function: `),
    );
  });

  it('is missing where it was not given, in refresh and in a grant', () => {
    expect(mistakesOf({ refresh: { consumeRefreshToken: nothing } })).toMatch(
      /^createTokenRouter: refresh\.findRefreshToken is missing\. Write a function: /,
    );
    expect(mistakesOf({ grants: { x: {} } })).toMatch(/^createTokenRouter: grants\.x\.issueTokens is missing\. Write /);
  });

  it('is undefined where it was given so, in refresh and in a grant', () => {
    expect(mistakesOfRefresh({ findRefreshToken: undefined })).toMatch(
      /^createTokenRouter: refresh\.findRefreshToken is undefined\. Write a function: /,
    );
    expect(mistakesOf({ grants: { x: { issueTokens: undefined } } })).toMatch(
      /^createTokenRouter: grants\.x\.issueTokens is undefined\. Write /,
    );
  });
});

describe('A wrong option is told what to write', () => {
  const MS = 'Write milliseconds, a whole number above 0.';
  const COUNT = 'Write a whole number above 0.';
  it.each<[string, unknown, string, string]>([
    ['adapterTimeout', 0, '0', MS],
    ['actTimeout', 0, '0', MS],
    ['bodyTimeout', 0, '0', 'Write milliseconds, a whole number from 1 to 2147483647.'],
    ['maxInFlight', 0, '0', COUNT],
    ['maxInFlightPerAddress', 0, '0', COUNT],
    ['bodyLimit', 0, '0', "Write a number of bytes above 0, or a string such as '16kb'."],
    ['requireDpop', 1, '1', 'Write true or false.'],
    ['path', '', "''", "Write a plain path such as '/oauth/token': a slash first, no parameter, no pattern."],
    [
      'allowedOrigins',
      true,
      'true',
      "Write an array of origins, such as ['https://app.example'], or (origin, req) => true or false.",
    ],
    ['errorStatus', 403, '403', 'Write error codes with their statuses, such as { invalid_grant: 403 }.'],
    [
      'tokenEndpoint',
      '/token',
      "'/token'",
      'Write the public http(s) URL of this endpoint in ASCII, without a user and a fragment, or (req) => that URL, which answers at once.',
    ],
    [
      'refresh',
      'a store',
      "'a store'",
      'Write { findRefreshToken, consumeRefreshToken, revokeTokens } of a store, not the store itself.',
    ],
    ['grants', 7, '7', 'Write grants by grant_type: { [grant_type]: { issueTokens } }.'],
  ])('%s: %j', (name, value, received, advice) => {
    expect(mistakesOf({ [name]: value })).toBe(`createTokenRouter: ${name} is ${received}. ${advice}`);
  });

  it('in refresh', () => {
    expect(mistakesOfRefresh({ leeway: -1 })).toBe(
      'createTokenRouter: refresh.leeway is -1. Write milliseconds, a whole number from 0 to 60000.',
    );
    expect(mistakesOfRefresh({ leeway: nothing })).toBe(
      'createTokenRouter: refresh.leeway is the function nothing. Write milliseconds, a whole number from 0 to 60000.',
    );
  });

  it('in grants, where a grant_type has the name of an adapter', () => {
    expect(mistakesOf({ grants: { rotates: 7 } })).toBe(
      'createTokenRouter: grants.rotates is 7. Write { issueTokens }, with or without parameters and allowPublic.',
    );
  });
});

describe('A wrong name of a parameter is told which are taken', () => {
  const OWN = [
    ...['grant_type', 'client_id', 'client_secret', 'client_assertion', 'client_assertion_type', 'code'],
    ...['code_verifier', 'redirect_uri', 'refresh_token', 'resource'],
  ].join(', ');
  const OTHERS = [
    ...['access_token', 'assertion', 'code_challenge', 'code_challenge_method', 'error', 'error_description'],
    ...['error_uri', 'expires_in', 'password', 'response_type', 'scope', 'state', 'token_type', 'username'],
  ].join(', ');
  const ADVICE = '(letters, digits, - . _), each once, and none of';

  it('by the endpoint, in parameters', () => {
    expect(mistakesOf({ parameters: ['code'] })).toBe(
      `createTokenRouter: parameters[0] is 'code'. Write an array of names of your own ${ADVICE} ${OWN}, ${OTHERS}.`,
    );
  });

  it('by the endpoint, in those of a grant, which may have the others', () => {
    const ofGrant = (name: string) => mistakesOf({ grants: { x: { issueTokens: nothing, parameters: [name] } } });
    expect(ofGrant('code')).toBe(
      `createTokenRouter: grants.x.parameters[0] is 'code'. Write an array of names of this grant ${ADVICE} ${OWN}.`,
    );
    expect(ofGrant('assertion')).toBe('');
  });
});

describe('A wrong allowPublic of a grant', () => {
  it('is told what to write', () => {
    expect(mistakesOf({ grants: { x: { issueTokens: nothing, allowPublic: 1 } } })).toBe(
      'createTokenRouter: grants.x.allowPublic is 1. Write true or false.',
    );
  });
});

describe('A number that is a string, as environment variables are,', () => {
  it.each(['adapterTimeout', 'actTimeout', 'bodyTimeout', 'maxInFlight', 'maxInFlightPerAddress'])(
    'is shown as the number to write: %s',
    (name) => {
      expect(mistakesOf({ [name]: '5' })).toBe(`createTokenRouter: ${name} is '5'. Write 5, a number.`);
    },
  );

  it('is shown as the number to write: refresh.leeway', () => {
    expect(mistakesOfRefresh({ leeway: '123456789' })).toBe(
      "createTokenRouter: refresh.leeway is '123456789'. Write 123456789, a number.",
    );
  });

  it.each([
    ['ten digits', '1234567890'],
    ['a unit', '5s'],
    ['a sign', '-5'],
    ['no digits', ''],
  ])('is no number with %s', (_what, value) => {
    expect(mistakesOf({ maxInFlight: value })).toBe(
      `createTokenRouter: maxInFlight is '${value}'. Write a whole number above 0.`,
    );
  });

  it('is no number where the option is a switch', () => {
    expect(mistakesOf({ requireDpop: '1' })).toBe("createTokenRouter: requireDpop is '1'. Write true or false.");
  });
});

describe('A promise in the place of an option', () => {
  it.each<[string, object]>([
    ['findCode', { findCode: Promise.resolve(nothing) }],
    ['path', { path: Promise.resolve('/token') }],
    ['allowedOrigins[0]', { allowedOrigins: [Promise.resolve('https://app.example')] }],
    ['refresh.findRefreshToken', { refresh: { findRefreshToken: Promise.resolve(), consumeRefreshToken: nothing } }],
    ['grants.x.issueTokens', { grants: { x: { issueTokens: Promise.resolve() } } }],
    ['rateLimit.limit', { rateLimit: { limit: Promise.resolve(5) } }],
  ])('is to be awaited: %s', (name, options) => {
    expect(mistakesOf(options)).toBe(`createTokenRouter: ${name} is a Promise. Await it.`);
  });
});

describe('An option of another endpoint is told what to write', () => {
  it.each<[string, object, string]>([
    [
      'an adapter of its own',
      { findAccessToken: 1 },
      'findAccessToken is 1. Write a function: (accessToken, req) => { grantId, expiresAt, claims }, or null.',
    ],
    [
      'an adapter that all endpoints have',
      { onOutcome: 1 },
      'onOutcome is 1. Write a function: (outcome, req) => nothing.',
    ],
    [
      'an adapter that has its name from the store',
      { findRefreshToken: 1 },
      'findRefreshToken is 1. Write a function: (refreshToken, req) => the record, or null.',
    ],
    [
      'a member of a store that is no option here',
      { isRevoked: nothing },
      'isRevoked is a member of a store, not an option. Pick { findRefreshToken, revokeGrant } of it.',
    ],
  ])('%s', (_what, options, line) => {
    const create = () =>
      createRevocationRouter({ findRefreshToken: nothing, revokeGrant: nothing, ...options } as never);
    expect(create).toThrow(new TypeError(`createRevocationRouter: ${line}`));
  });
});

describe('A member of a store that stands among the options', () => {
  const OF_STORE =
    'Spread the adapters of one store, ...store.adapters, or pick { findCode, consumeCode, revokeTokens }.';
  const MEMBERS = [
    ...['adapters', 'store', 'saveCode', 'saveRefreshToken', 'isRevoked', 'consumeJti', 'findRefreshToken'],
    ...[
      'consumeRefreshToken',
      'extendRefreshToken',
      'revokeGrant',
      'revokeUser',
      'findGrant',
      'keepGrantsFor',
      'purge',
    ],
  ];

  it.each(MEMBERS)('is told from an option: %s', (name) => {
    expect(mistakesOf({ [name]: nothing })).toBe(
      `createTokenRouter: ${name} is a member of a store, not an option. ${OF_STORE}`,
    );
  });

  it.each(MEMBERS.filter((name) => !['findRefreshToken', 'consumeRefreshToken'].includes(name)))(
    'is told from an option of refresh: %s',
    (name) => {
      expect(mistakesOfRefresh({ [name]: nothing })).toBe(
        `createTokenRouter: refresh.${name} is a member of a store, not an option. Write refresh: { findRefreshToken, consumeRefreshToken, revokeTokens }.`,
      );
    },
  );

  it('is no member of a store in the wrong place', () => {
    expect(mistakesOf({ errorStatus: { store: 403 } })).toMatch(
      /^createTokenRouter: errorStatus\.store does not exist\. These exist: invalid_request, /,
    );
    expect(mistakesOf({ rateLimit: { purge: 1 } })).toMatch(/^createTokenRouter: rateLimit\.purge does not exist\. /);
  });
});

describe('An unknown name is told which exist', () => {
  it.each<[string, object, string]>([
    ['among the options', { corsOrigins: [] }, 'corsOrigins does not exist. These exist: findCode, consumeCode, '],
    [
      'in refresh',
      { refresh: { findRefreshToken: nothing, consumeRefreshToken: nothing, lifetime: 5 } },
      'refresh.lifetime does not exist. These exist: findRefreshToken, consumeRefreshToken, revokeTokens, rotates, leeway.',
    ],
    [
      'in a grant',
      { grants: { x: { issueTokens: nothing, lifetime: 5 } } },
      'grants.x.lifetime does not exist. These exist: issueTokens, parameters, allowPublic.',
    ],
  ])('%s', (_where, options, line) => {
    expect(mistakesOf(options)).toMatch(`createTokenRouter: ${line}`);
  });
});

describe('A status of an error', () => {
  it.each([
    ['invalid_dpop_proof', 400],
    ['use_dpop_nonce', 400],
    ['too_many_requests', 429],
    ['server_error', 500],
    ['temporarily_unavailable', 503],
  ])('cannot be set where clients rely on it: %s', (error, status) => {
    expect(mistakesOf({ errorStatus: { [error]: status } })).toBe(
      `createTokenRouter: errorStatus.${error} cannot be set: clients rely on ${status}. Leave it out.`,
    );
  });

  it('is a whole number from 400 to 499', () => {
    expect(mistakesOf({ errorStatus: { invalid_grant: 500 } })).toBe(
      'createTokenRouter: errorStatus.invalid_grant is 500. Write a whole number from 400 to 499.',
    );
  });
});
