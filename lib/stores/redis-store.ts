import { checkNames, STORE_OPTIONS, type StoreOptions } from './options';
import { createRedisBackend } from './redis-backend';
import { checkRedisOptions, type RedisStoreOptions } from './redis-command';
import { redisJtis } from './redis-jtis';
import { type AnyLoginRecord, createStore, type LoginRecord } from './store';

/** The options of `redisStore`. */
export interface RedisOptions extends RedisStoreOptions, StoreOptions {}

/**
 * A store for codes, refresh tokens, grants and `jti`s in Redis 6.2 or newer, for any number of nodes. Keeps only the
 * SHA-256 of codes and tokens. All keys expire by themselves.
 *
 * @throws TypeError that names the option that is wrong.
 */
export function redisStore<Record extends AnyLoginRecord = LoginRecord>(options: RedisOptions) {
  checkNames('redisStore', options, ['sendCommand', 'prefix', ...STORE_OPTIONS]);
  checkRedisOptions('redisStore', options);
  return createStore<Record>(
    'redisStore',
    createRedisBackend(options),
    redisJtis({ sendCommand: options.sendCommand, prefix: options.prefix }).consumeJti,
    options,
  );
}
