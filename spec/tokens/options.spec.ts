import { memoryRefreshTokens, memoryStore } from '../../lib/stores/memory';
import { createTokenIssuer } from '../../lib/tokens';
import { EC, goodApi, goodOptions, RSA } from '../support/issuer';

const mistakesOf = (options: unknown): string => {
  try {
    createTokenIssuer(options as never);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(TypeError);
    return (thrown as TypeError).message;
  }
  return '';
};
const linesOf = (options: unknown) =>
  mistakesOf(options)
    .replace(/^createTokenIssuer:\s+/, '')
    .split('\n  ');
const changed = (change: Record<string, unknown>) => ({ ...goodOptions(), ...change });
const withApi = (change: Record<string, unknown>) => changed({ apis: [{ ...goodApi(), ...change }] });
const withSecondApi = (change: Record<string, unknown>) => {
  const first = { ...goodApi(), allowOfflineAccess: false };
  return changed({ apis: [first, { ...first, identifier: 'urn:second', ...change }] });
};

/** The functions, and what a mistake says that each is. */
const FUNCTIONS = {
  users: 'a function: (exchange, req) => the standard claims of the user, or null',
  claims: 'a function: (exchange, token, req) => an object of claims',
  clientClaims: 'a function: (exchange, req) => an object of claims',
  onClaimRefused: 'a function: ({ claim, token, reason }, req) => nothing',
  saveRefreshToken: 'a function: (refreshToken, record, req) => saves it',
  saveAccessToken: 'a function: (accessToken, record, req) => saves it',
  isRevoked: "a function: (exchange, req) => true, false or 'unknown'",
  isConfidential: 'a function that answers at once: (client) => true or false',
};
const LIFETIMES = ['idTokenLifetime', 'refreshTokenIdleLifetime', 'refreshTokenLifetime'];

describe('createTokenIssuer', () => {
  const exchange = (audience: string | null) =>
    ({
      code: { clientId: 'spa', userId: 'u', audience, nonce: null, scope: 'offline_access', grantId: 'g' },
      client: { clientId: 'spa' },
      confirmation: undefined,
    }) as never;
  const issue = (options: unknown, audience: string | null = null) =>
    createTokenIssuer(options as never).issueTokens(exchange(audience), {} as never);

  it('takes an object of a class, its methods included', async () => {
    const calls: string[] = [];
    class Host {
      issuer = goodOptions().issuer;
      keys = goodOptions().keys;
      apis = [goodApi()];
      users() {
        calls.push('users');
        return {};
      }
      saveRefreshToken() {
        calls.push('saveRefreshToken');
      }
      isRevoked() {
        calls.push('isRevoked');
        return true;
      }
    }
    await expect(issue(new Host())).rejects.toMatchObject({ reason: 'grant_revoked' });
    expect(calls).toEqual(['users', 'saveRefreshToken', 'isRevoked']);
  });

  it('takes an API of a class, what it inherits included', async () => {
    const { allowOfflineAccess, ...own } = goodApi();
    const api = Object.assign(Object.create({ allowOfflineAccess, accessToken: 'opaque' }), own);
    const tokens = await issue(changed({ apis: [api], saveAccessToken() {} }));
    expect(tokens).toMatchObject({ access_token: expect.stringMatching(/^[\w-]{43}$/), scope: 'offline_access' });
    expect(tokens.refresh_token).toBeDefined();
  });

  it.each([null, goodApi().identifier])('works with the APIs as they were checked: audience %j', async (audience) => {
    const api = { ...goodApi(), allowOfflineAccess: false, lifetime: 60, scopes: ['a'] };
    const { issueTokens } = createTokenIssuer({ ...goodOptions(), apis: [api], saveRefreshToken: undefined });
    Object.assign(api, { allowOfflineAccess: true, lifetime: 9999 });
    api.scopes.push('b');
    const tokens = await issueTokens(exchange(audience), {} as never);
    expect([tokens.expires_in, tokens.refresh_token]).toEqual([60, undefined]);
    const other = { ...Object(exchange(audience)), code: { ...Object(exchange(audience)).code, scope: 'b' } };
    await expect(issueTokens(other, {} as never)).rejects.toThrow('The scope b was granted');
  });
});

describe('createTokenIssuer takes', () => {
  it.each<[string, unknown]>([
    ['the good options', goodOptions()],
    ['an issuer without a slash at the end', changed({ issuer: 'https://auth.example' })],
    ['an issuer with a path', changed({ issuer: 'https://auth.example/tenant' })],
    ['an issuer that is a function', changed({ issuer: () => 'https://auth.example/tenant' })],
    ['an issuer on this machine', changed({ issuer: 'http://localhost:3000' })],
    ['an API without scopes', withApi({ scopes: [] })],
    [
      'an API without offline access, and no saveRefreshToken',
      { ...withApi({ allowOfflineAccess: false }), saveRefreshToken: undefined },
    ],
    ['opaque access tokens', { ...withApi({ accessToken: 'opaque' }), saveAccessToken: () => {} }],
    ['an API that says nothing of offline access', withApi({ allowOfflineAccess: undefined })],
    ['JWTs by name', withApi({ accessToken: 'jwt', typ: 'at+jwt', alg: 'ES256' })],
    ['an API whose tokens live for a second', withApi({ lifetime: 1 })],
    ['an API whose tokens live for a hundred years', withApi({ lifetime: 3_153_600_000 })],
    ['a store in place of saveRefreshToken', changed({ store: memoryStore(), saveRefreshToken: undefined })],
    ['the longest signingTimeout', changed({ signingTimeout: 9500 })],
    ['the shortest signingTimeout', changed({ signingTimeout: 1 })],
    ...LIFETIMES.flatMap((name): [string, unknown][] => [
      [`${name} of a second`, changed({ [name]: 1 })],
      [`${name} of a hundred years`, changed({ [name]: 3_153_600_000 })],
    ]),
    ...[...Object.keys(FUNCTIONS), ...LIFETIMES, 'signingTimeout', 'store']
      .filter((name) => name !== 'saveRefreshToken')
      .map((name): [string, unknown] => [`${name}: undefined`, changed({ [name]: undefined })]),
  ])('%s', (_what, options) => {
    expect(mistakesOf(options)).toBe('');
  });
});

describe('createTokenIssuer refuses', () => {
  const SECONDS = 'a whole number of seconds from 1 to 3153600000';
  const ISSUER_HINT =
    'Write an http(s) URL without a query and a fragment, or a function that answers at once: (exchange) => that URL.';
  const APIS_HINT =
    "Write an array of one or more { identifier: 'https://api.example/', lifetime: 600, scopes: ['read:notes'] }.";

  const API_HINT = APIS_HINT.replace('an array of one or more ', '');
  const SCOPE =
    'a scope of this API: printable ASCII without a space, a quote and a backslash, and none of OpenID Connect';

  it.each<[string, unknown, string]>([
    ['no options', undefined, 'options is undefined. Write { issuer, keys, apis }.'],
    ['null', null, 'options is null. Write { issuer, keys, apis }.'],
    ['a text for options', 'auth.example', "options is 'auth.example'. Write { issuer, keys, apis }."],
    ['no issuer', changed({ issuer: undefined }), `issuer is undefined. ${ISSUER_HINT}`],
    ...[
      ...['auth.example', '/auth', 'ftp://auth.example', 'https://', 'https://auth.example?a=b'],
      ...['https://auth.example#a', 'https://auth.example/a b', 'https://[auth', ' https://auth.example', ''],
      ...['https://auth.example\\tenant', 'https://auth.ex\u00e4mple'],
    ].map((issuer): [string, unknown, string] => [
      `issuer: ${JSON.stringify(issuer)}`,
      changed({ issuer }),
      `issuer is '${issuer}'. ${ISSUER_HINT}`,
    ]),
    ['an issuer that is a number', changed({ issuer: 7 }), `issuer is 7. ${ISSUER_HINT}`],
    ...Object.entries(FUNCTIONS).map(([name, usage]): [string, unknown, string] => [
      `${name} that is no function`,
      changed({ [name]: true }),
      `${name} is true. Write ${usage}.`,
    ]),
    ...LIFETIMES.flatMap((name) =>
      [0, 1.5, 3_153_600_001].map((value): [string, unknown, string] => [
        `${name}: ${value}`,
        changed({ [name]: value }),
        `${name} is ${value}. Write ${SECONDS}.`,
      ]),
    ),
    ['a lifetime as text', changed({ idTokenLifetime: '60' }), `idTokenLifetime is '60'. Write ${SECONDS}.`],
    ...[0, 1.5, 9501, '2500'].map((value): [string, unknown, string] => [
      `signingTimeout: ${JSON.stringify(value)}`,
      changed({ signingTimeout: value }),
      `signingTimeout is ${typeof value === 'string' ? `'${value}'` : value}. Write a whole number of milliseconds from 1 to 9500.`,
    ]),
    [
      'an option that is none',
      changed({ audience: 'x' }),
      'audience does not exist. These exist: issuer, keys, apis, users, claims, clientClaims, onClaimRefused, store, ' +
        'saveRefreshToken, saveAccessToken, isRevoked, isConfidential, idTokenLifetime, refreshTokenIdleLifetime, ' +
        'refreshTokenLifetime, signingTimeout.',
    ],
    [
      'a store that was not called',
      changed({ store: memoryStore }),
      'store is the function memoryStore. Call it: store: memoryStore().',
    ],
    [
      'a part of a store that was not called',
      changed({ saveRefreshToken: memoryRefreshTokens }),
      'saveRefreshToken is the function memoryRefreshTokens. Call it: saveRefreshToken: memoryRefreshTokens().saveRefreshToken.',
    ],
    [
      'an issuer that answers later',
      changed({ issuer: async () => 'https://auth.example' }),
      `issuer is the async function issuer. ${ISSUER_HINT}`,
    ],
    ['no apis', changed({ apis: undefined }), `apis is undefined. ${APIS_HINT}`],
    ['a misspelt option', changed({ isrevoked: () => false }), 'isrevoked does not exist. Did you mean isRevoked?'],
    ['an empty array of apis', changed({ apis: [] }), `apis is an empty array. ${APIS_HINT}`],
    [
      'one API without an array',
      changed({ apis: goodApi() }),
      `apis is an object with identifier, lifetime, scopes, allowOfflineAccess. ${APIS_HINT}`,
    ],
    ['apis as JSON', changed({ apis: '[]' }), `apis is '[]'. ${APIS_HINT}`],
    ['an API that is null', changed({ apis: [goodApi(), null] }), `apis[1] is null. ${API_HINT}`],
    [
      'an API that is a text',
      changed({ apis: ['https://api.example/'] }),
      `apis[0] is 'https://api.example/'. ${API_HINT}`,
    ],
  ])('%s', (_what, options, line) => {
    expect(linesOf(options)).toEqual([line]);
  });

  it.each<[Record<string, unknown>, string]>([
    [{ identifier: undefined }, 'apis[1].identifier is undefined. Write the aud of its access tokens, a string.'],
    [{ identifier: '' }, "apis[1].identifier is ''. Write the aud of its access tokens, a string."],
    [{ lifetime: undefined }, `apis[1].lifetime is undefined. Write ${SECONDS}.`],
    [{ lifetime: 0 }, `apis[1].lifetime is 0. Write ${SECONDS}.`],
    [{ lifetime: 1.5 }, `apis[1].lifetime is 1.5. Write ${SECONDS}.`],
    [{ lifetime: '600' }, `apis[1].lifetime is '600'. Write ${SECONDS}.`],
    [{ lifetime: 3_153_600_001 }, `apis[1].lifetime is 3153600001. Write ${SECONDS}.`],
    [{ scopes: undefined }, "apis[1].scopes is undefined. Write an array of scopes such as ['read:notes']."],
    [{ scopes: 'read:notes' }, "apis[1].scopes is 'read:notes'. Write an array of scopes such as ['read:notes']."],
    ...['', 'read notes', 'a"b', 'a\\b', 'ä', 'openid', 'profile', 'email', 'address', 'phone', 'offline_access'].map(
      (scope): [Record<string, unknown>, string] => [
        { scopes: ['read:notes', scope] },
        `apis[1].scopes[1] is '${scope}'. Write ${SCOPE}.`,
      ],
    ),
    [{ scopes: [null] }, `apis[1].scopes[0] is null. Write ${SCOPE}.`],
    [{ allowOfflineAccess: 'yes' }, "apis[1].allowOfflineAccess is 'yes'. Write true or false."],
    [{ allowOfflineAccess: null }, 'apis[1].allowOfflineAccess is null. Write true or false.'],
    [{ accessToken: 'reference' }, "apis[1].accessToken is 'reference'. Write 'jwt' or 'opaque'."],
    [{ typ: 'jwt' }, "apis[1].typ is 'jwt'. Write 'at+jwt' or 'JWT'."],
    [{ typ: 'dpop+jwt' }, "apis[1].typ is 'dpop+jwt'. Write 'at+jwt' or 'JWT'."],
    [{ alg: 'HS256' }, "apis[1].alg is 'HS256'. Write one of RS256, PS256, ES256, ES384, EdDSA."],
    [{ alg: 'none' }, "apis[1].alg is 'none'. Write one of RS256, PS256, ES256, ES384, EdDSA."],
    [{ alg: 'ES384' }, 'keys has no key of ES384, which an API asks for. Add one.'],
    [{ lifetme: 600 }, 'apis[1].lifetme does not exist. Did you mean lifetime?'],
    [
      { audience: 'x' },
      'apis[1].audience does not exist. These exist: identifier, lifetime, scopes, allowOfflineAccess, accessToken, ' +
        'typ, alg.',
    ],
    [{ identifier: 'https://API.example' }, 'apis[1].identifier names the same API as apis[0].identifier. Change one.'],
    [
      { accessToken: 'opaque', alg: 'ES256' },
      'apis[1] has opaque access tokens, and typ and alg are for JWTs. Leave them out.',
    ],
    [
      { accessToken: 'opaque', typ: 'JWT' },
      'apis[1] has opaque access tokens, and typ and alg are for JWTs. Leave them out.',
    ],
    [
      { allowOfflineAccess: true },
      `saveRefreshToken is undefined. apis[1].allowOfflineAccess needs it. Write ${FUNCTIONS.saveRefreshToken}.`,
    ],
    [
      { accessToken: 'opaque' },
      `saveAccessToken is undefined. apis[1].accessToken needs it. Write ${FUNCTIONS.saveAccessToken}.`,
    ],
  ])('an API with %j, with its path, what was received, and what to write', (change, line) => {
    const isOpaqueFormat = 'accessToken' in change && Object.keys(change).length > 1;
    const more = { saveRefreshToken: undefined, ...(isOpaqueFormat && { saveAccessToken: () => {} }) };
    expect(linesOf({ ...withSecondApi(change), ...more })).toEqual([line]);
  });

  it.each<[string, (store: Record<string, unknown>) => unknown, string]>([
    ['that is none', () => ({}), 'store is an empty object.'],
    ['that is a text', () => 'redis', "store is 'redis'."],
    ...['saveCode', 'saveRefreshToken', 'extendRefreshToken', 'findGrant', 'keepGrantsFor'].flatMap(
      (name): [string, (store: Record<string, unknown>) => unknown, string][] => [
        [`without ${name}`, ({ [name]: _gone, ...store }) => store, 'store is an object with '],
        [`whose ${name} is no function`, (store) => ({ ...store, [name]: {} }), 'store is an object with '],
      ],
    ),
  ])('a store %s', (_what, change, received) => {
    const options = changed({ store: change({ ...memoryStore() }), saveRefreshToken: undefined });
    const [line = '', ...more] = linesOf(options);
    expect(line.slice(0, received.length)).toBe(received);
    expect(line).toContain('. Write memoryStore(), redisStore({ sendCommand }) or postgresStore({ query }).');
    expect(more).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    [
      'no saveRefreshToken for the first of apis',
      changed({ saveRefreshToken: undefined }),
      `saveRefreshToken is undefined. apis[0].allowOfflineAccess needs it. Write ${FUNCTIONS.saveRefreshToken}.`,
    ],
    [
      'no saveAccessToken for the first of apis',
      withApi({ accessToken: 'opaque' }),
      `saveAccessToken is undefined. apis[0].accessToken needs it. Write ${FUNCTIONS.saveAccessToken}.`,
    ],
    [
      'no saveAccessToken, which a store does not have',
      { ...withApi({ accessToken: 'opaque' }), store: memoryStore(), saveRefreshToken: undefined },
      `saveAccessToken is undefined. apis[0].accessToken needs it. Write ${FUNCTIONS.saveAccessToken}.`,
    ],
  ])('%s', (_what, options, line) => {
    expect(linesOf(options)).toEqual([line]);
  });

  it.each(['saveRefreshToken', 'isRevoked'])('%s beside a store, which has one', (name) => {
    const options = changed({ store: memoryStore(), saveRefreshToken: undefined, [name]: () => false });
    expect(linesOf(options)).toEqual([`${name} is the function ${name}. The store has it. Leave it out.`]);
  });

  it('all mistakes, each once and one line each', () => {
    const lines = linesOf({ issuer: 'x', keys: [], apis: [{}], users: 1, more: 1 });
    expect(lines.map((line) => line.split(' ')[0])).toEqual([
      ...['issuer', 'apis[0].identifier', 'apis[0].lifetime', 'apis[0].scopes', 'users', 'more', 'keys'],
    ]);
  });

  it('algorithms that a rotation would take away', () => {
    const { rotateKeys } = createTokenIssuer({
      ...goodOptions(),
      keys: [{ privateKey: RSA.privateKey }, { privateKey: EC.privateKey }],
      apis: [{ ...goodApi(), alg: 'ES256' }],
    });
    expect(() => rotateKeys([{ privateKey: RSA.privateKey }])).toThrow(
      new TypeError('createTokenIssuer: keys has no key of ES256, which an API asks for. Add one.'),
    );
  });
});
