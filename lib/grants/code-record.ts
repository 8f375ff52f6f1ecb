import { types } from 'node:util';
import { findOwner, isSet } from '../client-authentication';
import { fault, OAuthError } from '../errors';
import type { Reason } from '../reasons';
import type { AuthorizationCode, Client } from '../types';
import { matchesCodeChallenge } from './pkce';

const invalidGrant = (reason: Reason, description: string, options: { cause?: unknown } = {}) =>
  new OAuthError('invalid_grant', description, { reason, ...options });

/** The one answer to an unknown, foreign, spent or expired code. */
export const invalidCode = (reason: Reason, options?: { cause?: unknown }) =>
  invalidGrant(reason, 'Invalid authorization code', options);

const FIELDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  clientId: isText,
  redirectUri: (value) => value === null || isText(value),
  codeChallenge: (value) => value === null || typeof value === 'string',
  codeChallengeMethod: (value) => value === null || typeof value === 'string',
  expiresAt: (value) => types.isDate(value) && !Number.isNaN(value.getTime()),
  dpopJkt: (value) => value === null || isText(value),
  scope: (value) => value === null || value === undefined || typeof value === 'string',
};

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** What `findCode` returned, as a record in which no field was lost on the way (CONTRACT G1, G13). */
export function parseCode(found: unknown, { needsDpopJkt }: { needsDpopJkt: boolean }): AuthorizationCode {
  if (found === null || found === undefined) throw invalidCode('code_unknown');
  const record = Object(found) as Record<string, unknown>;
  for (const [name, isSound] of Object.entries(FIELDS)) {
    if (name === 'dpopJkt' && record[name] === undefined && !needsDpopJkt) continue;
    if (!isSound(record[name])) {
      const cause = new TypeError(`findCode returned a record whose ${name} is missing or malformed; null says "none"`);
      throw fault('code_malformed', cause);
    }
  }
  return found as AuthorizationCode;
}

/**
 * The code belongs to this client and to this `redirect_uri`, byte for byte (RFC 6749 §4.1.3). OAuth 2.1 clients leave the
 * `redirect_uri` out; one that is there is compared all the same.
 *
 * @returns the client under the id that the code was issued to.
 */
export function checkBinding(code: AuthorizationCode, client: Client, redirectUri: string | undefined): Client {
  const owner = findOwner(client, code.clientId);
  if (owner === undefined) throw invalidCode('code_of_another_client');
  if (code.redirectUri === null || code.redirectUri === redirectUri) return owner;
  if (redirectUri === undefined && isSet(owner.omitsRedirectUri)) return owner;
  throw invalidGrant(
    redirectUri === undefined ? 'redirect_uri_missing' : 'redirect_uri_mismatch',
    'The redirect URI is wrong',
  );
}

/** The verifier belongs to the challenge; no challenge, no tokens (RFC 7636 §4.6, RFC 9700 §4.8.2). */
export function checkCodeVerifier(code: AuthorizationCode, codeVerifier: string | undefined): void {
  const invalidVerifier = (reason: Reason) => invalidGrant(reason, 'Failed to verify code verifier');
  if (code.codeChallenge === null) throw invalidVerifier('code_challenge_missing');
  if (code.codeChallengeMethod !== 'S256') throw invalidVerifier('code_challenge_method_unsupported');
  if (codeVerifier === undefined) throw invalidVerifier('code_verifier_missing');
  if (!matchesCodeChallenge(codeVerifier, code.codeChallenge)) throw invalidVerifier('code_verifier_mismatch');
}

/** Runs after the code is spent, so that a replay is seen as one however late it comes. */
export function checkExpiry(code: AuthorizationCode): void {
  if (code.expiresAt.getTime() <= Date.now()) throw invalidCode('code_expired');
}
