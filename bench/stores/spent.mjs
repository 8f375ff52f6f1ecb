import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { median } from '../lib/figures.mjs';
import { has, load } from '../lib/ours.mjs';
import { startPostgres } from '../lib/postgres.mjs';
import { connectRedis, startRedis } from '../lib/redis.mjs';

/**
 * What a spent refresh token leaves in each store, and how long a refresh (find, spend, save) takes beside few and beside
 * many spent tokens. One login refreshes again and again. The many are written as the store writes them, but in bulk.
 *
 *   node --expose-gc stores/spent.mjs [--refreshes 2000] [--spent 1000000]
 *
 * BENCH_DIST=/another/dist measures another build of the package, such as version 0.1, without the many.
 */
const { values: options } = parseArgs({
  options: { refreshes: { type: 'string', default: '2000' }, spent: { type: 'string', default: '1000000' } },
});
const refreshes = Number(options.refreshes);
const many = Number(options.spent);
const isCurrent = has('stores/store.js');

const STORES = { memory: openMemory, Redis: openRedis, PostgreSQL: openPostgres };

console.log('| | bytes a spent token | a refresh | beside many | p99 |\n| --- | ---: | ---: | ---: | ---: |');
for (const [title, open] of Object.entries(STORES)) {
  const store = await open();
  if (store === undefined) {
    console.log(`| ${title} | there is no server on this machine | | | |`);
    continue;
  }
  await refresh(store, 200);
  const before = await store.measure();
  const few = await refresh(store, refreshes);
  const bytes = ((await store.measure()) - before) / refreshes;
  const beside = isCurrent && store.fill ? await fillAndRefresh(store) : undefined;
  const cells = [bytes.toFixed(0), ms(few.p50), beside ? ms(beside.p50) : '', ms((beside ?? few).p99)];
  console.log(`| ${title} | ${cells.join(' | ')} |`);
  await store.stop();
}

function ms(time) {
  return `${time.toFixed(2)} ms`;
}

async function fillAndRefresh(store) {
  await store.fill(many);
  return refresh(store, refreshes);
}

/** One login that refreshes so often, one after another. */
async function refresh({ tokens }, count) {
  const end = new Date(Date.now() + 30 * 86_400_000);
  const record = {
    clientId: 'spa',
    scope: 'openid profile email read:notes offline_access',
    expiresAt: end,
    grantExpiresAt: end,
    dpopJkt: null,
    grantId: randomBytes(32).toString('hex'),
    userId: 'auth0|507f1f77bcf86cd799439011',
    audience: 'https://api.example/',
    authTime: new Date(),
    acr: null,
    amr: ['pwd'],
  };
  let token = randomBytes(32).toString('base64url');
  await tokens.saveRefreshToken(token, record);
  const times = [];
  for (let nth = 0; nth < count; nth += 1) {
    const startedAt = performance.now();
    const found = await tokens.findRefreshToken(token);
    if (!(await tokens.consumeRefreshToken(found))) throw new Error('it is spent');
    token = randomBytes(32).toString('base64url');
    await tokens.saveRefreshToken(token, isCurrent ? { ...record, tokenId: found.tokenId } : record);
    times.push(performance.now() - startedAt);
  }
  times.sort((a, b) => a - b);
  return { p50: median(times), p99: times[Math.floor(count * 0.99)] };
}

async function openMemory() {
  const tokens = load('stores/memory.js').memoryRefreshTokens();
  return {
    tokens,
    async measure() {
      globalThis.gc?.();
      return process.memoryUsage().heapUsed;
    },
    async stop() {},
  };
}

async function openRedis() {
  const server = await startRedis();
  if (server === undefined) return undefined;
  const client = await connectRedis();
  return {
    tokens: load('stores/redis.js').redisRefreshTokens({ sendCommand: (...command) => client.sendCommand(command) }),
    measure: async () => Number(/used_memory:(\d+)/.exec(await client.sendCommand(['INFO', 'memory']))[1]),
    async fill(count) {
      const script = `for i = 1, 10000 do
        local name = string.sub(redis.sha1hex(ARGV[1] .. i) .. '0000', 1, 43)
        redis.call('SET', 'oauth:token:' .. name, name .. '.' .. i .. '.0', 'PX', 2592000000)
      end`;
      for (let filled = 0; filled < count; filled += 10_000) {
        await client.sendCommand(['EVAL', script, '0', String(filled)]);
      }
    },
    async stop() {
      client.destroy();
      server.stop();
    },
  };
}

async function openPostgres() {
  const server = await startPostgres();
  if (server === undefined) return undefined;
  const { pool, stop } = server;
  const { postgresRefreshTokens, postgresSchema } = load('stores/postgres.js');
  await pool.query(postgresSchema);
  return {
    tokens: postgresRefreshTokens({ query: (text, values) => pool.query(text, values) }),
    async measure() {
      await pool.query('VACUUM ANALYZE oauth_refresh_tokens');
      // The table with its indexes.
      const { rows } = await pool.query("SELECT pg_total_relation_size('oauth_refresh_tokens')::float8 AS bytes");
      return rows[0].bytes;
    },
    async fill(count) {
      await pool.query(
        `INSERT INTO oauth_refresh_tokens (digest, grant_digest, generation, number, kept_until)
        SELECT sha256(('t' || i)::bytea), sha256(('g' || i / 4000)::bytea), i % 4000, 0, now() + interval '30 days'
        FROM generate_series(1, $1::int) i`,
        [count],
      );
      await pool.query('VACUUM ANALYZE oauth_refresh_tokens');
    },
    stop,
  };
}
