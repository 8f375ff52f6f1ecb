import { type AsymmetricKeyDetails, constants, type KeyObject } from 'node:crypto';
import type { SigningAlgorithm } from './types';

/** One algorithm: the keys that fit it, and its options for node:crypto. */
export interface Algorithm {
  keyType: 'rsa' | 'ec' | 'ed25519';
  /** The name of the curve in OpenSSL. */
  curve?: string;
  hash: string | null;
  /** Whether a signature takes about a millisecond of CPU. The others take a twentieth of that. */
  isHeavy: boolean;
  signing: { dsaEncoding?: 'ieee-p1363'; padding?: number; saltLength?: number };
}

/** The first algorithm that fits a key is its default. */
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

export const NAMES = Object.keys(ALGORITHMS) as SigningAlgorithm[];

/** The size or the curve of a key. Only a secret has no details, and no secret is imported. */
export const detailsOf = ({ asymmetricKeyDetails }: KeyObject) => asymmetricKeyDetails as AsymmetricKeyDetails;

/** The algorithms that a key can sign with, the default first. */
export function algorithmsFor(key: KeyObject): SigningAlgorithm[] {
  const { namedCurve } = detailsOf(key);
  return NAMES.filter((name) => {
    const { keyType, curve } = ALGORITHMS[name];
    return keyType === key.asymmetricKeyType && curve === namedCurve;
  });
}

/**
 * Milliseconds that a signature may take, until one is measured. Four times the value of an idle core, so that the
 * first requests on a busy machine spend no codes in vain. RSA takes eight times as long for twice the bits.
 */
export function guessSigningMs(key: KeyObject): number {
  const { modulusLength = 2048 } = detailsOf(key);
  return 4 * (modulusLength / 2048) ** 3;
}
