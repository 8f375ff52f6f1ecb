import { tellInProcess } from '../facts';
import type { DpopJti } from '../types';
import { digestOf } from './digest';
import { createExpiringMap } from './expiring-map';
import { lifetimeUntil } from './record';

/**
 * The `jti`s of DPoP proofs in the memory of this process (RFC 9449 §11.1), each until its proof expires. Several
 * processes need a store that they share. Keeps digests, so that a long `jti` takes no more memory.
 */
export function memoryJtis() {
  const used = createExpiringMap<true>();

  return tellInProcess('memoryJtis', {
    /** Returns `true` for the first use of this `jti` with this key, `false` for all others until `expiresAt`. */
    consumeJti({ jti, jkt, expiresAt }: DpopJti): boolean {
      return used.add(digestOf(JSON.stringify([jkt, jti])), true, lifetimeUntil(expiresAt));
    },
  });
}
