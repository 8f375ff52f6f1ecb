import type { Claims } from './claims';
import { CLOCK_LEEWAY_MS, MAX_FUTURE_MS } from './clock';
import type { DpopNonces } from './nonces';
import { invalidProof } from './refusals';

/** What is known of a proof that is fresh. */
export interface Freshness {
  /** From this instant on no server takes the proof any more. */
  expiresAt: Date;
  /** The nonce that the client is to use from now on. */
  nonce?: string | undefined;
}

/** Proves that a proof was made lately. */
export type VerifyFreshness = (claims: Claims, now: number) => Freshness;

/**
 * By the clock: `iat` is at most 60 s ahead and `maxAge` behind (RFC 9449 §11.1). By a nonce, where there are nonces: then
 * the nonce proves it and `iat` is not looked at, for phones have wrong clocks.
 */
export function createFreshness({
  maxAgeMs,
  nonces,
}: {
  maxAgeMs: number;
  nonces: DpopNonces | undefined;
}): VerifyFreshness {
  // Of the servers that share a store one clock may be behind, and take the proof a little longer than this one.
  const endOf = (iatMs: number) => Math.floor(iatMs + maxAgeMs) + 1 + CLOCK_LEEWAY_MS;
  if (!nonces) {
    return function verifyByClock({ iat }, now) {
      const iatMs = iat * 1000;
      if (iatMs - now > MAX_FUTURE_MS) throw invalidProof('dpop_proof_too_new');
      if (now - iatMs > maxAgeMs) throw invalidProof('dpop_proof_too_old');
      return { expiresAt: new Date(endOf(iatMs)) };
    };
  }
  return function verifyByNonce({ iat, nonce }, now) {
    const { expiresAt, next } = nonces.verifyNonce(nonce);
    // The proof stays used even for a server on which nonces are just being turned on or off and `iat` counts.
    const end = Math.max(expiresAt.getTime() + CLOCK_LEEWAY_MS, endOf(Math.min(iat * 1000, now + MAX_FUTURE_MS)));
    return { expiresAt: new Date(end), nonce: next };
  };
}
