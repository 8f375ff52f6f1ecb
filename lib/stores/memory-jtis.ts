import { tellInProcess } from '../facts';
import type { DpopJti } from '../types';
import { digestOf } from './digest';
import { createExpiringMap } from './expiring-map';
import { lifetimeUntil } from './record';

/**
 * The `jti`s of DPoP proofs in this process (RFC 9449 §11.1), each until its proof cannot pass any more. For hosts of one
 * process: several need a store that they share. What is kept is a digest, so that no `jti` costs more than another.
 */
export function memoryJtis() {
  const used = createExpiringMap<true>();

  return tellInProcess('memoryJtis', {
    /** `true` for the first use of this `jti` with this key, `false` for every other until `expiresAt`. */
    consumeJti({ jti, jkt, expiresAt }: DpopJti): boolean {
      return used.add(digestOf(JSON.stringify([jkt, jti])), true, lifetimeUntil(expiresAt));
    },
  });
}
