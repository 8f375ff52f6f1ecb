import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { RedisStore, type SendCommandFn } from 'rate-limit-redis';
import type { Response, Test } from 'supertest';
import type { SendCommand } from '../../lib/stores/redis';
import { checkTokenResponse } from '../../lib/testing';
import { createDpopEndpoint, prove } from '../dpop/support/prover';
import { describeBurst } from '../support/burst';
import { goodForm } from '../support/endpoint';
import { expectRefusal } from '../support/refusals';
import { describeWith, startRedis, type TestServer } from '../support/servers';
import { type Connection, connectIoredis, connectRedis } from './backends';

jest.setTimeout(120_000);

const LIMIT = 8;
const ADAPTER_TIMEOUT = 400;
/** What a client waits at most: the deadline, and what a busy machine takes. */
const BOUND = 6000;

type Connect = (server: TestServer) => Promise<Connection<SendCommand>>;
/** What is sent while the connection is lost waits for it to come back. */
const patient: Connect = (server) => connectRedis(server, { disableOfflineQueue: false });
const impatient: Connect = (server) => connectIoredis(server, { commandTimeout: ADAPTER_TIMEOUT / 4 });

const bad = () => ({ ...goodForm(), code: 'unknown' });

/** As the guides have it: `rate-limit-redis` loads its scripts once, and never where Redis was away then. */
function withNames(send: SendCommand): SendCommand {
  return async (...args) => {
    if (args[0] !== 'SCRIPT') return send(...args);
    return Promise.resolve(send(...args)).catch(() => createHash('sha1').update(String(args[2])).digest('hex'));
  };
}

describeWith('redis-server', 'The rate limit on Redis', () => {
  let server: TestServer;
  let open: Connection<SendCommand>[];

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    open = [];
    const { send, close } = await connectRedis(server);
    await send('FLUSHALL');
    await close();
  });
  afterEach(async () => {
    server.signal('SIGCONT');
    await Promise.all(open.map(({ close }) => close()));
  });

  /** One node: a router of its own, a connection of its own, the count of all. */
  async function createNode({
    connect = connectRedis,
    isNamed = false,
    gate,
    ...rateLimit
  }: {
    connect?: Connect;
    isNamed?: boolean;
    /** What each request waits for between the limit and its verdict. */
    gate?: { wait(): Promise<void> };
    passOnStoreError?: boolean;
    logger?: Logger;
  } = {}) {
    const connection = await connect(server);
    open.push(connection);
    const sendCommand = (isNamed ? withNames(connection.send) : connection.send) as SendCommandFn;
    return createDpopEndpoint(
      { nonceSecret: 'n'.repeat(32) },
      {
        adapterTimeout: gate ? 3000 : ADAPTER_TIMEOUT,
        consumeCode: () => true,
        ...(gate && {
          async authenticateClient({ clientId }) {
            await gate.wait();
            return { clientId: String(clientId) };
          },
        }),
        rateLimit: { limit: LIMIT, store: new RedisStore({ sendCommand }), ...rateLimit },
      },
    );
  }
  type Node = Awaited<ReturnType<typeof createNode>>;

  const logger = { error: jest.fn(), warn: jest.fn() };
  type Logger = typeof logger;
  beforeEach(() => jest.clearAllMocks());

  const refused = { status: 503, error: 'temporarily_unavailable' };
  const limited = { status: 429, error: 'too_many_requests', reason: 'rate_limited' };

  /** Waits for what is written behind an answer, and stays a little to see that nothing follows. */
  async function expectCount(expected: number) {
    const { send, close } = await connectRedis(server);
    const read = async () => {
      const keys = (await send('KEYS', 'rl:*')) as string[];
      const counts = await Promise.all(keys.map((key) => send('GET', key)));
      return counts.reduce<number>((sum, count) => sum + Number(count), 0);
    };
    const until = Date.now() + 2000;
    while ((await read()) !== expected && Date.now() < until) await sleep(5);
    await sleep(20);
    const count = await read();
    await close();
    expect(count).toBe(expected);
  }

  /** Sends it, and asserts what holds for every answer: OAuth's JSON, in bounded time. */
  async function answerOf(send: Test): Promise<Response> {
    const startedAt = Date.now();
    const answer = await send;
    checkTokenResponse(answer);
    expect(Date.now() - startedAt).toBeLessThan(BOUND);
    return answer;
  }

  async function expectUnavailable(node: Node, reason: string) {
    node.calls.length = 0;
    const answer = await answerOf(node.post());
    expectRefusal(answer, node, { ...refused, reason });
    expect([answer.headers['retry-after'], node.calls, node.outcomes.at(-1)?.outcome]).toEqual(['1', [], 'failed']);
  }

  async function waitUntilServed(node: Node) {
    const until = Date.now() + 10_000;
    while ((await answerOf(node.post())).status !== 200) {
      if (Date.now() > until) throw new Error('not served again');
      await sleep(20);
    }
  }

  async function expectSharedCount(one: Node, another: Node) {
    await expectCount(0);
    for (let i = 0; i < LIMIT; i += 1) {
      expect((await answerOf((i % 2 ? one : another).post(bad()))).status).toBe(400);
    }
    for (const node of [another, one]) expectRefusal(await answerOf(node.post()), node, limited);
    // What was refused before anything was looked at counts no more.
    await expectCount(LIMIT);
  }

  test('two nodes share one count', async () => {
    await expectSharedCount(await createNode(), await createNode({ connect: connectIoredis }));
  });

  test('twenty failures at once on two nodes: as many verdicts leave as the limit says', async () => {
    const nodes = [await createNode(), await createNode()] as const;
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => answerOf((nodes[index % 2] as Node).post(bad()))),
    );
    const of = (status: number) => answers.filter((answer) => answer.status === status).length;
    expect([of(400), of(429)]).toEqual([LIMIT, 20 - LIMIT]);
  });

  test('a success and a nonce challenge are not counted, a failure is', async () => {
    const nodes = [await createNode(), await createNode()];
    for (const node of nodes) {
      for (let i = 0; i <= LIMIT; i += 1) {
        expect((await answerOf(node.post())).status).toBe(200);
        await expectCount(0);
        expectRefusal(await answerOf(node.prove(prove())), node, {
          error: 'use_dpop_nonce',
          reason: 'dpop_nonce_missing',
        });
        await expectCount(0);
      }
    }
    for (const [count, node] of nodes.entries()) {
      expectRefusal(await answerOf(node.post(bad())), node, { error: 'invalid_grant', reason: 'code_unknown' });
      await expectCount(count + 1);
    }
  });

  test.each([
    ['redis that sends at once or not at all', connectRedis, 'rate_limit_store_failed'],
    ['redis that waits for the connection', patient, 'adapter_timeout'],
    ['ioredis that sends at once or not at all', connectIoredis, 'rate_limit_store_failed'],
  ])('the server is killed, by %s: refuses, and serves again by itself', async (_name, connect, reason) => {
    const [node, another] = [await createNode({ connect }), await createNode({ connect })];
    await waitUntilServed(node);
    await server.kill();
    await expectUnavailable(node, reason);
    await expectUnavailable(node, reason);
    await server.restart();
    await waitUntilServed(node);
    await waitUntilServed(another);
    await expectSharedCount(node, another);
  });

  test.each([
    ['redis', connectRedis],
    ['ioredis', connectIoredis],
  ])('the server stands still, by %s: refuses by the deadline, and counts nothing of it', async (_name, connect) => {
    const [node, another] = [await createNode({ connect }), await createNode({ connect })];
    await waitUntilServed(node);
    server.signal('SIGSTOP');
    await Promise.all(Array.from({ length: LIMIT * 2 }, () => expectUnavailable(node, 'adapter_timeout')));
    server.signal('SIGCONT');
    await expectCount(0);
    await waitUntilServed(node);
    await expectSharedCount(node, another);
  });

  /** A node whose next request is held back between the limit and its verdict while `disturb` runs. */
  async function failInTheMiddle(node: Node, gate: { hold(): () => void }, disturb: () => Promise<unknown>) {
    const release = gate.hold();
    const failing = answerOf(node.post(bad()));
    await sleep(100);
    await disturb();
    release();
    return failing;
  }

  function createGate() {
    let opened = Promise.resolve();
    return {
      wait: () => opened,
      hold() {
        let open = () => {};
        opened = new Promise((resolve) => {
          open = resolve;
        });
        return open;
      },
    };
  }

  const config = async (...args: string[]) => {
    const { send, close } = await connectRedis(server);
    await send('CONFIG', 'SET', ...args);
    await close();
  };

  test.each<[string, () => Promise<unknown>, () => Promise<unknown>]>([
    ['is out of memory', () => config('maxmemory', '1'), () => config('maxmemory', '0')],
    ['is killed', () => server.kill(), () => server.restart()],
    ['stands still', async () => server.signal('SIGSTOP'), async () => server.signal('SIGCONT')],
  ])(
    'the server %s in the middle of a request: no verdict leaves that is not counted, and it is counted later',
    async (_what, disturb, repair) => {
      const gate = createGate();
      const node = await createNode({ gate });
      await waitUntilServed(node);
      const unavailable = await failInTheMiddle(node, gate, disturb);
      expectRefusal(unavailable, node, { ...refused, reason: 'rate_limit_store_failed' });
      expect(unavailable.headers).not.toHaveProperty('ratelimit');
      expect((await answerOf(node.post())).status).toBe(503);
      await repair();
      await waitUntilServed(node);
      await expectCount(1);
      expectRefusal(await answerOf(node.post(bad())), node, { error: 'invalid_grant', reason: 'code_unknown' });
      await expectCount(2);
    },
  );

  test('a success costs one command, a failure two', async () => {
    const { send, close } = await connectRedis(server);
    open.push({ send, close });
    const commands: unknown[] = [];
    const node = await createNode({
      connect: async () => ({
        close: async () => undefined,
        send: (...args) => {
          commands.push(args[0]);
          return send(...args);
        },
      }),
    });
    await waitUntilServed(node);
    commands.length = 0;
    await answerOf(node.post());
    expect(commands).toEqual(['EVALSHA']);
    await answerOf(node.post(bad()));
    expect(commands).toEqual(['EVALSHA', 'EVALSHA', 'EVALSHA']);
  });

  describe('meets what every store must:', () => {
    let sendCommand: SendCommandFn;
    beforeEach(async () => {
      const connection = await connectRedis(server);
      open.push(connection);
      sendCommand = connection.send as SendCommandFn;
    });
    describeBurst('on Redis', () => new RedisStore({ sendCommand }));
    describeBurst('on Redis without get', () => Object.assign(new RedisStore({ sendCommand }), { get: undefined }));
  });

  test('a node that is made while the server is away serves as soon as it is there', async () => {
    const connection = await connectRedis(server);
    await server.kill();
    const node = await createNode({ connect: async () => connection, isNamed: true, logger });
    await expectUnavailable(node, 'rate_limit_store_failed');
    await server.restart();
    await waitUntilServed(node);
    await expectSharedCount(node, await createNode());
  });

  test.each([
    ['is killed', 'SIGKILL', connectRedis],
    ['stands still, and the client gives up before the deadline', 'SIGSTOP', impatient],
  ] as const)('where the host chose so, it serves: the server %s', async (_name, signal, connect) => {
    const node = await createNode({ connect, passOnStoreError: true, logger });
    await waitUntilServed(node);
    if (signal === 'SIGKILL') await server.kill();
    else server.signal(signal);
    for (let i = 0; i <= LIMIT; i += 1) {
      expectRefusal(await answerOf(node.post(bad())), node, { error: 'invalid_grant', reason: 'code_unknown' });
    }
    expect((await answerOf(node.post())).status).toBe(200);
    expect(node.outcomes.at(-1)).toMatchObject({ outcome: 'issued', reason: 'code_redeemed' });
    expect(logger.error).toHaveBeenCalledWith(expect.any(Error), expect.stringContaining('without a limit'));
    if (signal === 'SIGKILL') await server.restart();
    else server.signal('SIGCONT');
  });

  test('where the host chose so and the client waits, the deadline decides', async () => {
    const node = await createNode({ passOnStoreError: true, logger });
    await waitUntilServed(node);
    server.signal('SIGSTOP');
    await expectUnavailable(node, 'adapter_timeout');
  });
});
