import type { RefreshToken } from '../types';
import { createGrants } from './grants';
import { checkLeeway, checkNames } from './options';
import { checkDuration } from './record';
import { createRedisBackend } from './redis-backend';
import { checkRedisOptions, type RedisStoreOptions } from './redis-command';
import { createRefreshTokens } from './refresh-tokens';

/** The options of `redisRefreshTokens`. */
export interface RedisRefreshTokensOptions extends RedisStoreOptions {
  /** Milliseconds that a grant stays revoked for, where no token of it lives longer. @default 86400000, a day */
  revokedLifetime?: number | undefined;
  /** Milliseconds in which a spent token may come again freely; `0`: never. @default 10000 */
  leeway?: number | undefined;
}

/**
 * Refresh tokens in Redis, without codes: `redisStore` has both. With `redisCodes` of the same `prefix` it shares the
 * grants: what revokes in one revokes in both. A token is kept until its `grantExpiresAt`, if the record has one.
 *
 * @throws TypeError where the options are wrong.
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
