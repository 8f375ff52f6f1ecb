import type { RefreshToken } from '../types';
import { createGrants } from './grants';
import { checkLeeway, checkNames } from './options';
import { createPostgresBackend } from './postgres-backend';
import { checkPostgresOptions, createPurges, type PostgresStoreOptions } from './postgres-query';
import { checkDuration } from './record';
import { createRefreshTokens } from './refresh-tokens';

/** The options of `postgresRefreshTokens`. */
export interface PostgresRefreshTokensOptions extends PostgresStoreOptions {
  /** Milliseconds that a grant stays revoked for, where no token of it lives longer. @default 86400000, a day */
  revokedLifetime?: number | undefined;
  /** Milliseconds in which a spent token may come again freely; `0`: never. @default 10000 */
  leeway?: number | undefined;
}

/**
 * Refresh tokens in PostgreSQL, without codes: `postgresStore` has both. With `postgresCodes` in the same tables it shares
 * the grants: what revokes in one revokes in both. A token is kept until its `grantExpiresAt`, if the record has one.
 *
 * @throws TypeError where the options are wrong.
 */
export function postgresRefreshTokens<Token extends RefreshToken = RefreshToken>(
  options: PostgresRefreshTokensOptions,
) {
  checkPostgresOptions('postgresRefreshTokens', options);
  checkNames('postgresRefreshTokens', options, ['query', 'prefix', 'revokedLifetime', 'leeway']);
  const { revokedLifetime = 86_400_000 } = options;
  checkDuration('postgresRefreshTokens: revokedLifetime', revokedLifetime);
  const keptAfter = () => revokedLifetime;
  const backend = createPostgresBackend(options);
  const leeway = checkLeeway('postgresRefreshTokens', options.leeway);
  return {
    ...createRefreshTokens<Token>(backend, { leeway, keptAfter }),
    ...createGrants(backend, keptAfter),
    /** Removes what nobody needs any more, a batch at a time. Run it now and then, on any node. */
    purge: createPurges(['oauth_refresh_tokens', 'oauth_grants'], options.query),
  };
}
