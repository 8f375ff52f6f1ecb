import { constants, type KeyObject } from 'node:crypto';
import type { SigningAlgorithm } from './types';

/** One algorithm: the keys that fit it, and how node:crypto is told of it. */
export interface Algorithm {
  keyType: 'rsa' | 'ec' | 'ed25519';
  /** The name of the curve in OpenSSL. */
  curve?: string;
  hash: string | null;
  /** A signature is most of a millisecond of CPU; the others take a twentieth of one. */
  isHeavy: boolean;
  signing: { dsaEncoding?: 'ieee-p1363'; padding?: number; saltLength?: number };
}

/** The first that fits a key is its default. */
export const ALGORITHMS: Readonly<Record<SigningAlgorithm, Algorithm>> = Object.freeze({
  RS256: { keyType: 'rsa', hash: 'sha256', isHeavy: true, signing: {} },
  PS256: {
    keyType: 'rsa',
    hash: 'sha256',
    isHeavy: true,
    signing: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
  },
  ES256: { keyType: 'ec', curve: 'prime256v1', hash: 'sha256', isHeavy: false, signing: { dsaEncoding: 'ieee-p1363' } },
  ES384: { keyType: 'ec', curve: 'secp384r1', hash: 'sha384', isHeavy: true, signing: { dsaEncoding: 'ieee-p1363' } },
  EdDSA: { keyType: 'ed25519', hash: null, isHeavy: false, signing: {} },
});

/** Below it RSA is broken (RFC 7518 §3.3). */
export const MIN_RSA_BITS = 2048;

export const NAMES = Object.keys(ALGORITHMS) as SigningAlgorithm[];

/** The algorithms that a key can sign with, the default first. */
export function algorithmsFor({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): SigningAlgorithm[] {
  return NAMES.filter((name) => {
    const { keyType, curve } = ALGORITHMS[name];
    return keyType === asymmetricKeyType && curve === asymmetricKeyDetails?.namedCurve;
  });
}

/**
 * Milliseconds of a signature before one was measured, four times those of an idle core: the first burst must not spend codes
 * that a busy machine cannot answer for. RSA takes eight times as long for twice the bits.
 */
export function guessSigningMs({ asymmetricKeyDetails }: KeyObject): number {
  return 4 * ((asymmetricKeyDetails?.modulusLength ?? 2048) / 2048) ** 3;
}
