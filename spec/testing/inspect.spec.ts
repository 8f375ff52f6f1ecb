import { randomBytes } from 'node:crypto';
import { hasSubscribers } from 'node:diagnostics_channel';
import cors from 'cors';
import express, { Router } from 'express';
import request from 'supertest';
import { createTokenRouter } from '../../lib';
import { memoryStore } from '../../lib/stores/memory';
import { type Finding, type InspectOptions, inspectTokenRouter } from '../../lib/testing';
import { countResources } from '../support/resources';
import { APP, createApp, dpop, type Host, inspect, own, quiet, rateStore, SECRET, URL } from './inspected-host';

const codesOf = (findings: readonly Finding[]) => findings.map(({ code }) => code);

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
        before: (app) => app.use(cors({ origin: APP, exposedHeaders: ['DPoP-Nonce'] })),
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
  it('an app without a token router', async () => {
    expect(await inspectTokenRouter(express())).toEqual([
      {
        code: 'no_token_router',
        message:
          'No token router was found in the app, and none answers at /oauth/token (the answer was 404). Mount it first. If it is in an app in the app, or called by a function of yours, pass { router, path }.',
        page: 'docs/doctor.md#no_token_router',
      },
    ]);
    expect(codesOf(await inspectTokenRouter(express().get('/', () => {})))).toEqual(['no_token_router']);
  });

  it('an app in the app, which can be found by { path } or by { router, path }', async () => {
    const router = createTokenRouter({
      ...own,
      revokeTokens: undefined,
      tokenEndpoint: 'https://x.example/auth/oauth/token',
    });
    const app = express().use('/auth', express().use(router));
    expect((await inspectTokenRouter(app)).map(({ message }) => message)).toEqual([
      'No token router was found in the app, and none answers at /oauth/token (the answer was 404). Mount it first. If it is in an app in the app, or called by a function of yours, pass { router, path }.',
    ]);
    const path = '/auth/oauth/token';
    for (const options of [{ path }, { router }, { router, path }]) {
      expect(codesOf(await inspectTokenRouter(app, options))).toEqual(['revoke_tokens_missing']);
    }
    expect((await inspectTokenRouter(app, { path: '/elsewhere' })).map(({ message }) => message)).toEqual([
      'No token router was found in the app, and none answers at /elsewhere (the answer was 404). Mount it first. If it is in an app in the app, or called by a function of yours, pass { router, path }.',
    ]);
  });

  it('a router that a function hides, which can be found by { router }', async () => {
    const router = createTokenRouter({ ...own, revokeTokens: undefined });
    const app = express().use((req, res, next) => router(req, res, next));
    expect(await inspectTokenRouter(app)).toEqual([
      {
        code: 'no_token_router',
        message:
          'A token router answers at /oauth/token, and a function around it hides it. Pass { router } as well, so that its options can be read.',
        page: 'docs/doctor.md#no_token_router',
      },
    ]);
    expect(codesOf(await inspectTokenRouter(app, { router }))).toEqual(['revoke_tokens_missing']);
  });

  it('requests that are never answered, and what the options tell all the same', async () => {
    const router = createTokenRouter({ ...own, revokeTokens: undefined });
    const silent = express()
      .use(() => {})
      .use(router);
    const hidden = express()
      .use(() => {})
      .use(express().use(router));
    const endless = express().use((_req, res) => {
      res.write('{');
    });
    const found = await Promise.all(
      [silent, hidden, endless].map((app) => inspectTokenRouter(app, app === endless ? { router } : {})),
    );
    const revoke = expect.objectContaining({ code: 'revoke_tokens_missing' });
    const unanswered = {
      code: 'no_answer',
      message:
        'PUT /oauth/token had no answer within 10 s: a middleware before the router did not call next(), or replaced res.end() and does not call the original one.',
      page: 'docs/doctor.md#no_answer',
    };
    const begun = {
      ...unanswered,
      message:
        'PUT /oauth/token had no whole answer within 10 s: the answer 200 was begun and did not end. Let the middleware that replaces res.end() or res.write() call the original one, and change no header there.',
    };
    expect(found).toEqual([[revoke, unanswered], [unanswered], [revoke, begun]]);
  }, 40_000);

  it('a middleware that breaks res.end(), and closed connections', async () => {
    const error = jest.spyOn(console, 'error').mockReturnValue();
    const router = createTokenRouter(own);
    const app = express()
      .use((_req, res, next) => {
        const end = res.end;
        res.end = ((body: unknown, ...more: never[]) => {
          const wrap = Buffer.from(JSON.stringify({ data: String(body) }));
          // The router has written the head by then, so that this throws.
          res.setHeader('Content-Length', wrap.length);
          return Reflect.apply(end, res, [wrap, ...more]);
        }) as never;
        next();
      })
      .use(router);
    const closing = express().use((req) => req.destroy());
    const closed = (reason: string) => ({
      code: 'no_answer',
      message: `PUT /oauth/token had no whole answer: the app closed the connection (${reason}).`,
      page: 'docs/doctor.md#no_answer',
    });
    expect(await inspectTokenRouter(app)).toEqual([closed('socket hang up')]);
    expect(await inspectTokenRouter(closing, { router })).toEqual([closed('socket hang up')]);
    error.mockRestore();
  });

  it('no more than the request that failed, where the doctor itself fails', async () => {
    const app = createApp();
    const failing = Object.assign(createTokenRouter(own), {});
    Object.defineProperty(failing, Symbol.for('express-token-router.facts'), {
      get: () => ({
        get router() {
          throw new RangeError('of the spec');
        },
      }),
    });
    await expect(inspectTokenRouter(app, { router: failing })).rejects.toThrow(new RangeError('of the spec'));
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

  it('each thing once, where two routers share it', async () => {
    const app = express();
    app.use(createTokenRouter({ ...own, revokeTokens: undefined }));
    app.use(createTokenRouter({ ...own, revokeTokens: undefined }));
    expect(codesOf(await inspectTokenRouter(app))).toEqual(['revoke_tokens_missing']);
  });
});

describe('inspectTokenRouter', () => {
  it('refuses what is no app and no router', async () => {
    await expect(inspectTokenRouter({} as never)).rejects.toThrow(
      new TypeError('inspectTokenRouter: pass the app of Express'),
    );
    await expect(inspectTokenRouter(createApp(), { router: Router() })).rejects.toThrow(
      new TypeError('inspectTokenRouter: router is not what createTokenRouter returned'),
    );
  });

  it('leaves no server and no listener behind, also where it fails', async () => {
    const before = countResources('TCPSERVERWRAP');
    await inspectTokenRouter(createApp(), { router: Router() }).catch(() => {});
    await inspectTokenRouter(createApp());
    await new Promise((resolve) => setImmediate(resolve));
    expect(countResources('TCPSERVERWRAP')).toBe(before);
    expect(hasSubscribers('express-token-router:outcome')).toBe(false);
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
