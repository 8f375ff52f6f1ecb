import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import express from 'express';
import { createCode } from '../lib/codes.mjs';
import { createConnection } from '../lib/connection.mjs';
import { median } from '../lib/figures.mjs';
import { load } from '../lib/ours.mjs';
import { startPostgres } from '../lib/postgres.mjs';
import { connectRedis, startRedis } from '../lib/redis.mjs';
import { createRequest } from '../lib/wire.mjs';

/**
 * What a live code takes in Redis and in PostgreSQL, and how long a redemption takes beside few and beside many of them:
 * over HTTP, one after another, so that it is the time of a request and not of a queue.
 *
 *   node stores/run.mjs [--live 1000,1000000] [--count 2000] [--rounds 5]
 */
const { values: options } = parseArgs({
  options: {
    live: { type: 'string', default: '1000,1000000' },
    count: { type: 'string', default: '2000' },
    rounds: { type: 'string', default: '5' },
  },
});
const count = Number(options.count);
const rounds = Number(options.rounds);

const { createTokenRouter } = load('index.js');
const { redisCodes } = load('stores/redis.js');
const { postgresCodes, postgresSchema } = load('stores/postgres.js');

const STORES = { Redis: openRedis, PostgreSQL: openPostgres };

console.log('| | live codes | bytes a code | a redemption | p99 |\n| --- | ---: | ---: | ---: | ---: |');
for (const [title, open] of Object.entries(STORES)) {
  const store = await open();
  if (store === undefined) {
    console.log(`| ${title} | there is no server on this machine | | | |`);
    continue;
  }
  let held = 0;
  for (const live of options.live.split(',').map(Number)) {
    const before = await store.measure();
    await store.fill(live - held);
    const bytes = ((await store.measure()) - before) / (live - held);
    held = live;
    const { p50, p99 } = await redeem(store.codes);
    const times = [p50, p99].map((ms) => `${ms.toFixed(2)} ms`).join(' | ');
    console.log(`| ${title} | ${live.toLocaleString('en')} | ${bytes.toFixed(0)} | ${times} |`);
  }
  await store.stop();
}

/** Medians of the rounds, each of so many redemptions one after another. */
async function redeem({ saveCode, findCode, consumeCode }) {
  const issueTokens = () => ({ access_token: 'an access token', expires_in: 60 });
  const server = createServer(
    express().use(createTokenRouter({ findCode, consumeCode, issueTokens, rateLimit: false })),
  );
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const connection = createConnection(server.address().port);
  const figures = [];
  for (let round = -1; round < rounds; round += 1) {
    const codes = Array.from({ length: count }, () => createCode());
    for (const { code, record } of codes) await saveCode(code, record);
    const times = [];
    for (const request of codes.map(createRequest)) {
      const startedAt = performance.now();
      const { status, body } = await connection.send(request);
      times.push(performance.now() - startedAt);
      if (status !== 200) throw new Error(body);
    }
    times.sort((a, b) => a - b);
    const quantile = (share) => times[Math.floor(times.length * share)];
    // The first one warms up.
    if (round >= 0) figures.push({ p50: quantile(0.5), p99: quantile(0.99) });
  }
  connection.close();
  server.close();
  return { p50: median(figures.map(({ p50 }) => p50)), p99: median(figures.map(({ p99 }) => p99)) };
}

/** Saves so many codes, a thousand at a time. */
async function fillBySaving(saveCode, missing) {
  for (let left = missing; left > 0; left -= 1000) {
    const codes = Array.from({ length: Math.min(left, 1000) }, () => createCode(86_400_000));
    await Promise.all(codes.map(({ code, record }) => saveCode(code, record)));
  }
}

async function openRedis() {
  const server = await startRedis();
  if (server === undefined) return undefined;
  const client = await connectRedis();
  const codes = redisCodes({ sendCommand: (...command) => client.sendCommand(command) });
  return {
    codes,
    fill: (missing) => fillBySaving(codes.saveCode, missing),
    measure: async () => Number(/used_memory:(\d+)/.exec(await client.sendCommand(['INFO', 'memory']))[1]),
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
  await pool.query(postgresSchema);
  const codes = postgresCodes({ query: (text, values) => pool.query(text, values) });
  return {
    codes,
    fill: (missing) => fillBySaving(codes.saveCode, missing),
    async measure() {
      await pool.query('VACUUM ANALYZE oauth_grants');
      // A code is kept in the record of its grant: the table with its indexes.
      const { rows } = await pool.query("SELECT pg_total_relation_size('oauth_grants')::float8 AS bytes");
      return rows[0].bytes;
    },
    stop,
  };
}
