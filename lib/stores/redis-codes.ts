import type { AuthorizationCode } from '../types';
import { createCodes } from './codes';
import { createGrants } from './grants';
import { createSpentLifetime } from './lifetimes';
import { checkNames, checkStrictReplay } from './options';
import { createRedisBackend } from './redis-backend';
import { checkRedisOptions, type RedisStoreOptions } from './redis-command';

/** The options of `redisCodes`. */
export interface RedisCodesOptions extends RedisStoreOptions {
  /** Milliseconds that a spent code is still found for, so that a replay is seen. @default 86400000, a day */
  spentLifetime?: number | undefined;
  /** A code that is redeemed twice at once revokes as every other replay does. @default false */
  strictReplay?: boolean | undefined;
}

/**
 * Authorization codes in Redis, without refresh tokens: `redisStore` has both. A record that was found has a `grantId`
 * besides what was saved: `revokeTokens` revokes the grant, and `isRevoked` tells of it.
 *
 * @throws TypeError where the options are wrong.
 */
export function redisCodes<Code extends AuthorizationCode = AuthorizationCode>(options: RedisCodesOptions) {
  checkRedisOptions('redisCodes', options);
  checkNames('redisCodes', options, ['sendCommand', 'prefix', 'spentLifetime', 'strictReplay']);
  const { spentLifetime } = createSpentLifetime('redisCodes', options.spentLifetime);
  const strictReplay = checkStrictReplay('redisCodes', options.strictReplay);
  const backend = createRedisBackend(options);
  return { ...createCodes<Code>(backend, { strictReplay, spentLifetime }), ...createGrants(backend, spentLifetime) };
}
