import { createHash, createPublicKey, KeyObject } from 'node:crypto';
import { describeMistake } from '../mistakes';
import { describeKind, describeValue } from '../received';
import type { Awaitable } from '../types';
import { algorithmsFor, detailsOf } from './algorithms';
import { importKey, KeyMistake } from './key-input';
import { checkPair } from './key-pair';
import { checkUse } from './key-use';
import { checkRsaKey } from './rsa-key';
import type { Jwk, KeyInput, SigningAlgorithm } from './types';

/** Signs with a key that never leaves a KMS. Returns the raw signature of JWS (RFC 7518 §3), for ECDSA not DER. */
export type SignWithKms = (data: Buffer, key: { kid: string; alg: SigningAlgorithm }) => Awaitable<Uint8Array>;

/** A key that signs: a private key, or a public key and a function that signs. */
export type SigningKey = {
  /** The name of the key in the JWKS. @default the `kid` of a JWK, or a digest of the public key */
  kid?: string | undefined;
  /** The algorithm. @default the `alg` of a JWK, or RS256, ES256, ES384 or EdDSA by the type of the key */
  alg?: SigningAlgorithm | undefined;
} & (
  | { privateKey: KeyInput; publicKey?: undefined; sign?: undefined }
  | { publicKey: KeyInput; sign: SignWithKms; privateKey?: undefined }
);

/** An imported key. */
export interface ParsedKey {
  kid: string;
  alg: SigningAlgorithm;
  publicKey: KeyObject;
  /** The private key, or the function that signs. */
  signer: KeyObject | SignWithKms;
}

/** What to write if there are no keys. */
const KEYS_HINT = "Write an array, the key that signs first: [{ privateKey: '-----BEGIN…' }].";
const KEY_HINT = "Write { privateKey: '-----BEGIN…' }, or { publicKey, sign } for a KMS";

/** Imports the keys and lists their mistakes: the path, what was received, what to write. Never quotes a key. */
export function parseKeys(keys: unknown): { parsed: ParsedKey[]; mistakes: string[] } {
  if (!Array.isArray(keys) || keys.length === 0) {
    return { parsed: [], mistakes: [describeMistake(['keys'], keys, KEYS_HINT, { isSecret: true })] };
  }
  const parsed: ParsedKey[] = [];
  const mistakes: string[] = [];
  for (const [index, key] of keys.entries()) {
    try {
      parsed.push(parseKey(key));
    } catch (thrown) {
      mistakes.push(`keys[${index}]${thrown instanceof KeyMistake ? thrown.message : ` is no key. ${KEY_HINT}`}.`);
    }
  }
  const kids = parsed.map(({ kid }) => kid);
  const repeated = kids.find((kid, index) => kids.indexOf(kid) !== index);
  if (repeated !== undefined) mistakes.push(`keys has two keys of the kid ${JSON.stringify(repeated)}. Name one anew.`);
  return { parsed, mistakes };
}

function parseKey(given: unknown): ParsedKey {
  if (typeof given !== 'object' || given === null || given instanceof KeyObject || 'kty' in given) {
    throw new KeyMistake(` is ${Object(given).kty ? 'a JWK' : describeKind(given)}. ${KEY_HINT}`);
  }
  const { kid, alg, privateKey, publicKey: publicHalf, sign, ...unknown } = given as Record<string, unknown>;
  const [misspelt] = Object.keys(unknown);
  if (misspelt !== undefined) {
    throw new KeyMistake(`.${misspelt} is no member. The members are kid, alg, privateKey, publicKey and sign`);
  }
  checkHalves(given, { privateKey, publicHalf, sign });

  const { key, members } =
    privateKey === undefined
      ? importKey('public', 'publicKey', publicHalf)
      : importKey('private', 'privateKey', privateKey);
  const publicKey = key.type === 'public' ? key : createPublicKey(key);
  checkRsaKey(publicKey);
  checkUse(privateKey === undefined ? 'public' : 'private', members);
  const named = {
    kid: parseKid(kid === undefined ? members.kid : kid, publicKey),
    alg: parseAlgorithm(alg === undefined ? members.alg : alg, publicKey),
    publicKey,
  };
  if (privateKey === undefined) return { ...named, signer: sign as SignWithKms };
  checkPair(key, publicKey, named.alg);
  return { ...named, signer: key };
}

/** Checks that there is a private key, or a public key and a function that signs. */
function checkHalves(key: object, { privateKey, publicHalf, sign }: Readonly<Record<string, unknown>>): void {
  if (privateKey !== undefined && (publicHalf !== undefined || sign !== undefined)) {
    throw new KeyMistake(' has a privateKey beside publicKey or sign. Leave those out');
  }
  if (privateKey !== undefined || typeof sign === 'function') return;
  // Such as a forgotten environment variable.
  if ('privateKey' in key) throw new KeyMistake(`.privateKey is undefined. ${KEY_HINT}`);
  if (publicHalf === undefined && sign === undefined) throw new KeyMistake(` has no privateKey. ${KEY_HINT}`);
  throw new KeyMistake(`.sign is ${describeKind(sign)}. Write a function: (data, { kid, alg }) => the signature`);
}

function parseKid(kid: unknown, publicKey: KeyObject): string {
  if (kid === undefined) return digestOf(publicKey);
  if (typeof kid === 'string' && kid !== '') return kid;
  throw new KeyMistake(`.kid is ${describeKind(kid)}. Write a string, or leave it out`);
}

function parseAlgorithm(alg: unknown, publicKey: KeyObject): SigningAlgorithm {
  const fitting = algorithmsFor(publicKey);
  const [first] = fitting;
  if (first === undefined) {
    const { namedCurve = publicKey.asymmetricKeyType } = detailsOf(publicKey);
    throw new KeyMistake(` is of the type ${namedCurve}. Write a key of RSA, P-256, P-384 or Ed25519`);
  }
  if (alg === undefined) return first;
  const chosen = fitting.find((name) => name === alg);
  if (chosen !== undefined) return chosen;
  throw new KeyMistake(`.alg is ${describeValue(alg)}, which does not fit the key. Write ${fitting.join(' or ')}`);
}

/** A digest to compare keys. `equals` leaves an error behind for keys of two types, which breaks the next import. */
export function digestOf(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
}

/** The public key to publish. Made from a public key, by name, so that no private member can get out. */
export function toJwk({ kid, alg, publicKey }: ParsedKey): Jwk {
  const { kty, n, e, crv, x, y } = publicKey.export({ format: 'jwk' });
  const members = Object.entries({ n, e, crv, x, y }).filter(([, value]) => value !== undefined);
  return { kid, alg, use: 'sig', kty: String(kty), ...Object.fromEntries(members) };
}
