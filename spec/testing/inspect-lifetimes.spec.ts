import { memoryCodes, memoryStore } from '../../lib/stores/memory';
import { inspect, issuer, offline } from './inspected-host';

const api = (different: object) => ({ ...offline, ...different });
const online = api({ allowOfflineAccess: false });
const forgotten = (kept: number, longest: number) => [
  'spent_codes_forgotten',
  `Spent codes are found for ${kept} s, and tokens that come of one live ${longest} s: a replay after that revokes nothing. Write spentLifetime: ${longest * 1000}, or give the issuer the whole store.`,
];

/** What the doctor says of an issuer. */
const inspectIssuer = (options: Parameters<typeof issuer>[0], router: object = {}) =>
  inspect({ router: { issueTokens: issuer(options), ...router } });
const keeping = (spentLifetime: number) => ({ findCode: memoryCodes({ spentLifetime }).findCode });

describe('inspectTokenRouter says what contradicts itself', () => {
  it('refresh tokens that may be idle for longer than their family lives', async () => {
    expect(await inspectIssuer({ refreshTokenIdleLifetime: 86_401, refreshTokenLifetime: 86_400 })).toEqual([
      [
        'idle_lifetime_too_long',
        'refreshTokenIdleLifetime is 86401 s, and refreshTokenLifetime ends the family after 86400 s: the first one never counts. Make it the shorter one.',
      ],
    ]);
  });

  it('refresh tokens that one of two APIs allows, and that may be idle for too long', async () => {
    const apis = [online, api({ identifier: 'https://two.example/' })];
    const findings = await inspectIssuer({ apis, refreshTokenIdleLifetime: 86_401, refreshTokenLifetime: 86_400 });
    expect(findings.map(([code]) => code)).toEqual(['idle_lifetime_too_long']);
  });

  it('a signature that takes more than half of the time', async () => {
    expect(await inspectIssuer({ signingTimeout: 2001 }, { actTimeout: 4000 })).toEqual([
      [
        'signing_timeout_too_long',
        'signingTimeout is 2001 ms, and actTimeout 4000 ms: codes would be spent, and no time left to issue. Write half of actTimeout, at most.',
      ],
    ]);
  });

  it('access tokens that live longer than a login', async () => {
    const apis = [api({ lifetime: 2_592_001 }), api({ identifier: 'https://two.example/', lifetime: 3_000_000 })];
    expect(await inspectIssuer({ apis })).toEqual([
      [
        'access_token_outlives_grant',
        'The access tokens of https://api.example/ live 2592001 s, and a login with refresh tokens ends after 2592000 s. Shorten lifetime, or raise refreshTokenLifetime.',
      ],
      [
        'access_token_outlives_grant',
        'The access tokens of https://two.example/ live 3000000 s, and a login with refresh tokens ends after 2592000 s. Shorten lifetime, or raise refreshTokenLifetime.',
      ],
    ]);
  });

  it('spent codes that are forgotten while refresh tokens live', async () => {
    expect(await inspectIssuer({}, { findCode: memoryCodes().findCode })).toEqual([forgotten(86_400, 2_592_000)]);
  });

  it('spent codes that are forgotten while the refresh tokens of one of two APIs live', async () => {
    const apis = [online, api({ identifier: 'https://two.example/' })];
    expect(await inspectIssuer({ apis }, keeping(86_400_000))).toEqual([forgotten(86_400, 2_592_000)]);
  });

  it('spent codes that are forgotten while ID tokens live', async () => {
    expect(await inspectIssuer({ apis: [online], idTokenLifetime: 7200 }, keeping(1999))).toEqual([forgotten(1, 7200)]);
  });

  it('spent codes that are forgotten while the longest access token lives', async () => {
    const apis = [online, { ...online, identifier: 'https://two.example/', lifetime: 9000 }];
    expect(await inspectIssuer({ apis }, keeping(8_999_999))).toEqual([forgotten(8999, 9000)]);
  });
});

describe('inspectTokenRouter says nothing of', () => {
  it.each<[string, Parameters<typeof issuer>[0], object]>([
    ['two lifetimes that are equal', { refreshTokenIdleLifetime: 86_400, refreshTokenLifetime: 86_400 }, {}],
    [
      'refresh tokens that no API allows',
      { apis: [online], refreshTokenIdleLifetime: 86_401, refreshTokenLifetime: 86_400 },
      {},
    ],
    ['a signature that takes half of the time', { signingTimeout: 2000 }, { actTimeout: 4000 }],
    ['access tokens that live as long as a login', { apis: [api({ lifetime: 2_592_000 })] }, {}],
    ['access tokens without refresh tokens', { apis: [{ ...online, lifetime: 3_000_000 }] }, {}],
    ['spent codes that are kept as long as their tokens live', {}, keeping(2_592_000_000)],
    ['spent codes that are kept for an hour, where no token lives longer', { apis: [online] }, keeping(3_600_000)],
    ['spent codes of a store of which nothing is known', {}, { findCode: () => null }],
    ['an issuer that is none of ours', {}, { issueTokens: () => ({ access_token: 'a', expires_in: 60 }) }],
    ['one of two APIs that allows refresh tokens', { apis: [online, api({ identifier: 'https://two.example/' })] }, {}],
  ])('%s', async (_what, options, router) => {
    expect(await inspectIssuer(options, router)).toEqual([]);
  });

  it('spent codes of a store that the issuer has, because it has told it what it makes', async () => {
    const store = memoryStore();
    expect(await inspectIssuer({ store: store as never, saveRefreshToken: undefined }, store.adapters)).toEqual([]);
  });
});
