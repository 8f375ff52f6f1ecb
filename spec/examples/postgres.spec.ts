import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { describeWith, findFreePort, startPostgres, type TestServer } from '../support/servers';
import { countDiff, type Example, ROUND_TRIP, startExample, UNKNOWN } from './example';

describeWith('postgres', 'examples/postgres', () => {
  let server: TestServer;
  let example: Example;
  let other: Example;
  const open: Example[] = [];
  const start = async () => {
    const started = await startExample('postgres', { DATABASE_URL: urlOf(server.port) });
    open.push(started);
    return started;
  };

  beforeAll(async () => {
    server = await startPostgres();
    // At the same time, on a database without tables.
    [example, other] = await Promise.all([start(), start()]);
  }, 120_000);
  afterAll(async () => {
    for (const { child } of open) child.kill('SIGKILL');
    await server.stop();
  });

  it('makes its tables where there are none, makes a round trip, and prints it once', async () => {
    for (const { printed } of [example, other]) expect(printed.match(ROUND_TRIP)).toHaveLength(1);
    const pool = new Pool({ connectionString: urlOf(server.port) });
    const { rows } = await pool.query('SELECT count(*)::int AS spent FROM oauth_grants WHERE spent_at IS NOT NULL');
    await pool.end();
    expect(rows[0].spent).toBeGreaterThanOrEqual(2);
  });

  it('redeems a code once, whichever node has issued it', async () => {
    const code = await example.createCode();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => (index % 2 === 0 ? example : other).redeem(code)),
    );
    const said = answers.map(({ status, body }) => `${status} ${body.error ?? 'tokens'}`).sort();
    expect(said).toEqual(['200 tokens', ...Array(7).fill('400 invalid_grant')]);
  }, 120_000);

  it('serves again by itself once PostgreSQL is back', async () => {
    await server.kill();
    expect(await example.redeem(UNKNOWN)).toMatchObject({ status: 500, body: { error: 'server_error' } });
    await server.restart();
    for (const until = Date.now() + 10_000; Date.now() < until; await sleep(50)) {
      if ((await example.redeem(UNKNOWN)).status === 400) break;
    }
    expect((await example.redeem(await example.createCode())).status).toBe(200);
  }, 120_000);

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'starts on tables that are there, and ends by itself on %s',
    async (signal) => {
      const { child, printed, ended } = await start();
      child.kill(signal);
      expect([printed.match(ROUND_TRIP)?.length, await ended]).toEqual([1, 0]);
    },
    120_000,
  );
});

const urlOf = (port: number) => `postgres://postgres:secret@127.0.0.1:${port}/postgres`;

describe('examples/postgres', () => {
  it('says what it needs where there is no PostgreSQL', async () => {
    const port = await findFreePort();
    const { printed, ended } = await startExample('postgres', { DATABASE_URL: urlOf(port) });
    expect([printed.trim(), await ended]).toEqual([
      `This example needs PostgreSQL, and 127.0.0.1:${port} does not let it in ` +
        `(connect ECONNREFUSED 127.0.0.1:${port}): get it by apt-get install postgresql, brew install postgresql or ` +
        'docker run -e POSTGRES_HOST_AUTH_METHOD=trust -p 127.0.0.1:5432:5432 postgres, ' +
        'or name yours by DATABASE_URL=postgres://user:password@host:5432/database.',
      1,
    ]);
  }, 120_000);

  it('is one screen away from the quickstart', () => {
    expect(countDiff('quickstart', 'postgres')).toBeLessThanOrEqual(65);
  });
});
