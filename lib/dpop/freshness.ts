import type { Claims } from './claims';
import { CLOCK_LEEWAY_MS, MAX_FUTURE_MS } from './clock';
import type { DpopNonces } from './nonces';
import { invalidProof } from './refusals';

/** What is known about a fresh proof. */
export interface Freshness {
  /** No server accepts the proof from this instant on. */
  expiresAt: Date;
  /** The nonce that the client should use from now on. */
  nonce?: string | undefined;
}

/** Verifies that a proof was made recently. */
export type VerifyFreshness = (claims: Claims, now: number) => Freshness;

/**
 * Without nonces, `iat` must be at most 60 s in the future and `maxAge` in the past (RFC 9449 §11.1). With nonces, the
 * nonce proves freshness and `iat` is ignored, because phones have wrong clocks.
 */
export function createFreshness({
  maxAgeMs,
  nonces,
}: {
  maxAgeMs: number;
  nonces: DpopNonces | undefined;
}): VerifyFreshness {
  // Another server of the same store may have a slower clock, and accept the proof a little longer.
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
    // The jti also outlives `iat`, for servers on which nonces are being switched on or off.
    const end = Math.max(expiresAt.getTime() + CLOCK_LEEWAY_MS, endOf(Math.min(iat * 1000, now + MAX_FUTURE_MS)));
    return { expiresAt: new Date(end), nonce: next };
  };
}
