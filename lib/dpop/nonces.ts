import { createHmac, createSecretKey, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';
import { OAuthError } from '../errors';
import { parseBase64url } from '../jws/base64url';
import type { Reason } from '../reasons';
import { CLOCK_LEEWAY_MS } from './clock';

/** How long a nonce is accepted. */
const NONCE_LIFE_MS = 300_000;
/** From this age on the answer to a valid nonce brings a fresh one. */
const NONCE_AGEING_MS = NONCE_LIFE_MS / 2;

/** A secret that nonces are made with: at least 32 bytes. */
export type NonceSecret = string | Uint8Array;

/** What a valid nonce proves. */
export interface VerifiedNonce {
  /** From this instant on no server accepts the nonce any more. */
  expiresAt: Date;
  /** The nonce to use from now on, where the verified one is ageing or was made with an older secret. */
  next?: string;
}

/** Stateless nonces (RFC 9449 §8): every server that has the secret makes and verifies the same ones. */
export interface DpopNonces {
  /** A fresh nonce for a `DPoP-Nonce` field. */
  createNonce(): string;
  /** @throws OAuthError `use_dpop_nonce` with a fresh `DPoP-Nonce`, where the nonce is missing, foreign or too old. */
  verifyNonce(nonce: string | undefined): VerifiedNonce;
}

const TIME_BYTES = 6;
const RANDOM_BYTES = 18;
const MAC_BYTES = 24;
const MADE_BYTES = TIME_BYTES + RANDOM_BYTES;
const LABEL = 'express-token-router DPoP-Nonce';

/**
 * Makes the nonces of one secret, or of several while they are rotated: the first one makes, all of them verify.
 *
 * @throws TypeError where a secret is shorter than 32 bytes.
 */
export function createDpopNonces(nonceSecret: NonceSecret | readonly NonceSecret[]): DpopNonces {
  const [active, ...older] = parseNonceSecrets(nonceSecret);

  const createNonce = () => {
    const made = Buffer.allocUnsafe(MADE_BYTES);
    made.writeUIntBE(Date.now(), 0, TIME_BYTES);
    randomBytes(RANDOM_BYTES).copy(made, TIME_BYTES);
    return Buffer.concat([made, authenticate(made, active)]).toString('base64url');
  };

  const challenge = (reason: Reason) =>
    new OAuthError('use_dpop_nonce', 'The DPoP proof needs a nonce of the authorization server', {
      reason,
      headers: { 'DPoP-Nonce': createNonce() },
    });

  return {
    createNonce,
    verifyNonce(nonce) {
      if (nonce === undefined) throw challenge('dpop_nonce_missing');
      const bytes = parseBase64url(nonce);
      if (bytes?.length !== MADE_BYTES + MAC_BYTES) throw challenge('dpop_nonce_stale');
      const madeAt = bytes.readUIntBE(0, TIME_BYTES);
      const age = Date.now() - madeAt;
      const isActive = isAuthentic(bytes, active);
      const isOurs = isActive || older.some((secret) => isAuthentic(bytes, secret));
      if (!isOurs || age >= NONCE_LIFE_MS || age < -CLOCK_LEEWAY_MS) throw challenge('dpop_nonce_stale');

      const expiresAt = new Date(madeAt + NONCE_LIFE_MS);
      return age < NONCE_AGEING_MS && isActive ? { expiresAt } : { expiresAt, next: createNonce() };
    },
  };
}

function parseNonceSecrets(nonceSecret: NonceSecret | readonly NonceSecret[]): [KeyObject, ...KeyObject[]] {
  const secrets = typeof nonceSecret === 'string' || nonceSecret instanceof Uint8Array ? [nonceSecret] : nonceSecret;
  const [active, ...older] = secrets.map((secret) => {
    if (isNonceSecret(secret)) return createSecretKey(Buffer.from(secret));
    throw new TypeError('a nonce secret must have at least 32 bytes, as crypto.randomBytes(32) makes them');
  });
  if (active) return [active, ...older];
  throw new TypeError('there must be a nonce secret to make nonces with');
}

/** Whether it is long enough that nobody guesses it. */
export function isNonceSecret(secret: unknown): secret is NonceSecret {
  return (typeof secret === 'string' || secret instanceof Uint8Array) && Buffer.from(secret).length >= 32;
}

function authenticate(made: Buffer, secret: KeyObject): Buffer {
  return createHmac('sha256', secret).update(LABEL).update(made).digest().subarray(0, MAC_BYTES);
}

function isAuthentic(nonce: Buffer, secret: KeyObject): boolean {
  return timingSafeEqual(nonce.subarray(MADE_BYTES), authenticate(nonce.subarray(0, MADE_BYTES), secret));
}
