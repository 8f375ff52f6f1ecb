import { createHash, timingSafeEqual } from 'node:crypto';

/** 43 to 128 unreserved characters (RFC 7636 §4.1). */
export const CODE_VERIFIER = /^[A-Za-z0-9\-._~]{43,128}$/;

/** The `S256` challenge of a verifier: `BASE64URL(SHA-256(code_verifier))` (RFC 7636 §4.2). */
export function codeChallengeOf(codeVerifier: string): string {
  return createHash('sha256').update(codeVerifier).digest('base64url');
}

/** Whether the verifier belongs to the challenge (RFC 7636 §4.6), in constant time. */
export function matchesCodeChallenge(codeVerifier: string, codeChallenge: string): boolean {
  const actual = Buffer.from(codeChallengeOf(codeVerifier));
  const expected = Buffer.from(codeChallenge);
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}
