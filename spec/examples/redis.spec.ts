import { setTimeout as sleep } from 'node:timers/promises';
import { describeWith, findFreePort, startRedis, type TestServer } from '../support/servers';
import { countDiff, type Example, ROUND_TRIP, startExample, UNKNOWN } from './example';

describeWith('redis-server', 'examples/redis', () => {
  let server: TestServer;
  let example: Example;
  const open: Example[] = [];
  const start = async () => {
    const started = await startExample('redis', { REDIS_URL: `redis://127.0.0.1:${server.port}` });
    open.push(started);
    return started;
  };

  beforeAll(async () => {
    server = await startRedis();
    example = await start();
  }, 120_000);
  afterAll(async () => {
    for (const { child } of open) child.kill('SIGKILL');
    await server.stop();
  });

  it('makes a round trip, and prints it once', () => {
    expect(example.printed.match(ROUND_TRIP)).toHaveLength(1);
  });

  it('redeems a code once, whichever node has issued it', async () => {
    const other = await start();
    const code = await example.createCode();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => (index % 2 === 0 ? example : other).redeem(code)),
    );
    const said = answers.map(({ status, body }) => `${status} ${body.error ?? 'tokens'}`).sort();
    expect(said).toEqual(['200 tokens', ...Array(7).fill('400 invalid_grant')]);
  }, 120_000);

  it('serves again by itself once Redis is back', async () => {
    await server.kill();
    expect(await example.redeem(UNKNOWN)).toMatchObject({ status: 500, body: { error: 'server_error' } });
    await server.restart();
    for (const until = Date.now() + 10_000; Date.now() < until; await sleep(50)) {
      if ((await example.redeem(UNKNOWN)).status === 400) break;
    }
    expect((await example.redeem(await example.createCode())).status).toBe(200);
  }, 120_000);

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends by itself on %s',
    async (signal) => {
      const { child, ended } = await start();
      child.kill(signal);
      expect(await ended).toBe(0);
    },
    120_000,
  );
});

describe('examples/redis', () => {
  it('says what it needs where there is no Redis', async () => {
    const port = await findFreePort();
    const { printed, ended } = await startExample('redis', { REDIS_URL: `redis://user:secret@127.0.0.1:${port}` });
    expect([printed.trim(), await ended]).toEqual([
      `This example needs Redis, and at 127.0.0.1:${port} there is none (connect ECONNREFUSED 127.0.0.1:${port}): ` +
        'get it by apt-get install redis-server, brew install redis or docker run -p 127.0.0.1:6379:6379 redis, ' +
        'or name yours by REDIS_URL=redis://host:6379.',
      1,
    ]);
  }, 120_000);

  it('is one screen away from the quickstart', () => {
    expect(countDiff('quickstart', 'redis')).toBeLessThanOrEqual(60);
  });
});
