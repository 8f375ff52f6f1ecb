import { randomBytes } from 'node:crypto';
import cors from 'cors';
import type express from 'express';
import { MemoryStore } from 'express-rate-limit';
import { createDpopVerifier } from '../../lib/dpop';
import { memoryCodes, memoryJtis, memoryRefreshTokens } from '../../lib/stores/memory';
import type { InspectOptions } from '../../lib/testing';
import { APP, dpop, type Host, inspect, quiet, rateStore, SECRET, URL } from './inspected-host';

const memoryRefresh = () => {
  const { findRefreshToken, consumeRefreshToken, revokeTokens } = memoryRefreshTokens();
  return { findRefreshToken, consumeRefreshToken, revokeTokens };
};
const noRevocation = { refresh: { findRefreshToken: () => null, consumeRefreshToken: () => true } } as never;
const shared = { rateLimit: { store: rateStore() } };

beforeAll(() => {
  process.env.SPEC_NONCE_SECRET = SECRET;
});
afterAll(() => {
  delete process.env.SPEC_NONCE_SECRET;
});

const inMemory = (name: string, factory: string, nodes: number) =>
  `${name} is that of ${factory}, and ${nodes} processes serve this endpoint: what one saves, the others do not find. Use redisStore, postgresStore or a database of yours.`;
const perNode = (nodes: number) =>
  `rateLimit has no store that the processes share, so that each of the ${nodes} processes counts for itself: an attacker has ${nodes} times the limit. Write rateLimit: { store: new RedisStore({ … }) }.`;
const unshared = (nodes: number) =>
  `nonceSecret stands in no environment variable, and ${nodes} processes serve this endpoint. If it is made at start-up, each process refuses the nonces of the others. Read it from where all of them do; if you do, ignore this finding.`;
const unreachable = (url: string, path: string) =>
  `tokenEndpoint is '${url}', and no token router answers at ${path} (the answer was 404). Every DPoP proof would be refused, or every client sent there gets nothing. Write the URL under which the router is mounted; if a proxy rewrites the path, pass path: where your app sees it.`;
const insecure = (url: string) =>
  `tokenEndpoint is '${url}': tokens would travel in the clear. Write the https URL that clients use.`;
const cannotUse = (lacks: string, origin = APP) =>
  `Pages of ${origin} cannot use the endpoint: ${lacks}. Write allowedOrigins: ['${origin}'], and let no cors() of yours answer before the router.`;
const missing = (setting: string, write: string) =>
  `trust proxy is ${setting}, and there is a proxy in front: all clients share its address and its rate limit, so that one attacker locks everybody out. Write app.set('trust proxy', ${write}).`;
const tooWide = (setting: string, write: string) =>
  `trust proxy is ${setting}, which believes what a client writes into X-Forwarded-For: whoever changes it escapes the rate limit. Write ${write}.`;
const NUMBER = "app.set('trust proxy', 1), the number of your proxies";
const OFF = "app.set('trust proxy', false)";
const CODES =
  'There is no revokeTokens: whoever stole a code and used it first keeps the tokens, although the replay is seen. Write revokeTokens: (code) => revoke what was issued from it.';
const TOKENS =
  'There is no refresh.revokeTokens: whoever stole a refresh token keeps it alive, although its reuse is seen. Write revokeTokens: (refreshToken) => revoke its family.';
const NO_LIMIT =
  'rateLimit is false: nobody counts wrong secrets, codes and refresh tokens, so that an attacker may guess without end. Leave rateLimit out. If something in front of this app limits each address, ignore this finding.';
const REPLAY =
  "createDpopVerifier has replay: 'unchecked': whoever reads a proof can use it again while it is fresh. Write consumeJti.";
const NO_PREFLIGHT = 'the preflight is not allowed';
const NO_ANSWER = 'answers have no Access-Control-Allow-Origin';
const NO_NONCE = 'answers do not expose DPoP-Nonce';
const lacksField = (name: string) => `the preflight does not allow the field ${name}`;

/** Something before the router that answers one kind of request itself. */
const answering =
  (
    isMeant: (req: express.Request) => boolean,
    answer: (res: express.Response) => unknown,
  ): NonNullable<Host['before']> =>
  (app) =>
    app.use((req, res, next) => {
      if (isMeant(req)) answer(res);
      else next();
    });
const isPreflight = ({ method }: express.Request) => method === 'OPTIONS';
const trusting =
  (setting: unknown): NonNullable<Host['before']> =>
  (app) =>
    app.set('trust proxy', setting);
const corsWith =
  (options: object): NonNullable<Host['before']> =>
  (app) =>
    app.use(cors(options));
const OPEN = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': 'content-type,authorization' };

describe('inspectTokenRouter says', () => {
  it.each<[string, Host, InspectOptions, [code: string, message: string][]]>([
    [
      'codes in memory',
      { router: { findCode: memoryCodes().findCode, ...shared } },
      { nodes: 2 },
      [['memory_store', inMemory('findCode', 'memoryCodes', 2)]],
    ],
    [
      'refresh tokens in memory',
      { router: { ...shared, refresh: memoryRefresh() as never } },
      { nodes: 3 },
      [['memory_store', inMemory('findRefreshToken', 'memoryRefreshTokens', 3)]],
    ],
    [
      'jtis in memory',
      { router: { ...shared, ...dpop(memoryJtis()) } },
      { nodes: 2 },
      [['memory_store', inMemory('consumeJti', 'memoryJtis', 2)]],
    ],
    [
      'a limit that is off, and nothing else of it',
      { router: { rateLimit: false }, before: trusting(true) },
      { nodes: 2, proxies: 1 },
      [['rate_limit_off', NO_LIMIT]],
    ],
    ['a limit for each process', {}, { nodes: 3 }, [['rate_limit_per_node', perNode(3)]]],
    [
      'a limit with a store of this process',
      { router: { rateLimit: { store: new MemoryStore() } } },
      { nodes: 2 },
      [['rate_limit_per_node', perNode(2)]],
    ],
    [
      'a secret of this process',
      { router: { ...shared, ...dpop({ nonceSecret: randomBytes(32) }) } },
      { nodes: 2 },
      [['nonce_secret_unshared', unshared(2)]],
    ],
    [
      'one of two secrets of this process',
      { router: { ...shared, ...dpop({ nonceSecret: [SECRET, randomBytes(32)] }) } },
      { nodes: 4 },
      [['nonce_secret_unshared', unshared(4)]],
    ],
    [
      'proofs that may come again',
      { router: { verifyDpop: createDpopVerifier({ replay: 'unchecked' }), tokenEndpoint: URL } },
      {},
      [['dpop_replay_unchecked', REPLAY]],
    ],
    ['codes that revoke nothing', { router: { revokeTokens: undefined } }, {}, [['revoke_tokens_missing', CODES]]],
    ['refresh tokens that revoke nothing', { router: noRevocation }, {}, [['revoke_tokens_missing', TOKENS]]],
    ...[
      'http://auth.example/oauth/token',
      'http://localhost.example/oauth/token',
      'http://127.0.0.1.example/oauth/token',
      'http://128.0.0.1/oauth/token',
      'http://xlocalhost/oauth/token',
      'http://[::2]/oauth/token',
    ].map((tokenEndpoint): [string, Host, InspectOptions, [string, string][]] => [
      `a URL in the clear: ${tokenEndpoint}`,
      { router: { tokenEndpoint } },
      {},
      [['token_endpoint_insecure', insecure(tokenEndpoint)]],
    ]),
    [
      'a URL that leads elsewhere',
      { at: '/auth', router: { tokenEndpoint: URL } },
      {},
      [['token_endpoint_unreachable', unreachable(URL, '/oauth/token')]],
    ],
    [
      'no router at the path that is given',
      { router: { tokenEndpoint: URL } },
      { path: '/elsewhere' },
      [
        [
          'no_token_router',
          'No token router answers at /elsewhere (the answer was 404). Pass path: where your app sees the endpoint.',
        ],
      ],
    ],
    [
      'no router at its own path',
      { at: '/auth' },
      {},
      [
        [
          'no_token_router',
          'No token router answers at /oauth/token (the answer was 404). Pass path: where your app sees the endpoint.',
        ],
      ],
    ],
    [
      'an origin that is not listed',
      { router: dpop() },
      { origins: [APP] },
      [['origin_unreachable', cannotUse([NO_PREFLIGHT, NO_ANSWER, NO_NONCE].join('; '))]],
    ],
    [
      'one of two origins',
      { router: { allowedOrigins: [APP] } },
      { origins: [APP, 'https://other.example'] },
      [['origin_unreachable', cannotUse([NO_PREFLIGHT, NO_ANSWER].join('; '), 'https://other.example')]],
    ],
    [
      'a cors() before the router',
      { router: dpop(), before: corsWith({ origin: APP }) },
      { origins: [APP] },
      [['origin_unreachable', cannotUse(NO_NONCE)]],
    ],
    [
      'a cors() that lists two fields',
      {
        router: { ...dpop(), allowedOrigins: [APP] },
        before: corsWith({
          origin: APP,
          allowedHeaders: ['Content-Type', 'Authorization'],
          exposedHeaders: ['DPoP-Nonce'],
        }),
      },
      { origins: [APP] },
      [['origin_unreachable', cannotUse(lacksField('dpop'))]],
    ],
    [
      'a cors() that lists one field',
      { router: { allowedOrigins: [APP] }, before: corsWith({ origin: APP, allowedHeaders: ['X-Other'] }) },
      { origins: [APP] },
      [['origin_unreachable', cannotUse([lacksField('content-type'), lacksField('authorization')].join('; '))]],
    ],
    [
      'a preflight that does not succeed',
      { router: { allowedOrigins: [APP] }, before: answering(isPreflight, (res) => res.status(300).set(OPEN).end()) },
      { origins: [APP] },
      [['origin_unreachable', cannotUse(NO_PREFLIGHT)]],
    ],
    [
      'answers that a page cannot read',
      { before: answering(isPreflight, (res) => res.set(OPEN).end()) },
      { origins: [APP] },
      [['origin_unreachable', cannotUse(NO_ANSWER)]],
    ],
    ['a proxy that is not trusted', {}, { proxies: 1 }, [['trust_proxy_missing', missing('false', '1')]]],
    [
      'the second of two proxies',
      { before: trusting(1) },
      { proxies: 2 },
      [['trust_proxy_missing', missing('1', '2')]],
    ],
    [
      'proxies that are named',
      { before: trusting('203.0.113.80') },
      { proxies: ['203.0.113.80', '203.0.113.81'] },
      [['trust_proxy_missing', missing("'203.0.113.80'", "['203.0.113.80', '203.0.113.81']")]],
    ],
    ['everybody', { router: quiet, before: trusting(true) }, {}, [['trust_proxy_too_wide', tooWide('true', NUMBER)]]],
    ['more proxies than there are', { before: trusting(31) }, {}, [['trust_proxy_too_wide', tooWide('31', NUMBER)]]],
    ['a proxy too many', { before: trusting(2) }, { proxies: 1 }, [['trust_proxy_too_wide', tooWide('2', NUMBER)]]],
    [
      'clients of one network',
      { before: trusting('loopback, 198.51.100.0/24') },
      { proxies: 1 },
      [['trust_proxy_too_wide', tooWide("'loopback, 198.51.100.0/24'", NUMBER)]],
    ],
    [
      'a proxy where there is none',
      { before: trusting(1) },
      { proxies: 0 },
      [['trust_proxy_too_wide', tooWide('1', OFF)]],
    ],
    [
      'a proxy where none is named',
      { before: trusting(1) },
      { proxies: [] },
      [['trust_proxy_too_wide', tooWide('1', OFF)]],
    ],
  ])('what is wrong: %s', async (_what, host, options, findings) => {
    expect(await inspect(host, options)).toEqual(findings);
  });
});

describe('inspectTokenRouter says nothing', () => {
  const secret = randomBytes(32);

  it.each<[string, Host, InspectOptions]>([
    ['of what is in memory in one process', { router: { findCode: memoryCodes().findCode } }, { nodes: 1 }],
    ['of a limit that all share', { router: shared }, { nodes: 2 }],
    [
      'of a limit whose store says that all share it',
      { router: { rateLimit: { store: Object.assign(rateStore(), { localKeys: false }) } } },
      { nodes: 2 },
    ],
    [
      'of nonces, where there are none',
      { router: { ...shared, verifyDpop: createDpopVerifier({ consumeJti: () => true }), tokenEndpoint: URL } },
      { nodes: 2 },
    ],
    [
      'of proofs that the host verifies',
      { router: { ...shared, verifyDpop: () => ({ jkt: 'a' }) as never, tokenEndpoint: URL } },
      { nodes: 2 },
    ],
    ...['localhost:3000', 'auth.localhost', '127.0.0.1', '127.9.8.7:80', '[::1]:3000'].map(
      (host): [string, Host, InspectOptions] => [
        `of a URL of this machine: ${host}`,
        { router: { tokenEndpoint: `http://${host}/oauth/token` } },
        {},
      ],
    ),
    ['of a router with a path of its own', { router: { path: '/token' } }, {}],
    [
      'of a preflight that somebody else answers with 299',
      {
        router: { allowedOrigins: [APP] },
        before: answering(isPreflight, (res) => res.status(299).set(OPEN).end()),
      },
      { origins: [APP] },
    ],
    [
      'of fields in other letters, and with blanks',
      {
        router: { ...dpop(), allowedOrigins: [APP] },
        before: answering(isPreflight, (res) =>
          res.set({ ...OPEN, 'Access-Control-Allow-Headers': 'Content-Type , AUTHORIZATION,DPoP' }).end(),
        ),
      },
      { origins: [APP] },
    ],
    ['of a number of proxies that may be right', { before: trusting(30) }, {}],
    [
      'of proxies, where the limit counts by something else',
      { router: { rateLimit: { keyGenerator: () => 'a' } }, before: trusting(true) },
      {},
    ],
    ...['127.0.0.1', '::1', '10.0.0.1', '172.16.0.1', '192.168.0.1', '169.254.0.1', 'fd00::1', '203.0.113.9'].map(
      (address): [string, Host, InspectOptions] => [
        `of a proxy, where the app trusts one that may be it: ${address}`,
        { before: trusting(address) },
        { proxies: 1 },
      ],
    ),
  ])('%s', async (_what, host, options) => {
    expect(await inspect(host, options)).toEqual([]);
  });

  it.each(['hex', 'base64', 'base64url'] as const)(
    'of a secret that stands in the environment in %s',
    async (encoding) => {
      process.env.SPEC_NONCE_BYTES = secret.toString(encoding);
      const host = { router: { ...dpop({ nonceSecret: [secret] }), ...shared } };
      expect(await inspect(host, { nodes: 2 })).toEqual([]);
      delete process.env.SPEC_NONCE_BYTES;
    },
  );
});
