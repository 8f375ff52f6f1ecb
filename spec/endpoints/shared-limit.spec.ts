import express from 'express';
import { MemoryStore, rateLimit, type Store } from 'express-rate-limit';
import request from 'supertest';
import { createTokenRouter, type TokenRouterOptions } from '../../lib';
import { createIntrospectionRouter, createRevocationRouter } from '../../lib/endpoints';

const LIMIT = 5;
const PATHS = ['/oauth/token', '/oauth/revoke', '/oauth/introspect'] as const;
const FORM = { grant_type: 'authorization_code', code: 'a', code_verifier: 'x'.repeat(43), token: 'a' };

/** The three endpoints, and a client whose secret somebody guesses. */
function createServer(limitOf: () => TokenRouterOptions['rateLimit']) {
  let guesses = 0;
  const authenticateClient = () => {
    guesses += 1;
    return null;
  };
  const shared = () => ({ authenticateClient, rateLimit: limitOf() });
  const app = express()
    .use(
      createTokenRouter({
        ...shared(),
        findCode: () => null,
        consumeCode: () => false,
        issueTokens: () => ({ access_token: 'a', expires_in: 60 }),
      }),
    )
    .use(createRevocationRouter({ ...shared(), findRefreshToken: () => null, revokeGrant: () => {} }))
    .use(
      createIntrospectionRouter({
        ...shared(),
        findAccessToken: () => null,
        resourceServer: () => [],
        isRevoked: () => false,
      }),
    );
  const guess = async (turn: number) => {
    const path = PATHS[turn % PATHS.length] as string;
    const sent = request(app).post(path).type('form').send(FORM);
    return (await sent.auth('web', `guess ${turn}`)).status;
  };
  return { app, guess, guesses: () => guesses };
}

const countOf = (statuses: readonly number[], status: number) => statuses.filter((each) => each === status).length;
const guessAtOnce = (guess: (turn: number) => Promise<number>) =>
  Promise.all(Array.from({ length: 30 }, (_each, turn) => guess(turn)));

/** A store of another process, such as Redis: it has `get`, and keys that are not its own. */
function createRemoteStore(): Store {
  const counts = new Map<string, number>();
  const infoOf = (key: string) => ({ totalHits: counts.get(key) ?? 0, resetTime: new Date(Date.now() + 60_000) });
  return {
    localKeys: false,
    get: async (key) => infoOf(key),
    async increment(key) {
      counts.set(key, (counts.get(key) ?? 0) + 1);
      return infoOf(key);
    },
    decrement() {},
    resetKey() {},
  };
}

describe('Endpoints that share a store of the limit', () => {
  let logged: jest.SpyInstance;
  beforeEach(() => {
    logged = jest.spyOn(console, 'error').mockImplementation(() => {});
  });
  afterEach(() => jest.restoreAllMocks());

  describe.each<[string, () => Store]>([
    ['in memory', () => new MemoryStore()],
    ['of another process', createRemoteStore],
  ])('%s', (_title, createStore) => {
    it('have one count: a guess at one of them is one less at the others', async () => {
      const store = createStore();
      const { guess, guesses } = createServer(() => ({ store, limit: LIMIT }));
      for (let turn = 0; turn < LIMIT; turn += 1) expect(await guess(turn)).toBe(401);
      for (let turn = 0; turn < PATHS.length; turn += 1) expect(await guess(turn)).toBe(429);
      expect(guesses()).toBe(LIMIT);
      expect(logged).not.toHaveBeenCalled();
    });

    it('tell no more than the limit of guesses that come at once', async () => {
      const store = createStore();
      const { guess } = createServer(() => ({ store, limit: LIMIT }));
      const statuses = await guessAtOnce(guess);
      expect([countOf(statuses, 401), countOf(statuses, 429)]).toEqual([LIMIT, 30 - LIMIT]);
    });
  });

  it('keep what the host says of the checks of the library', () => {
    const store = new MemoryStore();
    createServer(() => ({ store, validate: false }));
    createServer(() => ({ store, validate: { trustProxy: false } }));
    expect(logged).not.toHaveBeenCalled();
  });

  it('do not keep the library from warning of a limit of the host on that store', () => {
    const store = new MemoryStore();
    createServer(() => ({ store }));
    rateLimit({ store });
    expect(logged).toHaveBeenCalledTimes(1);
    expect(String(logged.mock.calls[0])).toContain('ERR_ERL_STORE_REUSE');
  });
});

describe('Endpoints with stores of their own', () => {
  it('have a count each: who may guess at three of them may guess three times as often', async () => {
    const { guess } = createServer(() => ({ limit: LIMIT }));
    const statuses = await guessAtOnce(guess);
    expect(countOf(statuses, 401)).toBe(LIMIT * PATHS.length);
  });
});
