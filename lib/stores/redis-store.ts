import { checkNames, STORE_OPTIONS, type StoreOptions } from './options';
import { createRedisBackend } from './redis-backend';
import { checkRedisOptions, type RedisStoreOptions } from './redis-command';
import { redisJtis } from './redis-jtis';
import { type AnyLoginRecord, createStore, type LoginRecord } from './store';

/** The options of `redisStore`. */
export interface RedisOptions extends RedisStoreOptions, StoreOptions {}

/**
 * Everything that a token endpoint has to remember, in Redis 6.2 or newer, for as many nodes as there are. Codes and tokens
 * are filed under their SHA-256. All keys expire by themselves.
 *
 * @throws TypeError where the options are wrong.
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
