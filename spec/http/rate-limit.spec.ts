import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request as send } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express, { type Express } from 'express';
import { ipKeyGenerator, MemoryStore, type Store } from 'express-rate-limit';
import request from 'supertest';
import { OAuthError } from '../../lib';
import { createEndpoint, goodForm, type Options } from '../support/endpoint';
import { expectRedeemable, expectRefusal } from '../support/refusals';

jest.setTimeout(120_000);

type Endpoint = ReturnType<typeof createEndpoint>;

const limited: Parameters<typeof expectRefusal>[2] = {
  status: 429,
  error: 'too_many_requests',
  description: 'Too many requests, try again later',
  reason: 'rate_limited',
};
const bad = () => ({ ...goodForm(), code: 'unknown' });

/** A store whose methods may fail. */
const storeWith = (methods: Partial<Store>): Store => ({
  increment: async () => ({ totalHits: 1, resetTime: new Date(Date.now() + 60_000) }),
  decrement: async () => {},
  resetKey: async () => {},
  ...methods,
});

async function statusesOf(send: () => PromiseLike<{ status: number }>, times: number): Promise<number[]> {
  const statuses = [];
  for (let i = 0; i < times; i++) statuses.push((await send()).status);
  return statuses;
}

describe('Failures', () => {
  it('are counted, and one too many is refused before the body is read', async () => {
    const endpoint = createEndpoint({ rateLimit: { limit: 2 }, allowedOrigins: ['https://app.example'] });
    expect(await statusesOf(() => endpoint.post(bad()), 2)).toEqual([400, 400]);
    endpoint.calls.length = 0;
    const answer = await endpoint.post().set('Origin', 'https://app.example');
    expectRefusal(answer, endpoint, limited);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(answer.headers['access-control-allow-origin']).toBe('https://app.example');
    expect(answer.headers['access-control-expose-headers']).toContain('Retry-After');
    expect(endpoint.calls).toEqual([]);
    expect(endpoint.outcomes.at(-1)).not.toHaveProperty('fault');
  });

  it.each<[string, (endpoint: Endpoint) => request.Test]>([
    ['another media type', ({ app }) => request(app).post('/oauth/token').type('text').send('x')],
    ['a body too large', ({ post }) => post({ ...goodForm(), pad: 'x'.repeat(20_000) })],
    ['a parameter that is missing', ({ post }) => post({})],
    ['a client that does not authenticate', ({ post }) => post({ ...goodForm(), client_secret: 'x' })],
    ['an unknown code', ({ post }) => post(bad())],
    ['a wrong verifier', ({ post }) => post({ ...goodForm(), code_verifier: 'x'.repeat(43) })],
  ])('are all refusals that a client can cause: %s', async (_what, send) => {
    const endpoint = createEndpoint({ rateLimit: { limit: 1 } });
    await send(endpoint);
    expectRefusal(await endpoint.post(), endpoint, limited);
  });

  it('are told in the fields of draft 8, and in no others; a success has none', async () => {
    const endpoint = createEndpoint();
    const { headers } = await endpoint.post(bad());
    expect(headers['ratelimit-policy']).toMatch(/^"100-in-1min"; q=100; w=60; pk=:.+:$/);
    expect(headers.ratelimit).toMatch(/^"100-in-1min"; r=99; t=(?:60|59)$/);
    expect(Object.keys(headers).filter((name) => name.startsWith('x-ratelimit'))).toEqual([]);
    for (const success of [await endpoint.post(), await createEndpoint().post()]) {
      expect(Object.keys(success.headers).filter((name) => /ratelimit/i.test(name))).toEqual([]);
    }
  });

  it('are told with the length of the window where the store does not tell when it ends', async () => {
    const store = storeWith({
      get: async () => undefined,
      increment: async () => ({ totalHits: 1, resetTime: undefined }),
    });
    const { headers } = await createEndpoint({ rateLimit: { store, windowMs: 30_000 } }).post(bad());
    expect(headers.ratelimit).toMatch(/^"100-in-30sec"; r=99; t=(?:30|29)$/);
  });

  it('are told to nobody where the host has answered already, and nothing is logged', async () => {
    const logger = { error: jest.fn(), warn: jest.fn() };
    const endpoint = createEndpoint({
      rateLimit: { limit: 1, logger },
      async findCode(_code, req) {
        req.res?.status(504).end();
        return null;
      },
    });
    const first = await endpoint.post();
    expect([first.status, first.headers.ratelimit, first.headers['retry-after']]).toEqual([504, undefined, undefined]);
    const second = await endpoint.post();
    expectRefusal(second, endpoint, limited);
    expect([endpoint.reasons(), logger.error.mock.calls]).toEqual([['code_unknown', 'rate_limited'], []]);
  });

  it('are what they are by default where an option is undefined', async () => {
    const undefinedOptions = { limit: undefined, windowMs: undefined, skipSuccessfulRequests: undefined } as never;
    const { headers } = await createEndpoint({ rateLimit: undefinedOptions }).post(bad());
    expect(headers['ratelimit-policy']).toMatch(/^"100-in-1min"; q=100; w=60;/);
  });

  it('are told as the host wants it', async () => {
    const rateLimit = { limit: async () => 2, windowMs: 30_000, identifier: async () => 'tokens' };
    const endpoint = createEndpoint({ rateLimit });
    const { headers } = await endpoint.post(bad());
    expect(headers['ratelimit-policy']).toMatch(/^"tokens"; q=2; w=30; pk=:.+:$/);
    expect(headers.ratelimit).toMatch(/^"tokens"; r=1; t=(?:30|29)$/);
  });

  it('are told in the fields of another draft, or in none: Retry-After is always there', async () => {
    const older = createEndpoint({ rateLimit: { limit: 0, validate: false, standardHeaders: 'draft-7' } });
    expect((await older.post()).headers.ratelimit).toMatch(/^limit=0, remaining=0, reset=60$/);
    const none = createEndpoint({ rateLimit: { limit: 1, standardHeaders: false } });
    await none.post(bad());
    const { status, headers } = await none.post();
    expect([status, headers['retry-after'], headers.ratelimit]).toEqual([
      429,
      expect.stringMatching(/^(?:60|59)$/),
      undefined,
    ]);
  });

  it('are a hundred a minute by default', async () => {
    const endpoint = createEndpoint();
    expect(new Set(await statusesOf(() => endpoint.post({}), 100))).toEqual(new Set([400]));
    expectRefusal(await endpoint.post({}), endpoint, limited);
  });

  it('are counted again from zero once the window is over', async () => {
    const endpoint = createEndpoint({ rateLimit: { limit: 1, windowMs: 200 } });
    await endpoint.post(bad());
    await new Promise((resolve) => setTimeout(resolve, 250));
    await expectRedeemable(endpoint);
  });

  it('of other methods are not counted, and are never limited', async () => {
    const endpoint = createEndpoint({ rateLimit: { limit: 1 } });
    expect(await statusesOf(() => request(endpoint.app).get('/oauth/token'), 3)).toEqual([405, 405, 405]);
    await expectRedeemable(endpoint);
  });
});

describe('Nothing is counted for', () => {
  it('a success', async () => {
    const endpoint = createEndpoint({ rateLimit: { limit: 2 }, consumeCode: () => true });
    expect(await statusesOf(() => endpoint.post(), 6)).toEqual([200, 200, 200, 200, 200, 200]);
  });

  it('a nonce challenge', async () => {
    const challenge = new OAuthError('use_dpop_nonce', 'Use this nonce', { headers: { 'DPoP-Nonce': 'next' } });
    const endpoint = createEndpoint({
      rateLimit: { limit: 2 },
      tokenEndpoint: 'https://auth.example/oauth/token',
      verifyDpop: () => Promise.reject(challenge),
    });
    expect(await statusesOf(() => endpoint.post().set('DPoP', 'x'), 6)).toEqual([400, 400, 400, 400, 400, 400]);
    expect(new Set(endpoint.outcomes.map(({ error }) => error))).toEqual(new Set(['use_dpop_nonce']));
  });

  it.each<[string, number, Partial<Options>]>([
    ['a fault of the host', 500, { findCode: () => Promise.reject(new Error('database gone')) }],
    ['a deadline that is over', 503, { adapterTimeout: 20, findCode: () => new Promise(() => {}) }],
  ])('%s', async (_what, status, options) => {
    const endpoint = createEndpoint({ rateLimit: { limit: 2 }, ...options });
    expect(new Set(await statusesOf(() => endpoint.post(), 5))).toEqual(new Set([status]));
  });
});

describe('Clients are told apart', () => {
  const behindProxy = (endpoint: Endpoint) => express().set('trust proxy', 'loopback').use(endpoint.router);
  const from = (app: express.Express, address: string) =>
    request(app).post('/oauth/token').set('X-Forwarded-For', address).type('form').send(bad());

  it.each([
    ['IPv4', '203.0.113.1', '203.0.113.1', 429],
    ['IPv4', '203.0.113.1', '203.0.113.2', 400],
    ['IPv6, where a subscriber has a whole subnet', '2001:db8:0:100::1', '2001:db8:0:1ff:ffff::2', 429],
    ['IPv6', '2001:db8:0:100::1', '2001:db8:0:200::1', 400],
    ['IPv4 written as IPv6', '::ffff:203.0.113.1', '203.0.113.1', 429],
    ['IPv4 written as IPv6', '::ffff:203.0.113.1', '::ffff:203.0.113.2', 400],
    ['IPv4 written as IPv6 in hexadecimal', '::ffff:cb00:7101', '203.0.113.1', 429],
    ['IPv4 with the port of a gateway', '203.0.113.1:4711', '203.0.113.1:4712', 429],
    ['IPv4 with the port of a gateway', '203.0.113.1:4711', '203.0.113.2:4711', 400],
    ['IPv6 with the port of a gateway', '[2001:db8::1]:4711', '[2001:db8::2]:4712', 429],
    ['IPv6 with a zone', 'fe80::1%eth0', 'fe80::1%eth1', 429],
    ['what is no address', 'unknown', '_hidden', 429],
  ])('by address, %s: after %s, %s gets %i', async (_what, first, second, status) => {
    const app = behindProxy(createEndpoint({ rateLimit: { limit: 1 } }));
    await from(app, first);
    expect((await from(app, second)).status).toBe(status);
  });

  it('by the subnet that the host chooses, for each request if it likes', async () => {
    const app = behindProxy(createEndpoint({ rateLimit: { limit: 1, ipv6Subnet: async () => 64 } }));
    await from(app, '2001:db8:0:100::1');
    expect((await from(app, '2001:db8:0:101::1')).status).toBe(400);
    expect((await from(app, '2001:db8:0:100::2')).status).toBe(429);
  });

  it('250 guesses through a gateway that writes ports pass the limit 100 times', async () => {
    const app = behindProxy(createEndpoint());
    let port = 10_000;
    const statuses = await statusesOf(() => {
      port += 1;
      return from(app, `203.0.113.9:${port}`);
    }, 250);
    expect([statuses.indexOf(429), statuses.filter((status) => status === 429).length]).toEqual([100, 150]);
  });

  it('by whatever key the host chooses', async () => {
    const { post } = createEndpoint({
      rateLimit: { limit: 1, keyGenerator: (req) => String(req.headers['x-tenant'] ?? ipKeyGenerator(req.ip ?? '')) },
    });
    await post(bad()).set('X-Tenant', 'a');
    const answers = [await post(bad()).set('X-Tenant', 'a'), await post(bad()).set('X-Tenant', 'b')];
    expect(answers.map(({ status }) => status)).toEqual([429, 400]);
  });

  it('and some may be exempt', async () => {
    const { post } = createEndpoint({ rateLimit: { limit: 1, skip: (req) => req.headers['x-backend'] === 'yes' } });
    expect(await statusesOf(() => post(bad()).set('X-Backend', 'yes'), 4)).toEqual([400, 400, 400, 400]);
  });
});

describe('Over a Unix socket, where nobody has an address,', () => {
  /** The statuses of as many bad requests as asked for, one after the other, through a socket file. */
  async function failOver(app: Express, times: number): Promise<number[]> {
    const folder = mkdtempSync(join(tmpdir(), 'express-token-router-'));
    const socketPath = join(folder, 'socket');
    const server = createServer(app);
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    const fail = () =>
      new Promise<{ status: number }>((resolve, reject) => {
        const headers = { 'Content-Type': 'application/json' };
        send({ socketPath, path: '/oauth/token', method: 'POST', headers, agent: false }, (answer) => {
          answer.resume().once('end', () => resolve({ status: Number(answer.statusCode) }));
        })
          .once('error', reject)
          .end('{}');
      });
    try {
      return await statusesOf(fail, times);
    } finally {
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true });
    }
  }

  it('all share one count', async () => {
    const endpoint = createEndpoint({ rateLimit: { limit: 2, ipv6Subnet: 64 } });
    expect(await failOver(endpoint.app, 4)).toEqual([400, 400, 429, 429]);
    expect(endpoint.reasons().slice(2)).toEqual(['rate_limited', 'rate_limited']);
  });

  it('the key of the host counts', async () => {
    let nth = 0;
    const endpoint = createEndpoint({
      rateLimit: {
        limit: 1,
        keyGenerator: () => {
          nth += 1;
          return String(nth);
        },
      },
    });
    expect([await failOver(endpoint.app, 3), nth]).toEqual([[400, 400, 400], 3]);
  });
});

describe('The host may', () => {
  it('switch the limit off', async () => {
    const endpoint = createEndpoint({ rateLimit: false });
    const answers = await statusesOf(() => endpoint.post({}), 120);
    expect(new Set(answers)).toEqual(new Set([400]));
    expect((await endpoint.post({})).headers).not.toHaveProperty('ratelimit');
  });

  it('bring a store, which then knows what was counted', async () => {
    const store = new MemoryStore();
    const endpoint = createEndpoint({ rateLimit: { store, keyGenerator: () => 'all' } });
    await endpoint.post(bad());
    await endpoint.post(bad());
    await endpoint.post();
    expect(await store.get('all')).toMatchObject({ totalHits: 2 });
  });

  it('not bring its own answer by a way round the types', async () => {
    expect(() => createEndpoint({ rateLimit: { handler: () => {} } as never })).toThrow(
      'rateLimit.handler changes nothing: the endpoint answers 429 itself. Leave it out.',
    );
  });
});

describe('A store that fails', () => {
  const gone = new Error('redis gone');

  it.each<[string, () => Options['rateLimit']]>([
    ['rejects', () => ({ store: storeWith({ increment: () => Promise.reject(gone) }) })],
    [
      'throws',
      () => ({
        store: storeWith({
          increment() {
            throw gone;
          },
        }),
      }),
    ],
    ['is asked by a key that fails', () => ({ keyGenerator: () => Promise.reject(gone) })],
  ])('refuses: it %s', async (_what, rateLimit) => {
    const endpoint = createEndpoint({ rateLimit: rateLimit() });
    const answer = await endpoint.post();
    expectRefusal(answer, endpoint, {
      status: 503,
      error: 'temporarily_unavailable',
      description: 'The authorization server is not available now, try again',
      reason: 'rate_limit_store_failed',
    });
    expect([answer.headers['retry-after'], endpoint.calls]).toEqual(['1', []]);
    expect(endpoint.outcomes).toMatchObject([{ outcome: 'failed', fault: gone }]);
  });

  it('refuses within the deadline where it hangs', async () => {
    const endpoint = createEndpoint({
      adapterTimeout: 30,
      rateLimit: { store: storeWith({ increment: () => new Promise(() => {}) }) },
    });
    const answer = await endpoint.post();
    expectRefusal(answer, endpoint, { status: 503, error: 'temporarily_unavailable', reason: 'adapter_timeout' });
    expect([answer.headers['retry-after'], endpoint.calls]).toEqual(['1', []]);
  });

  it('serves where the host chose so', async () => {
    const logger = { error: jest.fn(), warn: jest.fn() };
    const store = storeWith({ increment: () => Promise.reject(gone) });
    const endpoint = createEndpoint({ rateLimit: { store, passOnStoreError: true, logger } });
    expect((await endpoint.post()).status).toBe(200);
    expect(logger.error.mock.calls).toEqual([
      [gone, 'express-token-router: rateLimit failed, the request is served without a limit'],
    ]);
  });
});

describe('A function of the host that returns something else', () => {
  it.each<[string, Options['rateLimit'], string]>([
    ['no string as the key', { keyGenerator: (() => 7) as never }, 'keyGenerator returned 7; it must return a string'],
    [
      'nothing as the key',
      { keyGenerator: (() => undefined) as never },
      'keyGenerator returned undefined; it must return a string',
    ],
    ['no number as the limit', { limit: (() => '7') as never }, "limit returned '7'; it must return a number"],
    ['a limit that is none', { limit: () => Number.NaN }, 'limit returned NaN; it must return a number'],
  ])('refuses: %s', async (_what, rateLimit, told) => {
    const endpoint = createEndpoint({ rateLimit });
    expectRefusal(await endpoint.post(), endpoint, {
      status: 503,
      error: 'temporarily_unavailable',
      reason: 'rate_limit_store_failed',
    });
    expect(endpoint.outcomes[0]?.fault).toEqual(new TypeError(`rateLimit.${told}`));
  });

  it('may refuse by an OAuthError', async () => {
    const refusal = new OAuthError('access_denied', 'No', { reason: 'blocked' });
    const endpoint = createEndpoint({ rateLimit: { keyGenerator: () => Promise.reject(refusal) } });
    expectRefusal(await endpoint.post(), endpoint, { error: 'access_denied', description: 'No', reason: 'blocked' });
  });

  it.each<[string, Options['rateLimit'], string]>([
    ['throws', { identifier: () => Promise.reject(new Error('no name')) }, 'no name'],
    ['hangs', { identifier: () => new Promise<string>(() => {}) }, 'rateLimit.identifier did not answer in time'],
  ])('costs an answer its fields and no more where identifier %s', async (_what, rateLimit, told) => {
    const logger = { error: jest.fn(), warn: jest.fn() };
    const endpoint = createEndpoint({ adapterTimeout: 100, rateLimit: { ...rateLimit, limit: 1, logger } });
    const verdict = await endpoint.post(bad());
    expectRefusal(verdict, endpoint, { error: 'invalid_grant', reason: 'code_unknown' });
    expect(verdict.headers).not.toHaveProperty('ratelimit');
    const answer = await endpoint.post();
    expectRefusal(answer, endpoint, limited);
    expect(answer.headers['retry-after']).toMatch(/^(?:60|59|58)$/);
    const logged = [new Error(told), 'express-token-router: rateLimit failed, an answer has no RateLimit fields'];
    expect(logger.error.mock.calls).toEqual([logged, logged]);
  });
});

describe('A verdict that cannot be counted', () => {
  const gone = new Error('OOM command not allowed');
  const unavailable = {
    status: 503,
    error: 'temporarily_unavailable',
    description: 'The authorization server is not available now, try again',
    reason: 'rate_limit_store_failed',
  };
  const createBroken = (fail: () => Promise<never>) => {
    const store = new MemoryStore();
    const increment = jest.spyOn(store, 'increment').mockImplementation(fail);
    return { store, increment };
  };

  it('leaves as 503, nobody else is served, and both end as soon as a write succeeds', async () => {
    const { store, increment } = createBroken(() => Promise.reject(gone));
    const endpoint = createEndpoint({ rateLimit: { limit: 2, store, keyGenerator: () => 'all' } });
    const answer = await endpoint.post(bad());
    expectRefusal(answer, endpoint, unavailable);
    expect([answer.headers['retry-after'], answer.headers.ratelimit]).toEqual(['1', undefined]);
    expect(endpoint.outcomes.at(-1)).toMatchObject({ outcome: 'failed', fault: gone });
    endpoint.calls.length = 0;
    expectRefusal(await endpoint.post(), endpoint, unavailable);
    expect(endpoint.calls).toEqual([]);
    increment.mockRestore();
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect((await endpoint.post()).status).toBe(200);
    expect(await store.get('all')).toMatchObject({ totalHits: 1 });
  });

  it('leaves within the time that is left where the store hangs, and counts against the address', async () => {
    const { store, increment } = createBroken(() => new Promise(() => {}));
    const endpoint = createEndpoint({ adapterTimeout: 100, rateLimit: { limit: 1, store } });
    const startedAt = Date.now();
    expectRefusal(await endpoint.post(bad()), endpoint, unavailable);
    expect(Date.now() - startedAt).toBeLessThan(3000);
    expect(increment).toHaveBeenCalledTimes(1);
    expect(endpoint.outcomes[0]?.fault).toEqual(new Error('The rate limit store did not write a count in time'));
    // The store has not said no yet. This process knows of the failure all the same, but not when the window ends.
    const answer = await endpoint.post();
    expectRefusal(answer, endpoint, limited);
    expect(answer.headers['retry-after']).toMatch(/^(?:60|59|58)$/);
    expect(endpoint.isSpent()).toBe(false);
  });

  it('counts against its address while it waits to be written, and against no other', async () => {
    const store = new MemoryStore();
    const increment = jest.spyOn(store, 'increment').mockRejectedValue(gone);
    let looked = 0;
    let find = () => {};
    const all = new Promise<void>((resolve) => {
      find = resolve;
    });
    const endpoint = createEndpoint({
      rateLimit: { limit: 3, store, keyGenerator: (req) => String(req.headers['x-key']) },
      consumeCode: () => true,
      async findCode(code) {
        if (code !== 'unknown') return endpoint.code;
        looked += 1;
        if (looked === 5) find();
        return all.then(() => null);
      },
    });
    const send = (key: string, form?: Record<string, string>) => endpoint.post(form).set('X-Key', key);
    // All five are on their way before the first one is counted.
    const burst = await Promise.all(Array.from({ length: 5 }, () => send('a', bad())));
    expect(burst.map(({ status }) => status)).toEqual([503, 503, 503, 503, 503]);

    let release = () => {};
    const hanging = new Promise<never>((_resolve, reject) => {
      release = () => reject(gone);
    });
    increment.mockReturnValue(hanging).mockResolvedValueOnce({ totalHits: 1, resetTime: undefined });
    expect((await send('b')).status).toBe(200);
    expectRefusal(await send('a'), endpoint, limited);
    expect((await send('b')).status).toBe(200);
    release();
  });

  it.each([
    ['its logger', { error: jest.fn(), warn: jest.fn() }],
    ['the console', undefined],
  ])('leaves as it is where the host chose so, and %s is told', async (_what, logger) => {
    const complain = jest.spyOn(console, 'error').mockImplementation(() => {});
    const { store } = createBroken(() => Promise.reject(gone));
    const endpoint = createEndpoint({ rateLimit: { store, passOnStoreError: true, ...(logger && { logger }) } });
    const told = 'express-token-router: rateLimit failed, a failure is not counted';
    expectRefusal(await endpoint.post(bad()), endpoint, { error: 'invalid_grant', reason: 'code_unknown' });
    if (logger) expect(logger.error).toHaveBeenCalledWith(gone, told);
    else expect(complain).toHaveBeenCalledWith(told, gone);
    complain.mockRestore();
  });
});

describe('At the first request the library says what is wrong with trust proxy', () => {
  const post = (endpoint: Endpoint, form = goodForm()) => endpoint.post(form).set('X-Forwarded-For', '203.0.113.9');
  const createLogged = (rateLimit: Options['rateLimit'] = {}) => {
    const logger = { error: jest.fn(), warn: jest.fn() };
    const endpoint = createEndpoint({ consumeCode: () => true, rateLimit: { logger, ...rateLimit } });
    return { endpoint, codes: () => logger.error.mock.calls.map(([{ code }]) => code) };
  };

  it('once', async () => {
    const { endpoint, codes } = createLogged();
    expect(await statusesOf(() => post(endpoint), 3)).toEqual([200, 200, 200]);
    expect((await post(endpoint, bad())).status).toBe(400);
    expect(codes()).toEqual(['ERR_ERL_UNEXPECTED_X_FORWARDED_FOR']);
  });

  it.each<[string, Options['rateLimit']]>([
    ['validate is false', { validate: false }],
    ['validate excludes that', { validate: { xForwardedForHeader: false } }],
    ['the host has a key of its own', { keyGenerator: () => 'all' }],
  ])('unless %s', async (_what, rateLimit) => {
    const { endpoint, codes } = createLogged(rateLimit);
    await post(endpoint);
    expect(codes()).toEqual([]);
  });

  it.each<[string, Options['rateLimit']]>([
    ['if nothing is said of it', {}],
    ['where validate has members', { validate: { trustProxy: true } }],
  ])('and nothing of a port behind the address, %s', async (_what, rateLimit) => {
    const { endpoint, codes } = createLogged(rateLimit);
    const app = express().set('trust proxy', 1).use(endpoint.router);
    const send = request(app).post('/oauth/token').set('X-Forwarded-For', '203.0.113.9:4711');
    expect((await send.type('form').send(goodForm())).status).toBe(200);
    expect(codes()).toEqual([]);
  });
});
