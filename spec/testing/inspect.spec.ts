import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import cors from 'cors';
import express, { type Express, Router } from 'express';
import { MemoryStore, type Store } from 'express-rate-limit';
import request from 'supertest';
import { createTokenRouter, type TokenRouterOptions } from '../../lib';
import { createDpopVerifier, type DpopVerifierOptions } from '../../lib/dpop';
import { memoryCodes, memoryJtis, memoryRefreshTokens, memoryStore } from '../../lib/stores/memory';
import { type Finding, type InspectOptions, inspectTokenRouter } from '../../lib/testing';
import { FINDING_CODES } from '../../lib/testing/inspect-codes';
import { createTokenIssuer, type TokenIssuerOptions } from '../../lib/tokens';
import { EC, goodApi } from '../support/issuer';

const URL = 'https://auth.example/oauth/token';
const APP = 'https://app.example';
const SECRET = randomBytes(32).toString('base64url');

/** What the adapters of a host are like: nothing is told of them. */
const own: TokenRouterOptions = {
  findCode: () => null,
  consumeCode: () => false,
  issueTokens: () => ({ access_token: 'a', expires_in: 60 }),
  revokeTokens: () => {},
};
const rateStore = (): Store => ({
  increment: () => ({ totalHits: 1, resetTime: undefined }),
  decrement: () => {},
  resetKey: () => {},
});
/** The library complains of what the doctor is to find. */
const quiet = { rateLimit: { validate: false } };

const verifier = (different: Partial<DpopVerifierOptions> = {}) =>
  createDpopVerifier({ consumeJti: () => true, nonceSecret: SECRET, ...different });
const dpop = (different: Partial<DpopVerifierOptions> = {}) => ({
  verifyDpop: verifier(different),
  tokenEndpoint: URL,
});

const memoryRefresh = () => {
  const { findRefreshToken, consumeRefreshToken, revokeTokens } = memoryRefreshTokens();
  return { findRefreshToken, consumeRefreshToken, revokeTokens };
};

interface Host {
  router?: Partial<TokenRouterOptions>;
  /** What is mounted before the router. */
  before?: (app: Express) => unknown;
  at?: string;
}

function createApp({ router = {}, before, at = '/' }: Host = {}): Express {
  const app = express();
  before?.(app);
  app.use(at, createTokenRouter({ ...own, ...router } as never));
  return app;
}

const codesOf = (findings: readonly Finding[]) => findings.map(({ code }) => code);
const inspect = async (host: Host, options: InspectOptions = {}) => inspectTokenRouter(createApp(host), options);

beforeAll(() => {
  process.env.SPEC_NONCE_SECRET = SECRET;
});
afterAll(() => {
  delete process.env.SPEC_NONCE_SECRET;
});

describe('inspectTokenRouter finds nothing', () => {
  it.each<[string, Host, InspectOptions]>([
    ['in a host of one process with the memory store', { router: { ...memoryStore().adapters } as never }, {}],
    [
      'in a host of many with stores of its own',
      {
        router: { rateLimit: { store: rateStore() }, ...dpop(), allowedOrigins: [APP] },
        before: (app) => app.set('trust proxy', 1),
      },
      { nodes: 4, proxies: 1, origins: [APP] },
    ],
    [
      'where the limit is off',
      { router: { rateLimit: false }, before: (app) => app.set('trust proxy', true) },
      { nodes: 2 },
    ],
    [
      'where the limit counts by something else',
      { router: { rateLimit: { keyGenerator: () => 'a', store: rateStore() } } },
      { nodes: 2, proxies: 1 },
    ],
    [
      'where the proxy is named',
      { before: (app) => app.set('trust proxy', '203.0.113.80') },
      { proxies: ['203.0.113.80'] },
    ],
    ['where there are two proxies', { before: (app) => app.set('trust proxy', 2) }, { proxies: 2 }],
    [
      'where neighbours are trusted',
      { before: (app) => app.set('trust proxy', 'loopback, uniquelocal') },
      { proxies: 2 },
    ],
    ['where no proxy is, and none is trusted', {}, { proxies: 0 }],
    ['under a path', { at: '/auth', router: { tokenEndpoint: 'https://auth.example/auth/oauth/token' } }, {}],
    [
      'behind a proxy that rewrites the path',
      { router: { tokenEndpoint: 'https://x.example/api/oauth/token' } },
      { path: '/oauth/token' },
    ],
    ['of an endpoint on this machine', { router: { tokenEndpoint: 'http://localhost:3000/oauth/token' } }, {}],
    ['where several domains have one router', { router: { tokenEndpoint: () => URL } }, {}],
    [
      'where parsers run before the router, and the host answers for them',
      {
        before: (app) =>
          app.use(
            express.json(),
            (_error: unknown, _req: unknown, res: express.Response, _next: unknown) =>
              void res.status(400).json({ error: 'invalid_request' }),
          ),
      },
      {},
    ],
    [
      'where a cors() of the host does it all',
      {
        router: dpop(),
        before: (app) => app.use(cors({ origin: '*', exposedHeaders: ['DPoP-Nonce'] })),
      },
      { origins: [APP] },
    ],
  ])('%s', async (_what, host, options) => {
    expect(await inspect(host, options)).toEqual([]);
  });

  it('where the secret of nonces is bytes that the environment has in hex', async () => {
    const secret = randomBytes(32);
    process.env.SPEC_NONCE_BYTES = secret.toString('hex');
    const host = { router: { ...dpop({ nonceSecret: [secret] }), rateLimit: { store: rateStore() } } };
    expect(await inspect(host, { nodes: 2 })).toEqual([]);
    delete process.env.SPEC_NONCE_BYTES;
  });

  it('that is ignored', async () => {
    expect(await inspect({ router: { revokeTokens: undefined } }, { ignore: ['revoke_tokens_missing'] })).toEqual([]);
  });

  it('in an app in the app, nor in a router in a router', async () => {
    const outer = express().use(
      '/auth',
      createApp({ router: { tokenEndpoint: 'https://x.example/auth/oauth/token' } }),
    );
    expect(await inspectTokenRouter(outer, { path: '/auth/oauth/token' })).toEqual([]);
    const nested = express().use(
      '/auth',
      Router().use(createTokenRouter({ ...own, tokenEndpoint: 'https://x.example/auth/oauth/token' })),
    );
    expect(await inspectTokenRouter(nested)).toEqual([]);
  });
});

describe('inspectTokenRouter finds', () => {
  const offline = { ...goodApi(), allowOfflineAccess: true };
  const issuer = (different: Partial<TokenIssuerOptions> = {}) =>
    createTokenIssuer({
      issuer: 'https://auth.example/',
      keys: [{ kid: 'a', privateKey: EC.privateKey }],
      apis: [offline],
      saveRefreshToken: () => {},
      ...different,
    }).issueTokens as unknown as TokenRouterOptions['issueTokens'];

  it.each<[FindingCodeOf, string, Host, InspectOptions, string]>([
    [
      'memory_store',
      'codes',
      { router: { findCode: memoryCodes().findCode, rateLimit: false } },
      { nodes: 2 },
      'findCode is that of memoryCodes, and 2 processes',
    ],
    [
      'memory_store',
      'refresh tokens',
      {
        router: { rateLimit: false, refresh: memoryRefresh() as never },
      },
      { nodes: 2 },
      'findRefreshToken is that of memoryRefreshTokens',
    ],
    [
      'memory_store',
      'jtis',
      { router: { rateLimit: false, ...dpop(memoryJtis()) } },
      { nodes: 2 },
      'consumeJti is that of memoryJtis',
    ],
    ['rate_limit_per_node', 'a limit', {}, { nodes: 3 }, 'an attacker has 3 times the limit. Write rateLimit: { store'],
    [
      'rate_limit_per_node',
      'a store of this process',
      { router: { rateLimit: { store: new MemoryStore() } } },
      { nodes: 3 },
      'has no store that the processes share',
    ],
    [
      'nonce_secret_unshared',
      'a secret of this process',
      { router: { rateLimit: false, ...dpop({ nonceSecret: randomBytes(32) }) } },
      { nodes: 2 },
      'nonceSecret stands in no environment variable',
    ],
    [
      'nonce_secret_unshared',
      'one of two secrets',
      { router: { rateLimit: false, ...dpop({ nonceSecret: [SECRET, randomBytes(32)] }) } },
      { nodes: 2 },
      'Read it from where all of them do',
    ],
    [
      'dpop_replay_unchecked',
      'proofs that come again',
      { router: { verifyDpop: createDpopVerifier({ replay: 'unchecked' }), tokenEndpoint: URL } },
      {},
      "has replay: 'unchecked'",
    ],
    [
      'revoke_tokens_missing',
      'codes',
      { router: { revokeTokens: undefined } },
      {},
      'There is no revokeTokens: whoever stole a code',
    ],
    [
      'revoke_tokens_missing',
      'refresh tokens',
      { router: { refresh: { findRefreshToken: () => null, consumeRefreshToken: () => true } } as never },
      {},
      'There is no refresh.revokeTokens',
    ],
    [
      'token_endpoint_insecure',
      'http',
      { router: { tokenEndpoint: 'http://auth.example/oauth/token' } },
      {},
      "is 'http://auth.example/oauth/token': tokens would travel",
    ],
    [
      'token_endpoint_unreachable',
      'another path',
      { at: '/auth', router: { tokenEndpoint: URL } },
      {},
      "tokenEndpoint is 'https://auth.example/oauth/token', and no token router answers at /oauth/token (the answer was 404)",
    ],
    [
      'no_token_router',
      'no router at the path that is given',
      { router: { tokenEndpoint: URL } },
      { path: '/elsewhere' },
      'No token router answers at /elsewhere',
    ],
    [
      'no_token_router',
      'no router at its own path',
      { at: '/auth' },
      {},
      'No token router answers at /oauth/token (the answer was 404). Pass path',
    ],
    [
      'body_parser_answers',
      'JSON',
      { before: (app) => app.use(express.json()) },
      {},
      'answers malformed JSON itself, with 400 and text/html',
    ],
    [
      'body_parser_answers',
      'zipped bodies',
      { before: (app) => app.use(express.raw({ type: '*/*' })) },
      {},
      'answers a body with Content-Encoding: gzip itself',
    ],
    [
      'body_parser_answers',
      'JSON of another kind',
      {
        before: (app) =>
          app.use(
            express.json(),
            ((_error, _req, res, _next) => void res.status(400).json({ message: 'no' })) as express.ErrorRequestHandler,
          ),
      },
      {},
      'with 400 and application/json',
    ],
    [
      'origin_unreachable',
      'no origin',
      { router: dpop() },
      { origins: [APP] },
      `Pages of ${APP} cannot use the endpoint: the preflight is not allowed; answers have no Access-Control-Allow-Origin`,
    ],
    [
      'origin_unreachable',
      'another origin',
      { router: { allowedOrigins: ['https://other.example'] } },
      { origins: [APP] },
      `Write allowedOrigins: ['${APP}']`,
    ],
    [
      'origin_unreachable',
      'a cors() before the router',
      { router: dpop(), before: (app) => app.use(cors()) },
      { origins: [APP] },
      'answers do not expose DPoP-Nonce',
    ],
    [
      'origin_unreachable',
      'a cors() that lists fields',
      {
        router: { ...dpop(), allowedOrigins: [APP] },
        before: (app) =>
          app.use(cors({ allowedHeaders: ['Content-Type', 'Authorization'], exposedHeaders: ['DPoP-Nonce'] })),
      },
      { origins: [APP] },
      'the preflight does not allow the field dpop',
    ],
    [
      'trust_proxy_missing',
      'one proxy',
      {},
      { proxies: 1 },
      "trust proxy is false, and there is a proxy in front: all clients share its address and its rate limit, so that one attacker locks everybody out. Write app.set('trust proxy', 1)",
    ],
    [
      'trust_proxy_missing',
      'the second of two',
      { before: (app) => app.set('trust proxy', 1) },
      { proxies: 2 },
      "Write app.set('trust proxy', 2)",
    ],
    [
      'trust_proxy_missing',
      'a proxy by name',
      { before: (app) => app.set('trust proxy', 'loopback') },
      { proxies: ['203.0.113.80'] },
      "Write app.set('trust proxy', ['203.0.113.80'])",
    ],
    [
      'trust_proxy_too_wide',
      'everybody',
      { router: quiet, before: (app) => app.set('trust proxy', true) },
      {},
      'trust proxy is true, which believes what a client writes',
    ],
    [
      'trust_proxy_too_wide',
      'one too many',
      { before: (app) => app.set('trust proxy', 2) },
      { proxies: 1 },
      "Write app.set('trust proxy', 1), the number",
    ],
    [
      'trust_proxy_too_wide',
      'one where there is none',
      { before: (app) => app.set('trust proxy', 1) },
      { proxies: 0 },
      "Write app.set('trust proxy', false)",
    ],
    [
      'spent_codes_forgotten',
      'refresh tokens',
      { router: { findCode: memoryCodes().findCode, issueTokens: issuer() } },
      {},
      'Spent codes are found for 86400 s, and tokens that come of one live 2592000 s',
    ],
    [
      'spent_codes_forgotten',
      'access tokens',
      {
        router: {
          findCode: memoryCodes({ spentLifetime: 1000 }).findCode,
          issueTokens: issuer({ apis: [{ ...offline, allowOfflineAccess: false }] }),
        },
      },
      {},
      'found for 1 s, and tokens that come of one live 3600 s',
    ],
    [
      'idle_lifetime_too_long',
      'a family that ends',
      { router: { issueTokens: issuer({ refreshTokenLifetime: 86_400 }) } },
      {},
      'refreshTokenIdleLifetime is 1209600 s, and refreshTokenLifetime ends the family after 86400 s',
    ],
    [
      'access_token_outlives_grant',
      'a long token',
      { router: { issueTokens: issuer({ apis: [{ ...offline, lifetime: 3_000_000 }] }) } },
      {},
      'The access tokens of https://api.example/ live 3000000 s',
    ],
    [
      'signing_timeout_too_long',
      'a slow signature',
      { router: { actTimeout: 4000, issueTokens: issuer() } },
      {},
      'signingTimeout is 2500 ms, and actTimeout 4000 ms',
    ],
  ])('%s: %s', async (code, _what, host, options, message) => {
    const findings = await inspect(host, options);
    expect(codesOf(findings)).toEqual([code]);
    expect(findings).toEqual([{ code, message: expect.stringContaining(message), page: `docs/doctor.md#${code}` }]);
  });

  it('an app without a token router', async () => {
    expect(codesOf(await inspectTokenRouter(express()))).toEqual(['no_token_router']);
    expect(codesOf(await inspectTokenRouter(express().get('/', () => {})))).toEqual(['no_token_router']);
  });

  it('what is wrong with a router that is not in the app yet', async () => {
    const router = createTokenRouter({ ...own, revokeTokens: undefined });
    const outer = express().use(createApp());
    expect(codesOf(await inspectTokenRouter(outer, { router }))).toEqual(['revoke_tokens_missing']);
  });

  it('the setting of the app in the app', async () => {
    const inner = createApp({ router: quiet });
    inner.set('trust proxy', true);
    const outer = express().use(inner);
    expect(codesOf(await inspectTokenRouter(outer))).toEqual(['trust_proxy_too_wide']);
  });

  it('nothing of what the store knows, where the issuer has the store', async () => {
    const store = memoryStore();
    const issueTokens = issuer({ store: store as never, saveRefreshToken: undefined });
    expect(await inspect({ router: { ...store.adapters, issueTokens } as never })).toEqual([]);
  });

  it('each thing once, where two routers share it', async () => {
    const app = express();
    app.use(createTokenRouter({ ...own, revokeTokens: undefined }));
    app.use(createTokenRouter({ ...own, revokeTokens: undefined }));
    expect(codesOf(await inspectTokenRouter(app))).toEqual(['revoke_tokens_missing']);
  });
});

type FindingCodeOf = Finding['code'];

describe('inspectTokenRouter', () => {
  it('has a place on the page for each code, in the order of the list', () => {
    const page = readFileSync(join(__dirname, '../../docs/doctor.md'), 'utf8');
    const headings = [...page.matchAll(/^### `?([a-z_]+)`?$/gm)].map(([, code]) => code);
    expect(headings).toEqual([...FINDING_CODES]);
  });

  it('refuses what is no app and no router', async () => {
    await expect(inspectTokenRouter({} as never)).rejects.toThrow('pass the app of Express');
    await expect(inspectTokenRouter(createApp(), { router: Router() })).rejects.toThrow(
      'is not what createTokenRouter returned',
    );
  });

  it('leaves no server and no listener behind, also where it fails', async () => {
    const before = process.getActiveResourcesInfo().filter((name) => name === 'TCPSERVERWRAP').length;
    await inspectTokenRouter(createApp(), { router: Router() }).catch(() => {});
    await inspectTokenRouter(createApp());
    await new Promise((resolve) => setImmediate(resolve));
    expect(process.getActiveResourcesInfo().filter((name) => name === 'TCPSERVERWRAP')).toHaveLength(before);
  });

  it('tells its requests from others that are served at the same time', async () => {
    const app = createApp();
    const [one, two] = await Promise.all([
      inspectTokenRouter(app),
      inspectTokenRouter(createApp({ at: '/x' })),
      ...Array.from({ length: 20 }, () => request(app).put('/oauth/token')),
    ]);
    expect([codesOf(one), codesOf(two)]).toEqual([[], ['no_token_router']]);
  });
});
