import type { AuthorizationCode } from '../types';
import { createCodes } from './codes';
import { createGrants } from './grants';
import { createSpentLifetime } from './lifetimes';
import { checkNames, checkStrictReplay } from './options';
import { createRedisBackend } from './redis-backend';
import { checkRedisOptions, type RedisStoreOptions } from './redis-command';

/** The options of `redisCodes`. */
export interface RedisCodesOptions extends RedisStoreOptions {
  /**
   * Milliseconds for which a spent code is still found, so that the router detects a replay. @default 86400000, a day
   */
  spentLifetime?: number | undefined;
  /**
   * Whether a code that is redeemed twice at once (a double click, a retry) revokes its tokens, as every other replay
   * does. @default false
   */
  strictReplay?: boolean | undefined;
}

/**
 * Authorization codes in Redis, without refresh tokens. Prefer `redisStore`, which has both. A found record has a
 * `grantId`: `revokeTokens` revokes this grant, and `isRevoked` reads it.
 *
 * @throws TypeError that names the option that is wrong.
 */
export function redisCodes<Code extends AuthorizationCode = AuthorizationCode>(options: RedisCodesOptions) {
  checkRedisOptions('redisCodes', options);
  checkNames('redisCodes', options, ['sendCommand', 'prefix', 'spentLifetime', 'strictReplay']);
  const { spentLifetime } = createSpentLifetime('redisCodes', options.spentLifetime);
  const strictReplay = checkStrictReplay('redisCodes', options.strictReplay);
  const backend = createRedisBackend(options);
  return { ...createCodes<Code>(backend, { strictReplay, spentLifetime }), ...createGrants(backend, spentLifetime) };
}
