import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeWith, findFreePort, startRedis, type TestServer } from '../support/servers';
import { type Answer, countDiff, type Example, ROUND_TRIP, startExample, UNKNOWN } from './example';

const CODES = 40;
const PARALLEL = 8;

const processOf = ({ headers }: Answer) => Number(String(headers['x-served-by']).replace('process ', ''));

/** The processes that answer, in ascending order. */
async function listWorkers(example: Example): Promise<number[]> {
  const answers = await Promise.all(Array.from({ length: 16 }, () => example.redeem(UNKNOWN)));
  return [...new Set(answers.map(processOf))].sort((a, b) => a - b);
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Asks until it is so, for ten seconds at most. */
async function eventually<T>(ask: () => T | Promise<T>, isSo: (answer: T) => boolean): Promise<T> {
  for (const until = Date.now() + 10_000; ; await sleep(50)) {
    const answer = await ask();
    if (isSo(answer) || Date.now() > until) return answer;
  }
}

describeWith('redis-server', 'examples/cluster', () => {
  let server: TestServer;
  const open: Example[] = [];
  const start = async (failuresAMinute: number, options?: { detached: boolean }) => {
    const env = { REDIS_URL: `redis://127.0.0.1:${server.port}`, FAILURES_A_MINUTE: String(failuresAMinute) };
    const started = await startExample('cluster', env, options);
    open.push(started);
    return started;
  };

  beforeAll(async () => {
    server = await startRedis();
  });
  afterEach(async () => {
    // Workers end when the first process is gone.
    for (const { child } of open.splice(0)) child.kill('SIGKILL');
    await server.kill();
    await server.restart();
  });
  afterAll(() => server.stop());

  it(`redeems ${CODES} codes once each, fired by ${PARALLEL} requests at once at four processes`, async () => {
    const example = await start(100_000);
    expect(example.printed.match(ROUND_TRIP)).toHaveLength(1);

    const answers: Answer[][] = [];
    for (let index = 0; index < CODES; index += 1) {
      const code = await example.createCode();
      answers.push(await Promise.all(Array.from({ length: PARALLEL }, () => example.redeem(code))));
    }
    const said = answers.map((ofOne) => ofOne.map(({ status, body }) => `${status} ${body.error ?? 'tokens'}`).sort());
    expect(said).toEqual(Array(CODES).fill(['200 tokens', ...Array(PARALLEL - 1).fill('400 invalid_grant')]));
    expect(new Set(answers.flat().map(processOf)).size).toBe(4);
    const winners = answers.flat().filter(({ status }) => status === 200);
    expect(new Set(winners.map(processOf)).size).toBeGreaterThan(1);
  }, 300_000);

  it('counts failures over all processes together', async () => {
    const example = await start(8);
    const answers: Answer[] = [];
    for (let index = 0; index < 24; index += 1) answers.push(await example.redeem(UNKNOWN));
    expect(answers.map(({ status }) => status)).toEqual([...Array(8).fill(400), ...Array(16).fill(429)]);
    expect(answers.at(-1)?.body.error).toBe('too_many_requests');
    expect(new Set(answers.map(processOf)).size).toBe(4);
  }, 300_000);

  it('starts another process for one that dies', async () => {
    const example = await start(100_000);
    const [dead = 0, ...others] = await listWorkers(example);
    process.kill(dead, 'SIGKILL');
    await eventually(
      () => isAlive(dead),
      (alive) => !alive,
    );
    const workers = await eventually(
      () => listWorkers(example).catch((): number[] => []),
      (list) => list.length === 4 && !list.includes(dead),
    );
    expect(workers).toEqual(expect.arrayContaining(others));
    expect([workers.length, workers.includes(dead)]).toEqual([4, false]);
  }, 300_000);

  it('refuses while Redis is gone, and serves again by itself', async () => {
    const example = await start(100_000);
    const code = await example.createCode();
    await server.kill();
    const refused = await example.redeem(code);
    expect([refused.status, refused.body.error]).toEqual([503, 'temporarily_unavailable']);
    await server.restart();
    const workers = new Set<number>();
    await eventually(
      async () => {
        const answer = await example.redeem(UNKNOWN);
        if (answer.status === 400) workers.add(processOf(answer));
        return workers.size;
      },
      (size) => size === 4,
    );
    expect(workers.size).toBe(4);
    expect((await example.redeem(await example.createCode())).status).toBe(200);
  }, 300_000);

  it.each<[string, (example: Example) => unknown, unknown]>([
    ['SIGTERM to the first process', ({ child }) => child.kill('SIGTERM'), 0],
    ['Ctrl-C to all of them', ({ child }) => process.kill(-Number(child.pid), 'SIGINT'), 0],
    ['the death of the first process', ({ child }) => child.kill('SIGKILL'), 'SIGKILL'],
  ])(
    'ends by itself on %s, and leaves no process behind',
    async (_what, end, exit) => {
      const example = await start(100_000, { detached: true });
      const workers = await listWorkers(example);
      expect(workers).toHaveLength(4);
      end(example);
      expect(await example.ended).toBe(exit);
      expect(
        await eventually(
          () => workers.filter(isAlive),
          (alive) => alive.length === 0,
        ),
      ).toEqual([]);
    },
    120_000,
  );

  it('says so where its port is taken', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => blocker.once('listening', resolve));
    const { port } = blocker.address() as { port: number };
    const env = { REDIS_URL: `redis://127.0.0.1:${server.port}` };
    const { printed, ended } = await startExample('cluster', env, { port });
    blocker.close();
    expect([printed.trim(), await ended]).toEqual([`Port ${port} is taken. Choose another one: PORT=3001`, 1]);
  }, 300_000);
});

describe('examples/cluster', () => {
  it('says what it needs where there is no Redis, once', async () => {
    const port = await findFreePort();
    const { printed, ended } = await startExample('cluster', { REDIS_URL: `redis://127.0.0.1:${port}` });
    expect([printed.trim(), await ended]).toEqual([
      `This example needs Redis, and at 127.0.0.1:${port} there is none (connect ECONNREFUSED 127.0.0.1:${port}): ` +
        'get it by apt-get install redis-server, brew install redis or docker run -p 127.0.0.1:6379:6379 redis, ' +
        'or name yours by REDIS_URL=redis://host:6379.',
      1,
    ]);
  }, 300_000);

  it('is one screen away from the example with Redis', () => {
    expect(countDiff('redis', 'cluster')).toBeLessThanOrEqual(80);
  });
});
