import { constants, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { types } from 'node:util';
import { type AlgorithmName, algorithmOf } from '../jws/algorithms';
import type { JsonWebKey } from '../jws/jwk';

/** A private key for tests: a `KeyObject`, a PEM or a JWK (RFC 7517). */
export type TestKey = KeyObject | string | JsonWebKey;

/** A key, and how it signs. */
export interface Signer {
  alg: AlgorithmName;
  privateKey: KeyObject;
  /** The public half. */
  jwk: JsonWebKey;
  sign(signed: string): Buffer;
}

const ALG_OF: Readonly<Record<string, AlgorithmName>> = {
  'P-256': 'ES256',
  'P-384': 'ES384',
  'P-521': 'ES512',
  Ed25519: 'EdDSA',
  RSA: 'RS256',
};

/** Creates a signer with this key, or with a new one. */
export function createSigner({
  alg,
  privateKey,
}: {
  alg?: AlgorithmName | undefined;
  privateKey?: TestKey | undefined;
}): Signer {
  const key = privateKey === undefined ? generateKey(alg ?? 'ES256') : importKey(privateKey);
  const jwk = createPublicKey(key).export({ format: 'jwk' }) as JsonWebKey;
  const name = alg ?? (ALG_OF[String(jwk.crv ?? jwk.kty)] as AlgorithmName);
  const { kty, curve } = Object(algorithmOf(name)) as Partial<NonNullable<ReturnType<typeof algorithmOf>>>;
  if (kty !== jwk.kty || curve?.crv !== jwk.crv) {
    throw new TypeError(`alg is ${name}, which does not fit this ${jwk.kty} key${jwk.crv ? ` on ${jwk.crv}` : ''}`);
  }
  return { alg: name, privateKey: key, jwk, sign: (signed) => signWith(name, key, signed) };
}

function importKey(key: TestKey): KeyObject {
  if (types.isKeyObject(key)) return key as KeyObject;
  return createPrivateKey(typeof key === 'string' ? key : { key: key as JsonWebKey, format: 'jwk' });
}

function generateKey(alg: AlgorithmName): KeyObject {
  const algorithm = algorithmOf(alg);
  if (!algorithm) throw new TypeError(`alg is ${alg}. Write ES256, or another asymmetric algorithm of JWS`);
  const { kty, curve } = algorithm;
  if (curve === undefined) return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  if (kty === 'OKP') return generateKeyPairSync('ed25519').privateKey;
  return generateKeyPairSync('ec', { namedCurve: curve.crv }).privateKey;
}

const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };

function signWith(alg: AlgorithmName, key: KeyObject, signed: string): Buffer {
  const hash = alg.startsWith('Ed') ? null : `sha${alg.slice(2)}`;
  const padding = alg.startsWith('PS') ? PSS : {};
  return sign(hash, Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363', ...padding });
}

export const base64url = (text: string | Buffer) => Buffer.from(text).toString('base64url');

/** Makes a compact JWS (RFC 7515 §7.1). Leaves out members that are `undefined`. */
export function signJws(header: object, claims: object, signWithKey: (signed: string) => Buffer): string {
  const signed = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(claims))}`;
  return `${signed}.${signWithKey(signed).toString('base64url')}`;
}

/** Seconds, as JWTs count. */
export const now = () => Math.floor(Date.now() / 1000);
