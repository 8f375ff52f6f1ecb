import type { RefreshToken } from '../types';
import { createGrants } from './grants';
import { checkLeeway, checkNames } from './options';
import { checkDuration } from './record';
import { createRedisBackend } from './redis-backend';
import { checkRedisOptions, type RedisStoreOptions } from './redis-command';
import { createRefreshTokens } from './refresh-tokens';

/** The options of `redisRefreshTokens`. */
export interface RedisRefreshTokensOptions extends RedisStoreOptions {
  /**
   * Milliseconds for which a revoked grant is remembered, if none of its tokens lives longer. @default 86400000, a day
   */
  revokedLifetime?: number | undefined;
  /** Milliseconds, 0 to 60000, in which a spent token may be used again. `0`: never. @default 10000 */
  leeway?: number | undefined;
}

/**
 * Refresh tokens in Redis, without codes. Prefer `redisStore`, which has both. Shares its grants with `redisCodes` of
 * the same `prefix`: revoking in one revokes in both. A token is kept until its `grantExpiresAt`, if the record has
 * one.
 *
 * @throws TypeError that names the option that is wrong.
 */
export function redisRefreshTokens<Token extends RefreshToken = RefreshToken>(options: RedisRefreshTokensOptions) {
  checkRedisOptions('redisRefreshTokens', options);
  checkNames('redisRefreshTokens', options, ['sendCommand', 'prefix', 'revokedLifetime', 'leeway']);
  const { revokedLifetime = 86_400_000 } = options;
  checkDuration('redisRefreshTokens: revokedLifetime', revokedLifetime);
  const keptAfter = () => revokedLifetime;
  const backend = createRedisBackend(options);
  const leeway = checkLeeway('redisRefreshTokens', options.leeway);
  return { ...createRefreshTokens<Token>(backend, { leeway, keptAfter }), ...createGrants(backend, keptAfter) };
}
