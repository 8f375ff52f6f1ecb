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

const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
const PKCS1 = { padding: constants.RSA_PKCS1_PADDING };

const rsa = (hash: string, padding: { padding: number; saltLength?: number }): Algorithm => ({
  kty: 'RSA',
  verify: (signed, key, signature) => verify(hash, signed, { key, ...padding }, signature),
});

const ED25519: Algorithm = {
  kty: 'OKP',
  curve: { crv: 'Ed25519', coordinateBytes: 32 },
  verify: (signed, key, signature) => verify(null, signed, key, signature),
};

/** The algorithms of JWS that can be verified here, by their names. None of them is symmetric. */
export const ALGORITHMS = Object.freeze({
  ES256: ecdsa('sha256', 'P-256', 32),
  ES384: ecdsa('sha384', 'P-384', 48),
  ES512: ecdsa('sha512', 'P-521', 66),
  PS256: rsa('sha256', PSS),
  PS384: rsa('sha384', PSS),
  PS512: rsa('sha512', PSS),
  RS256: rsa('sha256', PKCS1),
  RS384: rsa('sha384', PKCS1),
  RS512: rsa('sha512', PKCS1),
  Ed25519: ED25519,
  EdDSA: ED25519,
});

/** The name of an algorithm. */
export type AlgorithmName = keyof typeof ALGORITHMS;

/** Finds an algorithm by its name. `Ed25519` and `EdDSA` are the same. */
export function algorithmOf(name: unknown): Algorithm | undefined {
  return typeof name === 'string' && Object.hasOwn(ALGORITHMS, name) ? ALGORITHMS[name as AlgorithmName] : undefined;
}
