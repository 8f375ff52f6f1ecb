import { OAuthError } from '../errors';

/** The scopes of OpenID Connect (Core §5.4, §11). They belong to no API, and need a user. */
export const OIDC_SCOPES = Object.freeze(['openid', 'profile', 'email', 'address', 'phone', 'offline_access'] as const);

const SCOPE = /^[\x20\x21\x23-\x5B\x5D-\x7E]+$/;

/** Splits a scope (RFC 6749 §3.3) into its values, each once. Ignores extra spaces. */
export function splitScope(scope: string | null | undefined): readonly string[] {
  return [...new Set((scope ?? '').split(' ').filter((each) => each !== ''))];
}

/** Parses the parameter `scope` (RFC 6749 §3.3). A value of spaces only is no scope. */
export function parseScope(scope: string | undefined): string | undefined {
  if (scope === undefined) return undefined;
  if (SCOPE.test(scope)) return splitScope(scope).join(' ') || undefined;
  throw new OAuthError('invalid_scope', 'The parameter scope is malformed', { reason: 'scope_malformed' });
}

/** Whether each requested scope was granted. A request can narrow the scope, but not widen it. */
export function isScopeGranted(asked: string | undefined, granted: readonly string[]): boolean {
  return splitScope(asked).every((scope) => granted.includes(scope));
}

export const scopeExceeded = () =>
  new OAuthError('invalid_scope', 'The parameter scope asks for more than was granted', { reason: 'scope_exceeded' });
