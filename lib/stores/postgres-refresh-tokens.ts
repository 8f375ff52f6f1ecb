import type { RefreshToken } from '../types';
import { createGrants } from './grants';
import { checkLeeway, checkNames } from './options';
import { createPostgresBackend } from './postgres-backend';
import { checkPostgresOptions, createPurges, type PostgresStoreOptions } from './postgres-query';
import { checkDuration } from './record';
import { createRefreshTokens } from './refresh-tokens';

/** The options of `postgresRefreshTokens`. */
export interface PostgresRefreshTokensOptions extends PostgresStoreOptions {
  /**
   * Milliseconds for which a revoked grant is remembered, if none of its tokens lives longer. @default 86400000, a day
   */
  revokedLifetime?: number | undefined;
  /** Milliseconds, 0 to 60000, in which a spent token may be used again. `0`: never. @default 10000 */
  leeway?: number | undefined;
}

/**
 * Refresh tokens in PostgreSQL, without codes. Prefer `postgresStore`, which has both. Shares its grants with
 * `postgresCodes` in the same tables: revoking in one revokes in both. A token is kept until its `grantExpiresAt`, if
 * the record has one.
 *
 * @throws TypeError that names the option that is wrong.
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
    /** Deletes expired rows, in batches. Returns how many. Run it regularly, on any node. */
    purge: createPurges(['oauth_refresh_tokens', 'oauth_grants'], options.query),
  };
}
