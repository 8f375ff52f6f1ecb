import type { KeyObject } from 'node:crypto';
import type { Algorithm } from '../jws/algorithms';
import { importPublicKey } from '../jws/jwk';
import type { JsonWebKeySet } from './types';

/** Limits for the keys of a client, because each key that is tried costs CPU. */
const MAX_KEYS = 100;
const MAX_TRIED = 8;

/** Parses a key set, and ignores its other members (RFC 7517 §5). */
export function parseKeySet(value: unknown): JsonWebKeySet {
  const { keys } = Object(value) as { keys: unknown };
  if (Array.isArray(keys)) return { keys: keys.slice(0, MAX_KEYS) };
  throw new Error('it is no JWK set: { "keys": [...] }');
}

/** Finds the keys that may have signed: those that fit the algorithm, and the `kid` if there is one. */
export function findKeys({ keys }: JsonWebKeySet, kid: string | undefined, algorithm: Algorithm): KeyObject[] {
  const found: KeyObject[] = [];
  for (const jwk of keys) {
    if (found.length === MAX_TRIED) break;
    const key = isNamed(jwk, kid) ? importFitting(jwk, algorithm) : undefined;
    if (key) found.push(key);
  }
  return found;
}

/** A key without a `kid` fits every `kid`. */
function isNamed(jwk: unknown, kid: string | undefined): boolean {
  const { kid: own } = Object(jwk) as { kid?: unknown };
  return kid === undefined || own === undefined || own === kid;
}

function importFitting(jwk: unknown, algorithm: Algorithm): KeyObject | undefined {
  try {
    return importPublicKey(jwk, algorithm);
  } catch {
    return undefined;
  }
}
