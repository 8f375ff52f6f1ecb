import { checkNames, STORE_OPTIONS, type StoreOptions } from './options';
import { createPostgresBackend } from './postgres-backend';
import { postgresJtis } from './postgres-jtis';
import { checkPostgresOptions, createPurges, type PostgresStoreOptions, parseRows } from './postgres-query';
import { postgresSchema } from './postgres-schema';
import { type AnyLoginRecord, createStore, type LoginRecord } from './store';

/** The options of `postgresStore`. */
export interface PostgresOptions extends PostgresStoreOptions, StoreOptions {}

/**
 * Everything that a token endpoint has to remember, in PostgreSQL 12 or newer, for as many nodes as there are. Codes and
 * tokens are filed under their SHA-256. Call `migrate` at start-up, and `purge` once a minute.
 *
 * @throws TypeError where the options are wrong.
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

    /** Makes the tables, or brings those of an older version up to date. Safe on every node at every start. */
    async migrate(): Promise<void> {
      parseRows(await query(postgresSchema, []));
    },

    /**
     * Removes what nobody needs any more, 10,000 rows a statement, by an index; returns how many. Run it once a minute, on
     * any node. Without it the tables grow, and no answer changes.
     */
    purge: createPurges(['oauth_refresh_tokens', 'oauth_grants', 'oauth_jtis'], query),
  };
}
