import { createTokenIssuer } from '../../lib/tokens';
import { goodApi, goodOptions } from '../support/issuer';

const mistakesOf = (options: unknown): string => {
  try {
    createTokenIssuer(options as never);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(TypeError);
    return (thrown as TypeError).message;
  }
  return '';
};
const changed = (change: Record<string, unknown>) => ({ ...goodOptions(), ...change });
const withApi = (change: Record<string, unknown>) => changed({ apis: [{ ...goodApi(), ...change }] });
const withSecondApi = (change: Record<string, unknown>) => {
  const first = { ...goodApi(), allowOfflineAccess: false };
  return changed({ apis: [first, { ...first, identifier: 'urn:second', ...change }] });
};

const FUNCTIONS = [
  'users',
  'claims',
  'onClaimRefused',
  'saveRefreshToken',
  'saveAccessToken',
  'isRevoked',
  'isConfidential',
];
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
    ['an issuer on this machine', changed({ issuer: 'http://localhost:3000' })],
    ['an API without scopes', withApi({ scopes: [] })],
    [
      'an API without offline access, and no saveRefreshToken',
      { ...withApi({ allowOfflineAccess: false }), saveRefreshToken: undefined },
    ],
    ['opaque access tokens', { ...withApi({ accessToken: 'opaque' }), saveAccessToken: () => {} }],
    ['JWTs by name', withApi({ accessToken: 'jwt' })],
    ...LIFETIMES.map((name): [string, unknown] => [`${name} of a second`, changed({ [name]: 1 })]),
    ...[...FUNCTIONS, ...LIFETIMES]
      .filter((name) => name !== 'saveRefreshToken')
      .map((name): [string, unknown] => [`${name}: undefined`, changed({ [name]: undefined })]),
  ])('%s', (_what, options) => {
    expect(mistakesOf(options)).toBe('');
  });
});

describe('createTokenIssuer refuses', () => {
  it.each<[string, unknown, string]>([
    ['no options', undefined, 'pass an object with issuer, keys and apis'],
    ['null', null, 'pass an object with issuer, keys and apis'],
    ...[
      ...[undefined, '', 'auth.example', '/auth', 'ftp://auth.example', 'https://', 'https://auth.example?a=b'],
      ...['https://auth.example#a', 'https://auth.example/a b', 'https://[auth', ' https://auth.example', 7],
    ].map((issuer): [string, unknown, string] => [
      `issuer: ${JSON.stringify(issuer)}`,
      changed({ issuer }),
      'issuer must be an http(s) URL without a query and a fragment',
    ]),
    ...[undefined, [], {}, [null], ['https://api.example/'], JSON.stringify([goodApi()])].map(
      (apis): [string, unknown, string] => [
        `apis: ${JSON.stringify(apis)}`,
        changed({ apis }),
        'apis must be an array of one or more { identifier, lifetime, scopes }',
      ],
    ),
    ...[
      { identifier: undefined },
      { identifier: '' },
      { lifetime: undefined },
      { lifetime: 0 },
      { lifetime: 1.5 },
      { lifetime: '600' },
      { lifetime: 3_153_600_001 },
      { scopes: undefined },
      { scopes: 'read:notes' },
      { scopes: [''] },
      { scopes: ['read notes'] },
      { scopes: ['a"b'] },
      { scopes: ['a\\b'] },
      ...['openid', 'profile', 'email', 'address', 'phone', 'offline_access'].map((scope) => ({ scopes: [scope] })),
      { allowOfflineAccess: 'yes' },
      { allowOfflineAccess: null },
      { accessToken: 'reference' },
      { lifetme: 600 },
    ].map((change): [string, unknown, string] => [
      `an API with ${JSON.stringify(change)}`,
      withApi(change),
      'apis must be an array of one or more { identifier, lifetime, scopes }',
    ]),
    [
      'an audience twice',
      changed({ apis: [goodApi(), goodApi()] }),
      'apis must be told apart: "https://api.example/" is there twice',
    ],
    [
      'offline access without saveRefreshToken',
      changed({ saveRefreshToken: undefined }),
      'allowOfflineAccess needs it',
    ],
    ['opaque tokens without saveAccessToken', withApi({ accessToken: 'opaque' }), 'opaque access tokens need it'],
    [
      'one API of two with offline access, without saveRefreshToken',
      { ...withSecondApi({ allowOfflineAccess: true }), saveRefreshToken: undefined },
      'allowOfflineAccess needs it',
    ],
    [
      'one API of two with opaque tokens, without saveAccessToken',
      withSecondApi({ accessToken: 'opaque' }),
      'opaque access tokens need it',
    ],
    ...FUNCTIONS.map((name): [string, unknown, string] => [
      `${name} that is no function`,
      changed({ [name]: true }),
      `${name} must be a function`,
    ]),
    ...LIFETIMES.flatMap((name) =>
      [0, 1.5, '60', 3_153_600_001].map((value): [string, unknown, string] => [
        `${name}: ${JSON.stringify(value)}`,
        changed({ [name]: value }),
        `${name} must be a whole number of seconds from 1 to 3153600000`,
      ]),
    ),
    [
      'an option that is none',
      changed({ audience: 'x' }),
      'there is no option audience: the options are issuer, keys, apis',
    ],
  ])('%s', (_what, options, message) => {
    expect(mistakesOf(options)).toMatch(/^createTokenIssuer: /);
    expect(mistakesOf(options)).toContain(message);
  });

  it('all mistakes in one sentence, each once', () => {
    const message = mistakesOf({ issuer: 'x', keys: [], apis: [{}], users: 1, more: 1 });
    const parts = message.replace('createTokenIssuer: ', '').split('; ');
    expect(parts.map((part) => part.split(' ')[0])).toEqual(['issuer', 'apis', 'users', 'there', 'keys']);
  });
});
