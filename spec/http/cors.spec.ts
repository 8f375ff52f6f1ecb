import express from 'express';
import request from 'supertest';
import { createEndpoint, goodForm, type Options } from '../support/endpoint';
import { expectRefusal } from '../support/refusals';

const ORIGIN = 'https://app.example';
const EXPOSED = 'DPoP-Nonce,WWW-Authenticate,Retry-After,RateLimit,RateLimit-Policy';

const allowing: [string, Options['allowedOrigins']][] = [
  ['an array', ['https://other.example', ORIGIN]],
  ['a function', (origin) => origin === ORIGIN],
  ['an asynchronous function', async (origin) => origin === ORIGIN],
];

const corsOf = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('access-control-')));

const preflight = (endpoint: ReturnType<typeof createEndpoint>, origin = ORIGIN) =>
  request(endpoint.app)
    .options('/oauth/token')
    .set({ Origin: origin, 'Access-Control-Request-Method': 'POST' })
    .set('Access-Control-Request-Headers', 'authorization,content-type,dpop,auth0-client,traceparent');

describe.each(allowing)('An origin that %s allows', (_what, allowedOrigins) => {
  it('is answered with CORS, and without credentials', async () => {
    const endpoint = createEndpoint({ allowedOrigins });
    const answer = await endpoint.post().set('Origin', ORIGIN);
    expect([answer.status, answer.headers.vary, corsOf(answer.headers)]).toEqual([
      200,
      'Origin',
      { 'access-control-allow-origin': ORIGIN, 'access-control-expose-headers': EXPOSED },
    ]);
  });

  it('may ask first, with whatever headers it names, and keep the answer', async () => {
    const endpoint = createEndpoint({ allowedOrigins });
    const answer = await preflight(endpoint);
    expect([answer.status, answer.text, corsOf(answer.headers)]).toEqual([
      204,
      '',
      {
        'access-control-allow-origin': ORIGIN,
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': 'authorization,content-type,dpop,auth0-client,traceparent',
        'access-control-max-age': '7200',
        'access-control-expose-headers': EXPOSED,
      },
    ]);
    expect(answer.headers.vary).toBe('Origin, Access-Control-Request-Headers');
    expect([endpoint.calls, endpoint.outcomes]).toEqual([[], []]);
  });

  it.each([
    'https://app.example.evil.example',
    'https://evil.example',
    'http://app.example',
    'https://APP.example',
    'https://app.example:8443',
    'null',
    'constructor',
  ])('does not bring in %s: it is served, without CORS', async (origin) => {
    const endpoint = createEndpoint({ allowedOrigins });
    const answer = await endpoint.post().set('Origin', origin);
    expect([answer.status, answer.headers.vary, corsOf(answer.headers)]).toEqual([200, 'Origin', {}]);
  });

  it('leaves the preflight of another to the 405', async () => {
    const endpoint = createEndpoint({ allowedOrigins });
    const answer = await preflight(endpoint, 'https://evil.example');
    expectRefusal(answer, endpoint, { status: 405, error: 'invalid_request', reason: 'method_not_allowed' });
    expect([answer.headers.allow, answer.headers.vary, corsOf(answer.headers)]).toEqual(['POST', 'Origin', {}]);
  });

  it('changes nothing for a request without Origin but Vary', async () => {
    const endpoint = createEndpoint({ allowedOrigins });
    const answer = await endpoint.post();
    expect([answer.status, answer.headers.vary, corsOf(answer.headers)]).toEqual([200, 'Origin', {}]);
  });
});

describe('Every answer to an allowed origin can be read by its page', () => {
  const post = (endpoint: ReturnType<typeof createEndpoint>, form = {}) => endpoint.post({ ...goodForm(), ...form });
  type Send = (endpoint: ReturnType<typeof createEndpoint>) => request.Test;

  it.each<[string, number, Send, Partial<Options>]>([
    ['a refusal', 400, (endpoint) => post(endpoint, { code: 'x' }), {}],
    ['a challenge', 401, (endpoint) => endpoint.post().auth('spa', 'x'), {}],
    ['another method', 405, ({ app }) => request(app).put('/oauth/token'), {}],
    ['another media type', 415, ({ app }) => request(app).post('/oauth/token').type('text').send('x'), {}],
    ['a body too large', 413, (endpoint) => post(endpoint, { pad: 'x'.repeat(20_000) }), {}],
    ['over the limit', 429, (endpoint) => post(endpoint), { rateLimit: { limit: 0, validate: false } }],
    ['a fault', 500, (endpoint) => post(endpoint), { findCode: () => Promise.reject(new Error('x')) }],
    ['a time-out', 503, (endpoint) => post(endpoint), { adapterTimeout: 20, findCode: () => new Promise(() => {}) }],
  ])('%s: %i', async (_what, status, send, options) => {
    const endpoint = createEndpoint({ allowedOrigins: [ORIGIN], ...options });
    const answer = await send(endpoint).set('Origin', ORIGIN);
    expect([answer.status, answer.headers.vary, corsOf(answer.headers)]).toEqual([
      status,
      'Origin',
      { 'access-control-allow-origin': ORIGIN, 'access-control-expose-headers': EXPOSED },
    ]);
    expect([answer.headers['cache-control'], endpoint.outcomes.length]).toEqual(['no-store', 1]);
  });
});

describe('Origins of any scheme', () => {
  it.each(['capacitor://localhost', 'http://localhost:5173', 'app.my-shop://home', 'http://[::1]:8080', 'null'])(
    'may be allowed: %s',
    async (origin) => {
      const endpoint = createEndpoint({ allowedOrigins: [origin] });
      const answer = await endpoint.post().set('Origin', origin);
      expect(answer.headers['access-control-allow-origin']).toBe(origin);
      expect((await preflight(endpoint, origin)).status).toBe(204);
    },
  );
});

describe('Without allowedOrigins, or with an empty list, no origin is allowed', () => {
  it.each<[string, Partial<Options>]>([
    ['none', {}],
    ['an empty list', { allowedOrigins: [] }],
  ])('%s: served, without CORS', async (_what, options) => {
    const endpoint = createEndpoint(options);
    const answer = await endpoint.post().set('Origin', ORIGIN);
    expect([answer.status, corsOf(answer.headers)]).toEqual([200, {}]);
    expect((await preflight(endpoint)).status).toBe(405);
  });
});

describe('A function of the host', () => {
  it('is asked with the origin and the request, once, and only where there is an origin', async () => {
    const asked: unknown[] = [];
    const endpoint = createEndpoint({
      allowedOrigins(origin, req) {
        asked.push([origin, req.method, req.path]);
        return true;
      },
    });
    await endpoint.post();
    expect(asked).toEqual([]);
    await endpoint.post().set('Origin', ORIGIN);
    await preflight(endpoint);
    expect(asked).toEqual([
      [ORIGIN, 'POST', '/oauth/token'],
      [ORIGIN, 'OPTIONS', '/oauth/token'],
    ]);
  });

  const broken = new Error('database gone');
  const told = (received: string) => new TypeError(`allowedOrigins returned ${received}; it must return true or false`);
  it.each<[string, unknown, unknown]>([
    ['rejects', () => Promise.reject(broken), broken],
    [
      'throws',
      () => {
        throw broken;
      },
      broken,
    ],
    ['returns nothing', () => undefined, told('undefined')],
    ['returns the origin', (origin: string) => origin, told(`'${ORIGIN}'`)],
    ['returns 1', () => 1, told('1')],
  ])('that %s is a fault, and allows nobody', async (_what, allowedOrigins, fault) => {
    const endpoint = createEndpoint({ allowedOrigins: allowedOrigins as never });
    for (const answer of [await endpoint.post().set('Origin', ORIGIN), await preflight(endpoint)]) {
      expectRefusal(answer, endpoint, { status: 500, error: 'server_error', reason: 'allowed_origins_failed' });
      expect(corsOf(answer.headers)).toEqual({});
    }
    expect(endpoint.outcomes).toMatchObject([
      { outcome: 'failed', fault },
      { outcome: 'failed', fault },
    ]);
    expect(endpoint.calls).toEqual([]);
  });
});

describe('allowedOrigins that answers after the request has its answer', () => {
  const answers: [string, () => Promise<boolean>][] = [
    ['allows', async () => true],
    ['allows nobody', async () => false],
    ['fails', () => Promise.reject(new Error('database gone'))],
    ['returns nonsense', async () => 'yes' as never],
  ];

  it.each(answers)('and %s: nothing is thrown, and nothing is answered twice', async (_what, answer) => {
    let settle = () => {};
    const asked = new Promise<void>((resolve) => {
      settle = resolve;
    });
    const endpoint = createEndpoint({ adapterTimeout: 50, allowedOrigins: () => asked.then(answer) });
    for (const method of ['options', 'post'] as const) {
      const sent = await request(endpoint.app)
        [method]('/oauth/token')
        .set({ Origin: ORIGIN, 'Access-Control-Request-Method': 'POST' });
      expect(sent.status).toBe(503);
    }
    // Jest fails the test if a promise is rejected that nobody handles.
    settle();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(endpoint.outcomes).toMatchObject([{ reason: 'adapter_timeout' }, { reason: 'adapter_timeout' }]);
  });

  it('and after a time-out of the host has answered: the same', async () => {
    let asked: Promise<boolean> | undefined;
    const endpoint = createEndpoint({
      allowedOrigins() {
        asked = new Promise((resolve) => setTimeout(resolve, 100, true));
        return asked;
      },
    });
    const app = express()
      .use((_req, res, next) => {
        setTimeout(() => res.status(503).end(), 20);
        next();
      })
      .use(endpoint.app);
    const { status } = await request(app).post('/oauth/token').set({ Origin: ORIGIN });
    expect(status).toBe(503);
    await asked;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(endpoint.reasons()).not.toContain('code_redeemed');
  });
});
