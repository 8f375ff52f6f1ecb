import { createHash } from 'node:crypto';
import type { DpopJti } from '../types';

/** How long digests of about the same end are kept in one batch. */
const BATCH_MS = 1000;

/**
 * Remembers the `jti`s of DPoP proofs in this process (RFC 9449 §11.1), each until its proof cannot pass any more. For one
 * process: several of them need a store that they share. What is kept is a digest, so no `jti` costs more than another,
 * and nothing is ever searched through: digests that end in the same second are dropped together.
 */
export function memoryJtis() {
  const endOf = new Map<string, number>();
  const batches = new Map<number, string[]>();
  let cleanedAt = Number.NEGATIVE_INFINITY;

  const clean = (now: number) => {
    const current = Math.floor(now / BATCH_MS);
    if (current === cleanedAt) return;
    cleanedAt = current;
    for (const [batch, digests] of batches) {
      if (batch >= current) continue;
      batches.delete(batch);
      for (const digest of digests) {
        if (isOver(endOf.get(digest), now)) endOf.delete(digest);
      }
    }
  };

  /** `true` for the first use of this `jti` with this key, `false` for every other until `expiresAt`. */
  const consumeJti = ({ jti, jkt, expiresAt }: DpopJti): boolean => {
    const now = Date.now();
    clean(now);
    const digest = createHash('sha256')
      .update(JSON.stringify([jkt, jti]))
      .digest('base64url');
    if (!isOver(endOf.get(digest), now)) return false;

    const end = expiresAt.getTime();
    endOf.set(digest, end);
    const batch = Math.floor(end / BATCH_MS);
    const digests = batches.get(batch);
    if (digests) digests.push(digest);
    else batches.set(batch, [digest]);
    return true;
  };

  return { consumeJti };
}

const isOver = (end: number | undefined, now: number) => end === undefined || end <= now;
