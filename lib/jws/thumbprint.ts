import { createHash, createPublicKey, KeyObject } from 'node:crypto';
import type { JsonWebKey } from './jwk';

/**
 * The SHA-256 thumbprint of a public key (RFC 7638, RFC 8037 §2): what `dpop_jkt` (RFC 9449 §10) and `cnf.jkt` hold.
 * Computed from the imported key, so that every spelling of a key has the same thumbprint. A private key has the
 * thumbprint of its public half.
 *
 * @throws TypeError or Error of node:crypto if the key is symmetric, malformed, or of a type that JWK does not have.
 */
export function jwkThumbprint(key: JsonWebKey | KeyObject): string {
  const { crv, e, kty, n, x, y } = toPublicKey(key).export({ format: 'jwk' });
  // The required members in the order of their names; JSON leaves out what a key's type does not have.
  return createHash('sha256').update(JSON.stringify({ crv, e, kty, n, x, y })).digest('base64url');
}

function toPublicKey(key: JsonWebKey | KeyObject): KeyObject {
  if (!(key instanceof KeyObject)) return createPublicKey({ key, format: 'jwk' });
  return key.type === 'public' ? key : createPublicKey(key);
}
