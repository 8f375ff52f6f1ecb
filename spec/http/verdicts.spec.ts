import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import express from 'express';
import { MemoryStore, type Store } from 'express-rate-limit';
import { OAuthError } from '../../lib';
import { bad, countOf, createClient, describeBurst, FORM, good, guess, PATIENT } from '../support/burst';
import { createEndpoint, type Options } from '../support/endpoint';
import { hangUpAfter, openConnection, rawPost, withServer } from '../support/raw';

jest.setTimeout(120_000);

const behindProxy = ({ router }: ReturnType<typeof createEndpoint>) => express().set('trust proxy', 1).use(router);

/** A store that notes what it is asked, and counts in memory. */
function createNotingStore({ hasGet = true } = {}) {
  const operations: string[] = [];
  const counts = new Map<string, number>();
  const note = (operation: string, key: string, change: number) => {
    operations.push(operation);
    counts.set(key, (counts.get(key) ?? 0) + change);
    return { totalHits: counts.get(key) ?? 0, resetTime: new Date(Date.now() + 60_000) };
  };
  const store: Store = {
    ...(hasGet && { get: async (key: string) => note('get', key, 0) }),
    increment: async (key) => note('increment', key, 1),
    decrement: async (key) => void note('decrement', key, -1),
    resetKey: async (key) => void counts.delete(key),
  };
  return { store, operations, total: () => [...counts.values()].reduce((sum, count) => sum + count, 0) };
}

describeBurst('in memory', () => new MemoryStore());
describeBurst('on a store with get', () => createNotingStore().store);
describeBurst('on a store without get', () => createNotingStore({ hasGet: false }).store);

describe('What is asked of the store', () => {
  it.each([
    ['a success', good, true, ['get']],
    ['a failure', bad, true, ['get', 'increment']],
    ['a success, without get', good, false, ['increment', 'decrement']],
    ['a failure, without get', bad, false, ['increment', 'decrement', 'increment']],
  ])('%s', async (_what, form, hasGet, expected) => {
    const { store, operations } = createNotingStore({ hasGet });
    const endpoint = createEndpoint({ rateLimit: { store } });
    await withServer(endpoint.app, async (port) => {
      await createClient(port)(form());
      expect(operations).toEqual(expected);
    });
  });
});

describe('A verdict counts, whoever waits for it:', () => {
  /** An endpoint whose clients never authenticate, which takes a while. */
  function createGuarded(options: Partial<Options>, ms = 100) {
    const noting = createNotingStore();
    let settled = 0;
    const endpoint = createEndpoint({
      rateLimit: { limit: 3, store: noting.store },
      async authenticateClient() {
        await sleep(ms);
        settled += 1;
        return null;
      },
      ...options,
    });
    const untilCounted = async (total: number) => {
      const until = Date.now() + 10_000;
      while (noting.total() < total && Date.now() < until) await sleep(5);
      await sleep(50);
      expect([noting.total(), settled]).toEqual([total, total]);
    };
    return { endpoint, untilCounted };
  }

  it('one that comes after the look budget', async () => {
    const { endpoint, untilCounted } = createGuarded({ adapterTimeout: 500 }, 1000);
    await withServer(endpoint.app, async (port) => {
      const post = createClient(port);
      for (let i = 1; i <= 3; i += 1) {
        expect(await post(guess())).toBe(503);
        await untilCounted(i);
      }
      expect(await post(guess())).toBe(429);
      expect(endpoint.reasons()).toEqual(['adapter_timeout', 'adapter_timeout', 'adapter_timeout', 'rate_limited']);
    });
  });

  it('one whose client has hung up', async () => {
    const { endpoint, untilCounted } = createGuarded({});
    await withServer(endpoint.app, async (port) => {
      for (let i = 0; i < 3; i += 1) hangUpAfter(port, rawPost([`Content-Type: ${FORM}`], guess()));
      await untilCounted(3);
      expect(await createClient(port)(guess())).toBe(429);
    });
  });

  it('one of a request that the host has answered', async () => {
    const { endpoint, untilCounted } = createGuarded({});
    const app = express().use((_req, res, next) => {
      setTimeout(() => res.headersSent || res.status(504).end(), 20);
      next();
    }, endpoint.router);
    await withServer(app, async (port) => {
      const post = createClient(port);
      for (let i = 0; i < 3; i += 1) expect(await post(guess())).toBe(504);
      await untilCounted(3);
      expect(await post(guess())).toBe(429);
    });
  });

  it('one of a request whose body was held back until the host had answered', async () => {
    const { endpoint, untilCounted } = createGuarded({});
    const app = express().use((_req, res, next) => {
      setTimeout(() => res.status(504).end(), 20);
      next();
    }, endpoint.router);
    await withServer(app, async (port) => {
      const bytes = Buffer.from(
        rawPost([`Content-Type: ${FORM}`], guess())
          .toString()
          .replace('Connection: close', 'X: y'),
      );
      const holdBack = () =>
        new Promise<void>((resolve) => {
          const socket = connect(port, '127.0.0.1', () => socket.write(bytes.subarray(0, -10)));
          // The answer of the host.
          socket.once('data', () => {
            socket.write(bytes.subarray(-10));
            setTimeout(() => socket.destroy(), 300);
          });
          socket.once('close', () => resolve());
        });
      for (let i = 1; i <= 3; i += 1) {
        await holdBack();
        await untilCounted(i);
      }
      await holdBack();
      expect(endpoint.reasons().at(-1)).toBe('rate_limited');
    });
  });
});

describe('What has no verdict does not count:', () => {
  it('a hang-up in the middle of a valid request', async () => {
    const { store, total } = createNotingStore();
    const endpoint = createEndpoint({
      rateLimit: { limit: 5, store },
      async findCode() {
        await sleep(100);
        return endpoint.code;
      },
    });
    await withServer(endpoint.app, async (port) => {
      for (let i = 0; i < 100; i += 1) hangUpAfter(port, rawPost([`Content-Type: ${FORM}`], good()));
      const until = Date.now() + 20_000;
      while (endpoint.outcomes.length < 100 && Date.now() < until) await sleep(10);
      expect(new Set(endpoint.reasons())).toEqual(new Set(['client_gone']));
      expect([await createClient(port)(good()), total()]).toEqual([200, 0]);
    });
  });

  it('a hang-up in the middle of the body', async () => {
    const { store, total } = createNotingStore();
    const endpoint = createEndpoint({ rateLimit: { limit: 1, store } });
    await withServer(endpoint.app, async (port) => {
      for (let i = 0; i < 3; i += 1) {
        hangUpAfter(port, rawPost([`Content-Type: ${FORM}`], good()).subarray(0, -10));
      }
      while (endpoint.outcomes.length < 3) await sleep(10);
      expect(new Set(endpoint.reasons())).toEqual(new Set(['body_truncated']));
      expect([await createClient(port)(good()), total()]).toEqual([200, 0]);
    });
  });

  it.each<[string, OAuthError]>([
    ['a nonce challenge', new OAuthError('use_dpop_nonce', 'Use this nonce')],
    ['a device flow that is not confirmed yet', new OAuthError('authorization_pending', 'Wait')],
    ['a device flow that polls too often', new OAuthError('slow_down', 'Wait longer')],
    ['429 of an adapter', new OAuthError('too_many_requests', 'Later')],
    ['503 of an adapter', new OAuthError('temporarily_unavailable', 'Later')],
    ['a step on the way to the tokens', new OAuthError('mfa_required', 'Next', { counts: false })],
    ['a fault, though it claims to count', new OAuthError('server_error', 'Broken', { counts: true })],
  ])('%s', async (_what, refusal) => {
    const { store, total } = createNotingStore();
    const endpoint = createEndpoint({ rateLimit: { limit: 1, store }, findCode: () => Promise.reject(refusal) });
    await withServer(endpoint.app, async (port) => {
      const post = createClient(port);
      const statuses = [await post(good()), await post(good()), await post(good())];
      expect([new Set(statuses).size, total()]).toEqual([1, 0]);
      expect(endpoint.reasons()).toEqual(['adapter_refused', 'adapter_refused', 'adapter_refused']);
    });
  });

  it('a 429 itself: at the end of the window the address is free', async () => {
    const { store, total } = createNotingStore();
    const endpoint = createEndpoint({ rateLimit: { limit: 1, store } });
    await withServer(endpoint.app, async (port) => {
      const post = createClient(port);
      expect([await post(bad()), await post(good()), await post(bad()), total()]).toEqual([400, 429, 429, 1]);
    });
  });
});

describe('What waits for its turn to authenticate', () => {
  it.each<[string, Partial<Options>]>([
    ['is not compared any more once the address has failed too often', {}],
    ['neither where the host had answered long before', { adapterTimeout: 7000, actTimeout: 2500 }],
  ])('%s', async (_what, options) => {
    let compared = 0;
    const answersEarly = options.adapterTimeout !== undefined;
    const endpoint = createEndpoint({
      ...PATIENT,
      ...options,
      rateLimit: { limit: 30 },
      async authenticateClient() {
        compared += 1;
        await sleep(50);
        return null;
      },
    });
    const app = express().use((_req, res, next) => {
      if (answersEarly) setTimeout(() => res.headersSent || res.status(504).end(), 20);
      next();
    }, endpoint.router);
    await withServer(app, async (port) => {
      const post = createClient(port);
      const statuses = await Promise.all(Array.from({ length: 150 }, () => post(guess())));
      const until = Date.now() + 20_000;
      while (endpoint.outcomes.length < 150 && Date.now() < until) await sleep(10);
      if (answersEarly) expect(countOf(statuses)[504]).toBeGreaterThan(0);
      else expect(countOf(statuses)).toEqual({ 401: 30, 429: 120 });
      // 20 at a time: no more than these can be on their way when the last verdict is known.
      expect(compared).toBeLessThanOrEqual(50);
      expect(compared).toBeGreaterThanOrEqual(30);
    });
  });

  it('is not compared where the address had failed too often by the time its body came', async () => {
    let arrived = 0;
    let compared = 0;
    const endpoint = createEndpoint({
      ...PATIENT,
      rateLimit: { limit: 1 },
      authenticateClient() {
        compared += 1;
        return null;
      },
    });
    const app = express().use((_req, _res, next) => {
      arrived += 1;
      next();
    }, endpoint.router);
    await withServer(app, async (port) => {
      const bytes = rawPost([`Content-Type: ${FORM}`], guess());
      const connection = await openConnection(port);
      await connection.write(bytes.subarray(0, -10));
      while (arrived === 0) await sleep(5);
      expect(await createClient(port)(guess())).toBe(401);
      await connection.write(bytes.subarray(-10));
      expect(await connection.closed).toMatch(/^HTTP\/1.1 429 /);
      expect(compared).toBe(1);
    });
  });
});

describe('An attacker who guesses secrets that are slow to compare', () => {
  it('is limited, and holds up nobody else', async () => {
    const endpoint = createEndpoint({
      ...PATIENT,
      rateLimit: { limit: 10 },
      async authenticateClient(credentials) {
        if (credentials.method === 'none') return { clientId: credentials.clientId };
        await sleep(50);
        return null;
      },
      consumeCode: () => true,
    });
    await withServer(behindProxy(endpoint), async (port) => {
      const [attack, visit] = [createClient(port, '198.51.100.66'), createClient(port, '203.0.113.9')];
      const attacks = Promise.all(Array.from({ length: 200 }, () => attack(guess())));
      const visits = Promise.all(Array.from({ length: 20 }, () => visit(good())));
      expect(countOf(await visits)).toEqual({ 200: 20 });
      expect(countOf(await attacks)).toEqual({ 401: 10, 429: 190 });
    });
  });
});
