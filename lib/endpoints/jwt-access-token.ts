import type { KeyObject } from 'node:crypto';
import { type Algorithm, algorithmOf } from '../jws/algorithms';
import { checkExtensions, isType, type JsonObject, parseJws, parseObject } from '../jws/compact';
import { importPublicKey } from '../jws/jwk';
import type { AccessTokenOptions, FoundAccessToken } from './types';

/** No limit here, because `bodyLimit` limits the body that holds the token. */
const MAX_LENGTH = Number.POSITIVE_INFINITY;
/** `createTokenIssuer` with a store writes a UUID, a dot and the grant's id. */
const JTI = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\.(.+)/s;

interface VerifyingKey {
  kid: unknown;
  alg: unknown;
  algorithm: Algorithm;
  key: KeyObject;
}

/** Reads JWT access tokens of this server, expired ones as well. `undefined` for anything else. */
export type ReadJwt = (token: string) => FoundAccessToken | undefined;

/** Verifies with the current public keys (RFC 9068 §4). Does not check whether the token was revoked. */
export function createJwtReader({ issuer, jwks }: AccessTokenOptions): ReadJwt {
  if (!jwks) return () => undefined;
  const issuers: readonly unknown[] = [issuer].flat();
  const keysOf = createKeys(jwks);

  return function readJwt(token) {
    if (!isJwtShaped(token)) return undefined;
    // Outside of the try block: a fault of the host's function must not count as a bad token.
    const keys = keysOf();
    try {
      const { header, payload, signed, signature } = parseJws(token, MAX_LENGTH);
      const found = findKey(parseObject(header), keys);
      if (!found?.algorithm.verify(signed, found.key, signature) || !issuers.includes(payload.iss)) return undefined;
      return parseClaims(payload);
    } catch {
      return undefined;
    }
  };
}

/** Whether the text has the three parts of a JWT. Opaque tokens of `createTokenIssuer` have no dot. */
export function isJwtShaped(token: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token);
}

/** Whether a JWT claims to be expired. Its signature is not verified. */
export function claimsToBeOver(token: string): boolean {
  try {
    const { exp } = parseJws(token, MAX_LENGTH).payload;
    return typeof exp === 'number' && exp * 1000 <= Date.now();
  } catch {
    return false;
  }
}

function findKey(header: JsonObject, keys: readonly VerifyingKey[]): VerifyingKey | undefined {
  checkExtensions(header);
  // `JWT` is for resource servers that do not know RFC 9068. An ID token has neither client_id nor jti.
  if (!isType(header.typ, 'at+jwt') && !isType(header.typ, 'jwt')) return undefined;
  return keys.find(({ kid, alg }) => kid === header.kid && alg === header.alg);
}

function parseClaims(payload: JsonObject): FoundAccessToken | undefined {
  const { sub, client_id, jti, iat, exp, nbf = 0 } = payload;
  const isSound =
    [sub, client_id, jti].every((claim) => typeof claim === 'string') &&
    [iat, exp, nbf].every((claim) => Number.isFinite(claim));
  if (!isSound || Number(nbf) * 1000 > Date.now()) return undefined;
  return { grantId: JTI.exec(String(jti))?.[1], expiresAt: new Date(Number(exp) * 1000), claims: payload };
}

/** Imports the keys, and again only if they have changed. */
function createKeys(jwks: () => { keys: readonly object[] }): () => readonly VerifyingKey[] {
  let imported: { text: string; keys: readonly VerifyingKey[] } | undefined;

  return function currentKeys() {
    const { keys } = jwks();
    const text = JSON.stringify(keys);
    if (imported?.text !== text) imported = { text, keys: keys.flatMap((jwk) => importKey(jwk as JsonObject) ?? []) };
    return imported.keys;
  };
}

function importKey(jwk: JsonObject): VerifyingKey | undefined {
  const { kid, alg } = jwk;
  const algorithm = algorithmOf(alg);
  try {
    return algorithm && { kid, alg, algorithm, key: importPublicKey(jwk, algorithm) };
  } catch {
    // A key that is too large, such as an RSA key of 8192 bits.
    return undefined;
  }
}
