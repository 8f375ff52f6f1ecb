import { createHash, createPrivateKey, createPublicKey, type JsonWebKey, KeyObject } from 'node:crypto';
import type { Awaitable } from '../types';
import { algorithmsFor, MIN_RSA_BITS } from './algorithms';
import type { Jwk, SigningAlgorithm } from './types';

/** A key in any form that node:crypto reads: a `KeyObject`, a PEM, or a JWK. */
export type KeyInput = KeyObject | string | JsonWebKey;

/** Signs for a key that never leaves a KMS: the bytes to sign, and the raw signature of JWS (RFC 7518 §3) in return. */
export type SignWithKms = (data: Buffer, key: { kid: string; alg: SigningAlgorithm }) => Awaitable<Uint8Array>;

/** A key that signs: its private half, or its public half and a function that signs. */
export type SigningKey = {
  /** Its name in the JWKS. @default the `kid` of a JWK, or a digest of its public half */
  kid?: string | undefined;
  /** @default the `alg` of a JWK, or RS256, ES256, ES384 or EdDSA, by the type of the key */
  alg?: SigningAlgorithm | undefined;
} & (
  | { privateKey: KeyInput; publicKey?: undefined; sign?: undefined }
  | { publicKey: KeyInput; sign: SignWithKms; privateKey?: undefined }
);

/** A key as the issuer works with it, imported once. */
export interface ParsedKey {
  kid: string;
  alg: SigningAlgorithm;
  publicKey: KeyObject;
  /** The private half, or what signs instead of it. */
  signer: KeyObject | SignWithKms;
}

/** What to write where there are no keys. */
export const KEYS_HINT = 'keys must be an array of keys, the one that signs first';

/** What is wrong with a key; says nothing of what is in it. */
class KeyMistake extends Error {}

/** Imports the keys, and lists what is wrong with them. */
export function parseKeys(keys: unknown): { parsed: ParsedKey[]; mistakes: string[] } {
  if (!Array.isArray(keys) || keys.length === 0) {
    return { parsed: [], mistakes: [KEYS_HINT] };
  }
  const parsed: ParsedKey[] = [];
  const mistakes: string[] = [];
  for (const [index, key] of keys.entries()) {
    try {
      parsed.push(parseKey(Object(key)));
    } catch (thrown) {
      mistakes.push(`keys[${index}] ${thrown instanceof KeyMistake ? thrown.message : 'is no key'}`);
    }
  }
  const kids = parsed.map(({ kid }) => kid);
  const repeated = kids.find((kid, index) => kids.indexOf(kid) !== index);
  if (repeated !== undefined)
    mistakes.push(`keys must each have a kid of its own: ${JSON.stringify(repeated)} is there twice`);
  return { parsed, mistakes };
}

function parseKey(key: Record<string, unknown>): ParsedKey {
  const { kid, alg, privateKey, publicKey: given, sign, ...unknown } = key;
  if (Object.keys(unknown).length > 0)
    throw new KeyMistake('has members other than kid, alg, privateKey, publicKey, sign');
  if ((privateKey === undefined) === (given === undefined && sign === undefined)) {
    throw new KeyMistake('must have a privateKey, or a publicKey and sign');
  }
  if (privateKey === undefined && typeof sign !== 'function') throw new KeyMistake('must have sign, a function');

  const signer = privateKey === undefined ? (sign as SignWithKms) : importPrivateKey(privateKey);
  const publicKey = importPublicKey(signer instanceof KeyObject ? signer : given);
  if ((publicKey.asymmetricKeyDetails?.modulusLength ?? MIN_RSA_BITS) < MIN_RSA_BITS) {
    throw new KeyMistake(`is an RSA key of fewer than ${MIN_RSA_BITS} bits`);
  }
  const own = membersOf(privateKey ?? given);
  if (own.use !== undefined && own.use !== 'sig') throw new KeyMistake('is a JWK whose use is not sig');
  const named = kid === undefined ? own.kid : kid;
  if (named !== undefined && (typeof named !== 'string' || named === '')) {
    throw new KeyMistake('has a kid that is no string');
  }
  return {
    kid: named ?? digestOf(publicKey),
    alg: parseAlgorithm(alg === undefined ? own.alg : alg, publicKey),
    publicKey,
    signer,
  };
}

/** What a JWK says of itself (RFC 7517 §4.2, §4.4, §4.5). */
function membersOf(key: unknown): { kid?: unknown; alg?: unknown; use?: unknown } {
  return key instanceof KeyObject ? {} : Object(key);
}

function parseAlgorithm(alg: unknown, publicKey: KeyObject): SigningAlgorithm {
  const fitting = algorithmsFor(publicKey);
  const [first] = fitting;
  if (first === undefined) throw new KeyMistake('is of a type that no algorithm here signs with');
  if (alg === undefined) return first;
  const chosen = fitting.find((name) => name === alg);
  if (chosen === undefined) throw new KeyMistake(`has an alg that does not fit it: write ${fitting.join(' or ')}`);
  return chosen;
}

function importPrivateKey(key: unknown): KeyObject {
  if (key instanceof KeyObject) {
    if (key.type !== 'private') throw new KeyMistake(`is a ${key.type} key where a private one is needed`);
    return key;
  }
  try {
    return createPrivateKey(toInput(key));
  } catch {
    // The error of node:crypto is left out: it may quote the key.
    throw new KeyMistake('has a privateKey that is no private key: a KeyObject, a PEM or a JWK');
  }
}

function importPublicKey(key: unknown): KeyObject {
  if (key instanceof KeyObject) return key.type === 'public' ? key : createPublicKey(key);
  try {
    return createPublicKey(toInput(key));
  } catch {
    throw new KeyMistake('has a publicKey that is no public key: a KeyObject, a PEM or a JWK');
  }
}

function toInput(key: unknown): string | { key: JsonWebKey; format: 'jwk' } {
  return typeof key === 'string' ? key : { key: Object(key) as JsonWebKey, format: 'jwk' };
}

/** Equal for equal keys. Not `equals`: between keys of two types it leaves an error behind that the next import trips over. */
export function digestOf(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
}

/** The public half as it is published: made from a public key, member by member, so that no private one can leave. */
export function toJwk({ kid, alg, publicKey }: ParsedKey): Jwk {
  const { kty, n, e, crv, x, y } = publicKey.export({ format: 'jwk' });
  const members = Object.entries({ n, e, crv, x, y }).filter(([, value]) => value !== undefined);
  return { kid, alg, use: 'sig', kty: String(kty), ...Object.fromEntries(members) };
}
