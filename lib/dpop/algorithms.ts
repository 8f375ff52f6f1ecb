import { constants, type KeyObject, verify } from 'node:crypto';

/** One JWS algorithm (RFC 7518 §3, RFC 8037, RFC 9864): the keys that fit it, and how its signatures are verified. */
export interface Algorithm {
  kty: 'EC' | 'OKP' | 'RSA';
  /** The curve, and how many bytes each of its coordinates has. */
  curve?: { crv: string; coordinateBytes: number };
  verify(signed: Buffer, key: KeyObject, signature: Buffer): boolean;
}

const ecdsa = (hash: string, crv: string, coordinateBytes: number): Algorithm => ({
  kty: 'EC',
  curve: { crv, coordinateBytes },
  verify: (signed, key, signature) => verify(hash, signed, { key, dsaEncoding: 'ieee-p1363' }, signature),
});

const rsa = (padding: { padding: number; saltLength?: number }): Algorithm => ({
  kty: 'RSA',
  verify: (signed, key, signature) => verify('sha256', signed, { key, ...padding }, signature),
});

const ED25519: Algorithm = {
  kty: 'OKP',
  curve: { crv: 'Ed25519', coordinateBytes: 32 },
  verify: (signed, key, signature) => verify(null, signed, key, signature),
};

/** The algorithms that a verifier can be told to accept. None of them is symmetric. */
export const ALGORITHMS = Object.freeze({
  ES256: ecdsa('sha256', 'P-256', 32),
  ES384: ecdsa('sha384', 'P-384', 48),
  ES512: ecdsa('sha512', 'P-521', 66),
  PS256: rsa({ padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }),
  RS256: rsa({ padding: constants.RSA_PKCS1_PADDING }),
  Ed25519: ED25519,
  EdDSA: ED25519,
});

/** The name of an algorithm that proofs may be signed with. */
export type DpopAlgorithm = keyof typeof ALGORITHMS;
