// Codes, refresh tokens, grants and jtis: in this process, in Redis (STORE=redis) or in PostgreSQL (STORE=postgres).
const stores = {
  async memory() {
    const { memoryStore } = require('express-token-router/memory');
    return { store: memoryStore(), close: async () => undefined };
  },

  async redis() {
    const { createClient } = require('redis');
    const { redisStore } = require('express-token-router/redis');
    const url = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379';
    // No command waits for a lost connection: a code may be spent although no answer came.
    const socket = { connectTimeout: 2000, reconnectStrategy: (_retries, cause) => (isOpen ? 100 : cause) };
    let isOpen = false;
    const redis = createClient({ url, disableOfflineQueue: true, socket });
    redis.on('error', () => undefined); // The command that failed says so.
    await redis.connect();
    isOpen = true;
    const store = redisStore({ sendCommand: (...args) => redis.sendCommand(args) });
    return { store, close: async () => redis.destroy() };
  },

  async postgres() {
    const { Pool } = require('pg');
    const { postgresStore } = require('express-token-router/postgres');
    const connectionString = process.env.DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';
    const pool = new Pool({ connectionString, connectionTimeoutMillis: 2000, query_timeout: 5000 });
    pool.on('error', () => undefined); // An idle connection was lost: the next statement makes another one.
    const store = postgresStore({ query: (text, values) => pool.query(text, values) });
    await store.migrate();
    setInterval(() => store.purge().catch(() => undefined), 60_000).unref();
    return { store, close: () => pool.end() };
  },
};

const name = process.env.STORE ?? 'memory';

async function openStore() {
  if (!Object.hasOwn(stores, name)) throw new Error(`STORE is ${name}. Write memory, redis or postgres`);
  try {
    return { name, ...(await stores[name]()) };
  } catch (error) {
    throw new Error(`STORE=${name} needs a server, and there is none (${error.message || error.code})`);
  }
}

module.exports = { openStore };
