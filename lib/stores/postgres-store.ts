import { checkNames, STORE_OPTIONS, type StoreOptions } from './options';
import { createPostgresBackend } from './postgres-backend';
import { postgresJtis } from './postgres-jtis';
import { checkPostgresOptions, createPurges, type PostgresStoreOptions, parseRows } from './postgres-query';
import { postgresSchema } from './postgres-schema';
import { type AnyLoginRecord, createStore, type LoginRecord } from './store';

/** The options of `postgresStore`. */
export interface PostgresOptions extends PostgresStoreOptions, StoreOptions {}

/**
 * A store for codes, refresh tokens, grants and `jti`s in PostgreSQL 12 or newer, for any number of nodes. Keeps only
 * the SHA-256 of codes and tokens. Call `migrate` at start-up, and `purge` once a minute.
 *
 * @throws TypeError that names the option that is wrong.
 */
export function postgresStore<Record extends AnyLoginRecord = LoginRecord>(options: PostgresOptions) {
  checkPostgresOptions('postgresStore', options);
  checkNames('postgresStore', options, ['query', 'prefix', ...STORE_OPTIONS]);
  const { query } = options;
  const backend = createPostgresBackend(options);
  return {
    ...createStore<Record>(
      'postgresStore',
      backend,
      postgresJtis({ query, prefix: options.prefix }).consumeJti,
      options,
    ),

    /** Creates the tables, or updates those of an older version. Safe on every node at every start. */
    async migrate(): Promise<void> {
      parseRows(await query(postgresSchema, []));
    },

    /**
     * Deletes expired rows by an index, 10,000 per statement. Returns how many. Run it once a minute, on any node.
     * Without it the tables grow, but no answer changes.
     */
    purge: createPurges(['oauth_refresh_tokens', 'oauth_grants', 'oauth_jtis'], query),
  };
}
