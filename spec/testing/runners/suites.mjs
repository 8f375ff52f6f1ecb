import { createRequire } from 'node:module';
import { PGlite } from '@electric-sql/pglite';

// By require, as a host of either kind gets them: vitest would transform what it imports itself.
const require = createRequire(import.meta.url);
const { memoryCodes } = require('../../../dist/stores/memory-codes.js');
const { memoryJtis } = require('../../../dist/stores/memory-jtis.js');
const { memoryRefreshTokens } = require('../../../dist/stores/memory-refresh-tokens.js');
const {
  postgresCodes,
  postgresJtis,
  postgresRefreshTokens,
  postgresSchema,
} = require('../../../dist/stores/postgres.js');
const {
  codeStoreConformance,
  jtiStoreConformance,
  refreshTokenStoreConformance,
} = require('../../../dist/testing/index.js');

/** All suites in memory, in whatever runner the functions come from. */
export function registerSuitesInMemory({ describe, test }) {
  describe('memoryCodes', () => codeStoreConformance(test, () => ({ stores: [memoryCodes()] })));
  describe('memoryJtis', () => jtiStoreConformance(test, () => ({ stores: [memoryJtis()] })));
  describe('memoryRefreshTokens', () =>
    refreshTokenStoreConformance(test, () => ({ stores: [memoryRefreshTokens()] })));
}

/** The same in memory and in PGlite, which does not run inside jest. */
export async function registerSuites({ describe, test, after }) {
  registerSuitesInMemory({ describe, test });
  const db = await PGlite.create();
  await db.exec(postgresSchema);
  after(() => db.close());

  const query = (text, values) => db.query(text, values);
  const tables = ['oauth_grants', 'oauth_refresh_tokens', 'oauth_jtis'];
  const inPglite = (create) => async () => {
    await db.exec(`TRUNCATE ${tables.join(', ')}`);
    const dump = async () => {
      const rows = await Promise.all(tables.map((table) => db.query(`SELECT t::text FROM ${table} t`)));
      return JSON.stringify(rows.map((result) => result.rows));
    };
    return { stores: [create({ query }), create({ query })], dump };
  };

  describe('postgresCodes in PGlite', () => codeStoreConformance(test, inPglite(postgresCodes)));
  describe('postgresJtis in PGlite', () => jtiStoreConformance(test, inPglite(postgresJtis)));
  describe('postgresRefreshTokens in PGlite', () =>
    refreshTokenStoreConformance(test, inPglite(postgresRefreshTokens)));
}
