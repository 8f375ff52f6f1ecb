import { createServer, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import express from 'express';
import request from 'supertest';
import { type AuthorizationCode, createTokenRouter, type Outcome } from '../../lib';
import { postgresCodes, type Query } from '../../lib/stores/postgres';
import { redisCodes, type SendCommand } from '../../lib/stores/redis';
import { checkTokenResponse, createCode, createCodeRecord, createPkcePair, tokenEndpoint } from '../../lib/testing';
import { describeWith, type ServerName, startPostgres, startRedis, type TestServer } from '../support/servers';
import { type Connection, connectIoredis, connectPg, connectRedis, migrate } from './backends';
import { startProxy } from './proxy';

const ADAPTER_TIMEOUT = 1000;
/** What a client waits at most: the deadline, and what a busy machine takes. */
const BOUND = 6000;

interface Found extends AuthorizationCode {
  grantId: string;
}

interface Codes {
  saveCode(code: string, record: AuthorizationCode): Promise<unknown>;
  findCode(code: string): Promise<Found | null>;
  consumeCode(code: Found): Promise<boolean>;
  revokeTokens(code: Found): Promise<void>;
}

interface Backend {
  server: ServerName;
  start(): Promise<TestServer>;
  connect(server: { port: number }): Promise<{ codes: Codes; close(): Promise<unknown> }>;
  /** Whether the bytes are the command that spends a code. */
  isConsume(bytes: Buffer): boolean;
  /** Makes the server refuse what writes; the function makes it take it again. */
  refuseWrites: Record<string, (server: TestServer) => Promise<() => Promise<unknown>>>;
}

const onRedis = (connect: (server: TestServer) => Promise<Connection<SendCommand>>): Backend => ({
  server: 'redis-server',
  // With `everysec` Redis may answer before the file has it, and a kill brings a spent code back to life.
  start: () => startRedis(['--appendonly', 'yes', '--appendfsync', 'always']),
  async connect(server) {
    const { send, close } = await connect(server as TestServer);
    return { codes: redisCodes({ sendCommand: send }), close };
  },
  isConsume: (bytes) => bytes.includes("'redeemed', whole(now)"),
  refuseWrites: {
    'a replica that is read only': (server) =>
      sendBoth(server, ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']),
    'out of memory': (server) =>
      sendBoth(server, ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']),
  },
});

async function sendBoth(server: TestServer, now: string[], later: string[]) {
  const { send, close } = await connectRedis(server);
  await send(...now);
  return async () => {
    await send(...later);
    await close();
  };
}

const BACKENDS: Record<string, Backend> = {
  'Redis, by redis': onRedis(connectRedis),
  'Redis, by ioredis': onRedis(connectIoredis),
  'PostgreSQL, by pg': {
    server: 'postgres',
    start: async () => {
      const server = await startPostgres();
      await withAdmin(server, migrate);
      return server;
    },
    async connect(server) {
      const { send, close } = connectPg(server as TestServer);
      return { codes: postgresCodes({ query: send }), close };
    },
    isConsume: (bytes) => bytes.includes('SET spent_at'),
    refuseWrites: {
      'a database that is read only': (server) => setReadOnly(server),
    },
  },
};

async function withAdmin<T>(server: TestServer, use: (send: Query) => Promise<T>): Promise<T> {
  const { send, close } = connectPg(server);
  try {
    return await use(send);
  } finally {
    await close();
  }
}

async function setReadOnly(server: TestServer) {
  const set = (value: string) =>
    withAdmin(server, async (send) => {
      await send(`ALTER SYSTEM SET default_transaction_read_only = ${value}`, []);
      await send('SELECT pg_reload_conf()', []);
      await sleep(100);
    });
  await set('on');
  return () => set('off');
}

describe.each(Object.entries(BACKENDS))('%s:', (title, backend) => {
  describeWith(backend.server, `faults of ${title}`, () => {
    let server: TestServer;
    let proxy: Awaited<ReturnType<typeof startProxy>>;
    let connection: Awaited<ReturnType<Backend['connect']>>;
    let app: Server;
    let beforeConsume: () => unknown;
    let issued: string[];
    let outcomes: Outcome[];

    beforeAll(async () => {
      server = await backend.start();
      proxy = await startProxy(server.port);
      connection = await backend.connect(proxy);
    }, 300_000);
    afterAll(async () => {
      await connection?.close();
      await proxy?.stop();
      await server?.stop();
    });
    beforeEach(async () => {
      beforeConsume = () => undefined;
      issued = [];
      outcomes = [];
      proxy.set(() => 'pass');
      const { findCode, consumeCode, revokeTokens } = connection.codes;
      const router = createTokenRouter({
        findCode: (code: string) => findCode(code),
        async consumeCode(code) {
          await beforeConsume();
          return consumeCode(code);
        },
        issueTokens({ code }) {
          issued.push(code.grantId);
          return { access_token: 'an access token', expires_in: 60 };
        },
        revokeTokens,
        adapterTimeout: ADAPTER_TIMEOUT,
        actTimeout: ADAPTER_TIMEOUT,
        rateLimit: false,
        onOutcome(outcome) {
          // Taken, so that it is not written to console.error.
          void outcome.fault;
          outcomes.push(outcome);
        },
      });
      app = createServer(express().use(router));
      await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
    });
    afterEach(async () => {
      app.closeAllConnections();
      await new Promise((resolve) => app.close(resolve));
      // Whatever was done to the server: the next row finds it well.
      await waitUntilServed();
    });

    const pair = createPkcePair();

    async function createLiveCode() {
      const code = createCode();
      await connection.codes.saveCode(code, createCodeRecord({ codeChallenge: pair.codeChallenge }));
      return code;
    }

    /** Redeems, and asserts what holds for every answer: OAuth's JSON, in bounded time. */
    async function redeem(code: string) {
      const startedAt = Date.now();
      const answer = await tokenEndpoint(request(app)).redeem({ code, codeVerifier: pair.codeVerifier });
      checkTokenResponse(answer);
      expect(Date.now() - startedAt).toBeLessThan(BOUND);
      return [answer.status, outcomes.at(-1)?.reason];
    }

    async function waitUntilServed() {
      const until = Date.now() + 10_000;
      for (;;) {
        try {
          await Promise.race([createLiveCode(), sleep(500).then(() => Promise.reject(new Error('no answer')))]);
          return;
        } catch (thrown) {
          if (Date.now() > until) throw thrown;
          await sleep(20);
        }
      }
    }

    test('the server is killed before the code is looked up, and comes back', async () => {
      const code = await createLiveCode();
      await server.kill();
      await expect(redeem(code)).resolves.toEqual([500, 'find_code_failed']);
      await server.restart();
      await waitUntilServed();
      await expect(redeem(code)).resolves.toEqual([200, 'code_redeemed']);
      await expect(redeem(code)).resolves.toEqual([400, 'code_replayed']);
    });

    test('the server is killed before the code is spent: it is not spent', async () => {
      const code = await createLiveCode();
      beforeConsume = () => server.kill();
      await expect(redeem(code)).resolves.toEqual([500, 'consume_code_failed']);
      beforeConsume = () => undefined;
      await server.restart();
      await waitUntilServed();
      await expect(redeem(code)).resolves.toEqual([200, 'code_redeemed']);
      expect(issued).toHaveLength(1);
    });

    test('the server is killed after the code is spent: it stays spent', async () => {
      const code = await createLiveCode();
      await expect(redeem(code)).resolves.toEqual([200, 'code_redeemed']);
      await server.kill();
      await server.restart();
      await waitUntilServed();
      await expect(redeem(code)).resolves.toEqual([400, 'code_replayed']);
      expect(issued).toHaveLength(1);
    });

    test('the server stands still before the code is looked up', async () => {
      const code = await createLiveCode();
      server.signal('SIGSTOP');
      const answers = await Promise.all(Array.from({ length: 20 }, () => redeem(code)));
      expect(answers.map(([status]) => status)).toEqual(Array(20).fill(503));
      server.signal('SIGCONT');
      await waitUntilServed();
      await expect(redeem(code)).resolves.toEqual([200, 'code_redeemed']);
      expect(issued).toHaveLength(1);
    });

    test('the server stands still before the code is spent: nobody knows, so nobody gets tokens', async () => {
      const code = await createLiveCode();
      beforeConsume = () => server.signal('SIGSTOP');
      await expect(redeem(code)).resolves.toEqual([500, 'adapter_timeout_after_consumption']);
      beforeConsume = () => undefined;
      server.signal('SIGCONT');
      await waitUntilServed();
      await expect(redeem(code)).resolves.toEqual([400, 'code_replayed']);
      expect(issued).toEqual([]);
    });

    test('the answer to the spending is lost: the code counts as spent, and nothing is sent again', async () => {
      const code = await createLiveCode();
      let sent = 0;
      proxy.set((bytes) => {
        if (!backend.isConsume(bytes)) return 'pass';
        sent += 1;
        return 'reset';
      });
      await expect(redeem(code)).resolves.toEqual([500, 'consume_code_failed']);
      await sleep(200);
      expect(sent).toBe(1);
      proxy.set(() => 'pass');
      await waitUntilServed();
      await expect(redeem(code)).resolves.toEqual([400, 'code_replayed']);
      expect(issued).toEqual([]);
    });

    test.each(Object.entries(backend.refuseWrites))('%s: the code is not spent', async (_name, refuse) => {
      const code = await createLiveCode();
      const allow = await refuse(server);
      await expect(redeem(code)).resolves.toEqual([500, 'consume_code_failed']);
      await allow();
      await expect(redeem(code)).resolves.toEqual([200, 'code_redeemed']);
      expect(issued).toHaveLength(1);
    });
  });
});
