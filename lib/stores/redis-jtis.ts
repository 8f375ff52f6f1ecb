import type { DpopJti } from '../types';
import { digestOf } from './digest';
import { checkNames } from './options';
import { lifetimeUntil } from './record';
import { checkRedisOptions, parseSet, type RedisStoreOptions } from './redis-command';

/**
 * The `jti`s of DPoP proofs in Redis (RFC 9449 §11.1), for any number of nodes: one `SET … NX` per proof.
 * @throws TypeError that names the option that is wrong.
 */
export function redisJtis(options: RedisStoreOptions) {
  checkRedisOptions('redisJtis', options);
  checkNames('redisJtis', options, ['sendCommand', 'prefix']);
  const { sendCommand, prefix = 'oauth:' } = options;

  return {
    /** Returns `true` for the first use of this `jti` with this key, `false` for all others until `expiresAt`. */
    async consumeJti({ jti, jkt, expiresAt }: DpopJti): Promise<boolean> {
      const key = `${prefix}jti:${digestOf(JSON.stringify([jkt, jti]))}`;
      return parseSet(await sendCommand('SET', key, '', 'NX', 'PX', String(lifetimeUntil(expiresAt))));
    },
  };
}
