import { isOwner, isSet } from '../client-authentication';
import { fault, OAuthError } from '../errors';
import { requireParameter } from '../http/parameters';
import type { Reason } from '../reasons';
import type { AuthorizationCode, Client } from '../types';
import type { TokenRequest } from './grant';
import { CODE_VERIFIER, matchesCodeChallenge } from './pkce';
import { type Fields, findWrong, INSTANT, optional, STRING_OR_NULL, TEXT, TEXT_OR_NULL } from './record-fields';
import { areGranted, RESOURCES } from './resources';

/** The same refusal for an unknown, foreign, spent or expired code. */
export const invalidCode = (reason: Reason, options: { cause?: unknown } = {}) =>
  new OAuthError('invalid_grant', 'Invalid authorization code', { reason, ...options });

export const wrongRedirectUri = (reason: Reason) =>
  new OAuthError('invalid_grant', 'The redirect URI is wrong', { reason });

export const wrongVerifier = (reason: Reason) =>
  new OAuthError('invalid_grant', 'Failed to verify code verifier', { reason });

const FIELDS: Fields = Object.entries({
  clientId: TEXT,
  redirectUri: TEXT_OR_NULL,
  codeChallenge: STRING_OR_NULL,
  codeChallengeMethod: STRING_OR_NULL,
  expiresAt: INSTANT,
  dpopJkt: TEXT_OR_NULL,
  scope: optional(STRING_OR_NULL),
  resources: RESOURCES,
});

/** Parses what `findCode` returned. A lost or malformed field is a fault (RFC 6749 §4.1.3). */
export function parseCode(found: unknown, { needsDpopJkt }: { needsDpopJkt: boolean }): AuthorizationCode {
  if (found === null || found === undefined) throw invalidCode('code_unknown');
  const wrong = findWrong('findCode', found, FIELDS, (name) => name === 'dpopJkt' && !needsDpopJkt);
  if (wrong) throw fault('code_malformed', wrong);
  return found as AuthorizationCode;
}

/** A token request of this grant (RFC 6749 §4.1.3, RFC 7636 §4.5, RFC 8707 §2.2). */
export interface CodeRequest {
  code: string;
  redirectUri: string | undefined;
  codeVerifier: string | undefined;
  resources: readonly string[];
}

export function parseCodeRequest({ readParameter, resources }: TokenRequest): CodeRequest {
  const code = requireParameter(readParameter, 'code');
  const redirectUri = readParameter('redirect_uri');
  const codeVerifier = readParameter('code_verifier');
  if (codeVerifier !== undefined && !CODE_VERIFIER.test(codeVerifier)) {
    throw new OAuthError('invalid_request', 'The parameter code_verifier must be 43 to 128 unreserved characters', {
      reason: 'code_verifier_malformed',
    });
  }
  return { code, redirectUri, codeVerifier, resources };
}

/** What the checks of a code read. */
export interface PresentedCode {
  code: AuthorizationCode;
  client: Client;
  request: CodeRequest;
}

type Holds = (presented: PresentedCode) => boolean;

export const isOfClient: Holds = ({ code, client }) => isOwner(client, code.clientId);

/** Required only if the authorization request had one. OAuth 2.1 clients leave it out here. */
export const hasRedirectUri: Holds = ({ code, client, request }) =>
  code.redirectUri === null || request.redirectUri !== undefined || isSet(client.omitsRedirectUri);

/** Byte for byte: no URL parsing, no normalisation. */
export const isRedirectUri: Holds = ({ code, request }) =>
  code.redirectUri === null || request.redirectUri === undefined || request.redirectUri === code.redirectUri;

/** No challenge, no tokens: PKCE is not optional (RFC 9700 §4.8.2). */
export const hasChallenge: Holds = ({ code }) => code.codeChallenge !== null;

export const isS256: Holds = ({ code }) => code.codeChallengeMethod === 'S256';

export const hasVerifier: Holds = ({ request }) => request.codeVerifier !== undefined;

export const matchesChallenge: Holds = ({ code, request }) =>
  matchesCodeChallenge(String(request.codeVerifier), String(code.codeChallenge));

export const asksForGranted: Holds = ({ code, request }) => areGranted(request.resources, code.resources);

/** Runs after the code is spent, so that a late replay is still reported as a replay. */
export function checkExpiry(code: AuthorizationCode): void {
  if (code.expiresAt.getTime() <= Date.now()) throw invalidCode('code_expired');
}
