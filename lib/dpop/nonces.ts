import { createHmac, createSecretKey, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';
import { OAuthError } from '../errors';
import { parseBase64url } from '../jws/base64url';
import type { Reason } from '../reasons';
import { describeKind } from '../received';
import { CLOCK_LEEWAY_MS } from './clock';

/** Milliseconds for which a nonce is accepted. */
const NONCE_LIFE_MS = 300_000;
/** From this age on, the answer to a valid nonce has a fresh one. */
const NONCE_AGEING_MS = NONCE_LIFE_MS / 2;

/** A secret that nonces are made with: at least 32 bytes. */
export type NonceSecret = string | Uint8Array;

/** What a valid nonce proves. */
export interface VerifiedNonce {
  /** No server accepts the nonce from this instant on. */
  expiresAt: Date;
  /** The nonce to use from now on, if the verified one is ageing or was made with an older secret. */
  next?: string;
}

/** Stateless nonces (RFC 9449 §8): every server that has the secret makes and verifies the same ones. */
export interface DpopNonces {
  /** A fresh nonce for a `DPoP-Nonce` field. */
  createNonce(): string;
  /**
   * @throws OAuthError `use_dpop_nonce` with a fresh `DPoP-Nonce`, if the nonce is missing, too old, or of another
   * server.
   */
  verifyNonce(nonce: string | undefined): VerifiedNonce;
}

const TIME_BYTES = 6;
const RANDOM_BYTES = 18;
const MAC_BYTES = 24;
const MADE_BYTES = TIME_BYTES + RANDOM_BYTES;
const ADVICE = 'Write at least 32 bytes, as crypto.randomBytes(32) makes them.';
const LABEL = 'express-token-router DPoP-Nonce';

/**
 * Makes and verifies nonces with one secret. Pass several to rotate them: the first one makes nonces, all of them
 * verify.
 *
 * @throws TypeError if there is no secret, or one is shorter than 32 bytes.
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
    throw new TypeError(`createDpopNonces: nonceSecret is ${describeKind(secret)}. ${ADVICE}`);
  });
  if (active) return [active, ...older];
  throw new TypeError(`createDpopNonces: nonceSecret is an empty array. ${ADVICE}`);
}

/** Whether it is long enough that nobody can guess it. */
export function isNonceSecret(secret: unknown): secret is NonceSecret {
  return (typeof secret === 'string' || secret instanceof Uint8Array) && Buffer.from(secret).length >= 32;
}

function authenticate(made: Buffer, secret: KeyObject): Buffer {
  return createHmac('sha256', secret).update(LABEL).update(made).digest().subarray(0, MAC_BYTES);
}

function isAuthentic(nonce: Buffer, secret: KeyObject): boolean {
  return timingSafeEqual(nonce.subarray(MADE_BYTES), authenticate(nonce.subarray(0, MADE_BYTES), secret));
}
