import type { AuthorizationCode } from '../types';
import { createCodes } from './codes';
import { createGrants } from './grants';
import { createSpentLifetime } from './lifetimes';
import { checkNames, checkStrictReplay } from './options';
import { createPostgresBackend } from './postgres-backend';
import { checkPostgresOptions, createPurge, type PostgresStoreOptions } from './postgres-query';

/** The options of `postgresCodes`. */
export interface PostgresCodesOptions extends PostgresStoreOptions {
  /** Milliseconds that a code is still found for after its end, so that a replay is seen. @default 86400000, a day */
  spentLifetime?: number | undefined;
  /** A code that is redeemed twice at once revokes as every other replay does. @default false */
  strictReplay?: boolean | undefined;
}

/**
 * Authorization codes in PostgreSQL, without refresh tokens: `postgresStore` has both. `postgresSchema` has the tables. A
 * record that was found has a `grantId` besides what was saved: `revokeTokens` revokes the grant, `isRevoked` tells of it.
 *
 * @throws TypeError where the options are wrong.
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
    /** Removes what nobody needs any more, a batch at a time. Run it now and then, on any node. */
    purge: createPurge('oauth_grants', options.query),
  };
}
