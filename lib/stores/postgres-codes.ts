import type { AuthorizationCode } from '../types';
import { createCodes } from './codes';
import { createGrants } from './grants';
import { createSpentLifetime } from './lifetimes';
import { checkNames, checkStrictReplay } from './options';
import { createPostgresBackend } from './postgres-backend';
import { checkPostgresOptions, createPurge, type PostgresStoreOptions } from './postgres-query';

/** The options of `postgresCodes`. */
export interface PostgresCodesOptions extends PostgresStoreOptions {
  /**
   * Milliseconds for which a code is still found after its end, so that the router detects a replay. @default 86400000,
   * a day
   */
  spentLifetime?: number | undefined;
  /**
   * Whether a code that is redeemed twice at once (a double click, a retry) revokes its tokens, as every other replay
   * does. @default false
   */
  strictReplay?: boolean | undefined;
}

/**
 * Authorization codes in PostgreSQL, without refresh tokens. Prefer `postgresStore`, which has both. `postgresSchema`
 * has the tables. A found record has a `grantId`: `revokeTokens` revokes this grant, and `isRevoked` reads it.
 *
 * @throws TypeError that names the option that is wrong.
 */
export function postgresCodes<Code extends AuthorizationCode = AuthorizationCode>(options: PostgresCodesOptions) {
  checkPostgresOptions('postgresCodes', options);
  checkNames('postgresCodes', options, ['query', 'prefix', 'spentLifetime', 'strictReplay']);
  const { spentLifetime } = createSpentLifetime('postgresCodes', options.spentLifetime);
  const strictReplay = checkStrictReplay('postgresCodes', options.strictReplay);
  const backend = createPostgresBackend(options);
  return {
    ...createCodes<Code>(backend, { strictReplay, spentLifetime }),
    ...createGrants(backend, spentLifetime),
    /** Deletes expired rows, in batches. Returns how many. Run it regularly, on any node. */
    purge: createPurge('oauth_grants', options.query),
  };
}
