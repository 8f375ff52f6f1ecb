import type { KeyObject } from 'node:crypto';
import { type Algorithm, algorithmOf } from '../jws/algorithms';
import { checkExtensions, isType, type JsonObject, parseJws, parseObject } from '../jws/compact';
import { JwsError } from '../jws/error';
import { importPublicKey } from '../jws/jwk';
import type { AccessTokenOptions, FoundAccessToken } from './types';

/** The body that brings a token is bounded by `bodyLimit`. */
const MAX_LENGTH = Number.POSITIVE_INFINITY;
/** The ready issuer, with a store, writes the grant behind a UUID. */
const JTI = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\.(.+)$/s;

interface VerifyingKey {
  kid: unknown;
  alg: unknown;
  algorithm: Algorithm;
  key: KeyObject;
}

/** Reads JWT access tokens of this server: `undefined` for everything that is not one, expired or not. */
export type ReadJwt = (token: string) => FoundAccessToken | undefined;

/** Verifies by the public keys as they are now (RFC 9068 §4). Does not ask whether the token was revoked. */
export function createJwtReader({ issuer, jwks }: AccessTokenOptions): ReadJwt {
  if (!jwks) return () => undefined;
  const issuers: readonly unknown[] = [issuer].flat();
  const keysOf = createKeys(jwks);

  return function readJwt(token) {
    if (!isJwtShaped(token)) return undefined;
    // A fault of the host's function is no bad token.
    const keys = keysOf();
    try {
      const { header, payload, signed, signature } = parseJws(token, MAX_LENGTH);
      const { key, algorithm } = findKey(parseObject(header), keys);
      if (!algorithm.verify(signed, key, signature) || !issuers.includes(payload.iss)) return undefined;
      return parseClaims(payload);
    } catch {
      return undefined;
    }
  };
}

/** Whether the text has the three parts of a JWT. Opaque tokens of the ready issuer have no dot. */
export function isJwtShaped(token: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token);
}

/** Whether a JWT says itself that it is over. Nothing is proven by that but that nobody accepts it. */
export function claimsToBeOver(token: string): boolean {
  try {
    const { exp } = parseJws(token, MAX_LENGTH).payload;
    return typeof exp === 'number' && exp * 1000 <= Date.now();
  } catch {
    return false;
  }
}

function findKey(header: JsonObject, keys: readonly VerifyingKey[]): VerifyingKey {
  checkExtensions(header);
  // `JWT` is for resource servers that do not know RFC 9068. An ID token has neither client_id nor jti.
  if (!isType(header.typ, 'at+jwt') && !isType(header.typ, 'jwt')) throw new JwsError('malformed');
  const found = keys.find(({ kid, alg }) => kid === header.kid && alg === header.alg);
  if (found) return found;
  throw new JwsError('key_unsuitable');
}

function parseClaims(payload: JsonObject): FoundAccessToken | undefined {
  const { sub, client_id, jti, iat, exp, nbf = 0 } = payload;
  const isSound =
    [sub, client_id, jti].every((claim) => typeof claim === 'string') &&
    [iat, exp, nbf].every((claim) => Number.isFinite(claim));
  if (!isSound || Number(nbf) * 1000 > Date.now()) return undefined;
  return { grantId: JTI.exec(String(jti))?.[1], expiresAt: new Date(Number(exp) * 1000), claims: payload };
}

/** The keys, imported again only when they have changed. */
function createKeys(jwks: () => { keys: readonly object[] }): () => readonly VerifyingKey[] {
  let known = '';
  let imported: readonly VerifyingKey[] = [];

  return function currentKeys() {
    const { keys } = jwks();
    const text = JSON.stringify(keys);
    if (text === known) return imported;
    imported = keys.flatMap((jwk) => importKey(jwk as JsonObject) ?? []);
    known = text;
    return imported;
  };
}

function importKey(jwk: JsonObject): VerifyingKey | undefined {
  const { kid, alg } = jwk;
  const algorithm = algorithmOf(alg);
  if (!algorithm) return undefined;
  try {
    return { kid, alg, algorithm, key: importPublicKey(jwk, algorithm) };
  } catch {
    // One that is too large to verify by, such as an RSA key of 8192 bits.
    return undefined;
  }
}
