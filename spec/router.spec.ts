import { createServer } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import express, { type Request, type RequestHandler, type Response } from 'express';
import request, { type Response as Answer } from 'supertest';
import { createTokenRouter, OAuthError } from '../lib';
import { factsOf } from '../lib/facts';
import { createEndpoint, goodForm, type Options } from './support/endpoint';
import { expectRefusal } from './support/refusals';

const METHODS = ['get', 'head', 'put', 'patch', 'delete', 'options', 'propfind', 'trace'] as const;

const expectNoStore = ({ headers }: Answer) =>
  expect([headers['cache-control'], headers.pragma, headers.etag, headers['content-type']]).toEqual([
    'no-store',
    'no-cache',
    undefined,
    'application/json',
  ]);

describe('The router answers', () => {
  it.each(METHODS)('%s with 405', async (method) => {
    const endpoint = createEndpoint();
    const answer = await request(endpoint.app)[method]('/oauth/token?code=x');
    expect([answer.status, answer.headers.allow, endpoint.reasons()]).toEqual([405, 'POST', ['method_not_allowed']]);
    expectNoStore(answer);
    if (method !== 'head') expect(answer.body.error).toBe('invalid_request');
    expect(endpoint.calls).toEqual([]);
  });

  it('HEAD without a body, and with the length that a body would have', async () => {
    const answer = await request(createEndpoint().app).head('/oauth/token');
    expect([answer.text, Number(answer.headers['content-length']) > 0]).toEqual([undefined, true]);
  });

  it.each(['*/*', 'text/html', 'application/xml', 'image/png;q=1'])(
    'in JSON, whatever Accept says: %s',
    async (accept) => {
      const endpoint = createEndpoint();
      const issued = await endpoint.post().set('Accept', accept);
      expect(issued.status).toBe(200);
      expectNoStore(issued);
      expectRefusal(await endpoint.post().set('Accept', accept), endpoint, {
        error: 'invalid_grant',
        reason: 'code_replayed',
      });
    },
  );

  it('without an ETag although the host turned them on, and never with 304', async () => {
    const endpoint = createEndpoint();
    const app = express().set('etag', 'strong').use(endpoint.router);
    const answer = await request(app).post('/oauth/token').set('If-None-Match', '*').type('form').send(goodForm());
    expect(answer.status).toBe(200);
    expectNoStore(answer);
  });
});

describe('The router leaves to the host', () => {
  const next: RequestHandler = (_req, res) => void res.status(418).send('the host');

  it.each([
    '/oauth/Token',
    '/OAUTH/TOKEN',
    '/oauth/token/',
    '/oauth//token',
    '/oauth/toke%6E',
    '/oauth',
    '/oauth/token/x',
    '/',
  ])('the path %s', async (path) => {
    const endpoint = createEndpoint();
    const answer = await request(express().use(endpoint.router, next)).post(path).type('form').send(goodForm());
    expect([answer.status, answer.headers['cache-control'], endpoint.outcomes]).toEqual([418, undefined, []]);
  });

  it('its other errors', async () => {
    const endpoint = createEndpoint();
    const fail: RequestHandler = (_req, _res, done) => done(new OAuthError('invalid_grant', 'not of the router'));
    const app = express().use(fail, endpoint.router, ((_error, _req, res, _next) => {
      res.status(418).send('the host');
    }) as express.ErrorRequestHandler);
    const answer = await request(app).post('/oauth/token').type('form').send(goodForm());
    expect([answer.status, endpoint.outcomes]).toEqual([418, []]);
  });
});

describe('The router works', () => {
  const redeem = (app: express.Express, path: string) => request(app).post(path).type('form').send(goodForm());

  it.each(['/token', '/a/b/c', '/v1.0/oauth-2_x~y/token', '/token/'])('at the path %s', async (path) => {
    const endpoint = createEndpoint({ path });
    expect((await redeem(endpoint.app, path)).status).toBe(200);
    expect((await redeem(endpoint.app, '/oauth/token')).status).toBe(404);
  });

  it('at a path whose dot is a dot', async () => {
    const endpoint = createEndpoint({ path: '/v1.0' });
    expect((await redeem(endpoint.app, '/v1x0')).status).toBe(404);
  });

  it('below a path of the app', async () => {
    const endpoint = createEndpoint();
    const answer = await redeem(express().use('/auth', endpoint.router), '/auth/oauth/token');
    expect([answer.status, endpoint.reasons()]).toEqual([200, ['code_redeemed']]);
  });

  it('inside another router', async () => {
    const endpoint = createEndpoint();
    const outer = express.Router().use('/b', endpoint.router);
    expect((await redeem(express().use('/a', outer), '/a/b/oauth/token')).status).toBe(200);
  });

  it('several times in one app, each with its own codes, observer and count of failures', async () => {
    const one = createEndpoint({ path: '/one', rateLimit: { limit: 1 } });
    const two = createEndpoint({ path: '/two', rateLimit: { limit: 1 } });
    const app = express().use(one.router).use(two.router);
    const fail = (path: string) => request(app).post(path).type('form').send({});
    expect([(await fail('/one')).status, (await fail('/one')).status]).toEqual([400, 429]);
    expect((await redeem(app, '/two')).status).toBe(200);
    expect([one.reasons(), two.reasons()]).toEqual([['parameter_missing', 'rate_limited'], ['code_redeemed']]);
  });

  it('twice in one app as the same router', async () => {
    const endpoint = createEndpoint();
    const app = express().use('/a', endpoint.router).use('/b', endpoint.router);
    expect((await redeem(app, '/a/oauth/token')).status).toBe(200);
    expectRefusal(await redeem(app, '/b/oauth/token'), endpoint, { error: 'invalid_grant', reason: 'code_replayed' });
  });
});

describe('The router without an Express app, on Node’s own request and response,', () => {
  const ORIGIN = 'https://app.example';

  /** What calls the router: it knows the address of the client, and what stands in the response already. */
  const serve = (options: Partial<Options>, before: (req: Request, res: Response) => void = () => {}) => {
    const endpoint = createEndpoint(options);
    const listener = (req: Request, res: Response) => {
      before(req, res);
      endpoint.router(req, res, () => res.writeHead(404).end());
    };
    return { endpoint, server: createServer(listener as never) };
  };

  it('serves, refuses, and leaves other paths to the host', async () => {
    const { endpoint, server } = serve({});
    const post = (form: object) => request(server).post('/oauth/token').type('form').send(form);
    expect((await post({ ...goodForm(), code: 'unknown' })).body.error).toBe('invalid_grant');
    expect((await post(goodForm())).body.access_token).toBe('an access token');
    expect((await request(server).get('/')).status).toBe(404);
    expect(endpoint.reasons()).toEqual(['code_unknown', 'code_redeemed']);
  });

  it.each<[string, string | string[] | undefined, string]>([
    ['nothing else', undefined, 'Origin'],
    ['a field', 'Accept', 'Accept, Origin'],
    ['several fields', ['Accept', 'Cookie'], 'Accept, Cookie, Origin'],
    ['a field that ends alike', 'X-Origin', 'X-Origin, Origin'],
    ['the same field', 'Accept, origin', 'Accept, origin'],
    ['everything', '*', '*'],
  ])('names Origin in Vary beside %s', async (_what, there, expected) => {
    for (const allowedOrigins of [[ORIGIN], async (origin: string) => origin === ORIGIN]) {
      const { server } = serve({ allowedOrigins }, (_req, res) => {
        if (there !== undefined) res.setHeader('Vary', there);
      });
      for (const [origin, allowed] of [
        [ORIGIN, ORIGIN],
        ['https://evil.example', undefined],
      ] as const) {
        const { status, headers } = await request(server).post('/oauth/token').set('Origin', origin);
        expect([status, headers.vary, headers['access-control-allow-origin']]).toEqual([415, expected, allowed]);
      }
    }
  });

  it('ends a request whose allowedOrigins answers too late', async () => {
    let allow = (_isAllowed: boolean) => {};
    const late = new Promise<boolean>((resolve) => {
      allow = resolve;
    });
    const { endpoint, server } = serve({ adapterTimeout: 50, allowedOrigins: () => late });
    const answer = await request(server).post('/oauth/token').set('Origin', ORIGIN).type('form').send(goodForm());
    expect([answer.status, answer.body.error]).toEqual([503, 'temporarily_unavailable']);
    allow(true);
    for (let turn = 0; turn < 10; turn += 1) await setImmediate();
    expect([endpoint.reasons(), endpoint.calls]).toEqual([['adapter_timeout'], []]);
  });

  it('limits each address that its host finds, and tells where it stands', async () => {
    const log = jest.spyOn(console, 'error').mockImplementation(() => {});
    const { server } = serve({ rateLimit: { limit: 1 } }, (req, res) => {
      Object.defineProperty(req, 'ip', { value: req.headers['x-client'] });
      res.setHeader('RateLimit', '"of the host"; r=1; t=1');
    });
    const guess = (address: string) =>
      request(server)
        .post('/oauth/token')
        .type('form')
        .set({ 'X-Client': address, 'X-Forwarded-For': '198.51.100.1' })
        .send({ ...goodForm(), code: 'unknown' });
    const answers = [await guess('203.0.113.1'), await guess('203.0.113.1'), await guess('203.0.113.2')];
    expect(answers.map(({ status }) => status)).toEqual([400, 429, 400]);
    expect(answers[1]?.headers).toMatchObject({
      ratelimit: expect.stringMatching(/^"of the host"; r=1; t=1, "1-in-1min"; r=0; t=\d+$/),
      'ratelimit-policy': expect.stringMatching(/^"1-in-1min"; q=1; w=60; pk=:/),
      'retry-after': expect.stringMatching(/^\d+$/),
    });
    expect(log).not.toHaveBeenCalled();
    log.mockRestore();
  });
});

describe('createTokenRouter', () => {
  it('returns a router that tells what it serves, and the doctor its options', () => {
    const { router } = createEndpoint({ path: '/token', maxInFlight: 7 });
    expect(router.metadata).toMatchObject({
      grantTypes: ['authorization_code'],
      clientAuthenticationMethods: ['none'],
    });
    expect(factsOf(router)).toMatchObject({ router: { path: '/token', maxInFlight: 7 } });
  });

  it('names its endpoint in the challenge to a client that HTTP Basic did not authenticate', async () => {
    const endpoint = createEndpoint({ authenticateClient: () => null });
    const answer = await endpoint.post().auth('spa', 'wrong');
    expect(answer.headers['www-authenticate']).toBe('Basic realm="token endpoint"');
    expectRefusal(answer, endpoint, { status: 401, error: 'invalid_client', reason: 'client_refused' });
  });

  it('refuses bad options at once', () => {
    expect(() => createTokenRouter({} as never)).toThrow(TypeError);
  });
});
