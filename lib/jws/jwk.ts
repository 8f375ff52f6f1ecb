import { createPublicKey, type KeyObject } from 'node:crypto';
import { type Algorithm, algorithmOf } from './algorithms';
import { parseBase64url } from './base64url';
import type { JsonObject } from './compact';
import { isWeakEd25519Point } from './ed25519';
import { JwsError } from './error';
import { isKeyFor } from './key-use';

/**
 * A JSON Web Key (RFC 7517 §4), as `JSON.parse` returns it. Defined here because not every `@types/node` exports one.
 * It is not an interface, because those versions that do export one require an index signature.
 */
export type JsonWebKey = {
  kty?: string;
  kid?: string;
  alg?: string;
  use?: string;
  key_ops?: string[];
  ext?: boolean;
} & { [Member in 'crv' | 'x' | 'y' | 'n' | 'e' | 'd' | 'p' | 'q' | 'dp' | 'dq' | 'qi' | 'k']?: string };

/** Members of private and symmetric keys of every type (RFC 7518 §6, RFC 8037 §2, and `priv` of AKP). */
const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

/** A smaller RSA key is not secure, a larger one costs too much CPU. */
export const RSA_BITS = Object.freeze({ min: 2048, max: 4096 });

/** The public exponent that every library generates. A large one costs CPU, a small one is not secure. */
export const RSA_EXPONENT = 65_537n;
/** As a JWK has it. */
const EXPONENT_TEXT = Buffer.from(RSA_EXPONENT.toString(16).padStart(6, '0'), 'hex').toString('base64url');

/**
 * Imports a public key that verifies signatures of this algorithm. Refuses a private key, and one of another type, use
 * or size.
 */
export function importPublicKey(jwk: unknown, algorithm: Algorithm): KeyObject {
  if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) throw new JwsError('key_malformed');
  const members = jwk as JsonObject;
  if (SECRET_MEMBERS.some((name) => Object.hasOwn(members, name))) throw new JwsError('key_private');
  if (!isFit(members, algorithm)) throw new JwsError('key_unsuitable');
  const key = algorithm.curve
    ? parseCurveKey(members, algorithm.kty, algorithm.curve)
    : parseRsaKey(members, algorithm.kty);
  try {
    return createPublicKey({ key, format: 'jwk' });
  } catch (thrown) {
    throw new JwsError('key_malformed', { cause: thrown });
  }
}

/** Whether the type and the curve fit, and `use`, `key_ops` and `alg` if they are there (RFC 7517 §4). */
function isFit(members: JsonObject, algorithm: Algorithm): boolean {
  const { kty, crv, alg } = members;
  return (
    kty === algorithm.kty &&
    crv === algorithm.curve?.crv &&
    isKeyFor(members, 'verify') &&
    (alg === undefined || algorithmOf(alg) === algorithm)
  );
}

function parseCurveKey(members: JsonObject, kty: string, { crv, coordinateBytes }: NonNullable<Algorithm['curve']>) {
  const coordinate = (name: string) => {
    const { text, bytes } = parseMember(members[name]);
    if (bytes.length !== coordinateBytes) throw new JwsError('key_malformed');
    if (kty === 'OKP' && isWeakEd25519Point(bytes)) throw new JwsError('key_malformed');
    return text;
  };
  return { kty, crv, x: coordinate('x'), ...(kty === 'EC' && { y: coordinate('y') }) } satisfies JsonWebKey;
}

function parseRsaKey({ n, e }: JsonObject, kty: string) {
  const { text, bytes } = parseMember(n);
  const [first = 0] = bytes;
  const bits = bytes.length * 8 - Math.clz32(first) + 24;
  if (first === 0) throw new JwsError('key_malformed');
  if (bits < RSA_BITS.min || bits > RSA_BITS.max || e !== EXPONENT_TEXT) throw new JwsError('key_size');
  return { kty, n: text, e } satisfies JsonWebKey;
}

function parseMember(text: unknown): { text: string; bytes: Buffer } {
  const bytes = typeof text === 'string' ? parseBase64url(text) : undefined;
  if (bytes) return { text: String(text), bytes };
  throw new JwsError('key_malformed');
}
