import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, describe, test } from 'node:test';
import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';

const require = createRequire(import.meta.url);
const { drizzleStore } = require('../../../examples/adapters/drizzle.js');
const { holdStore } = require('./holds.js');

const TABLES = ['oauth_grants', 'oauth_codes', 'oauth_refresh_tokens'];
const client = await PGlite.create();
await client.exec(readFileSync(new URL('drizzle.sql', import.meta.url), 'utf8'));
await client.exec("INSERT INTO users VALUES ('u1')");
after(() => client.close());

const createStore = (options) => drizzleStore(drizzle(client), options);

async function createBench() {
  await client.exec(`TRUNCATE ${TABLES.join(', ')}`);
  return {
    stores: [createStore(), createStore()],
    async dump() {
      const rows = await Promise.all(TABLES.map((table) => client.query(`SELECT t::text FROM ${table} t`)));
      return JSON.stringify(rows);
    },
  };
}

holdStore({ describe, test }, { createBench, createStore, options: { record: { userId: 'u1' } } });
