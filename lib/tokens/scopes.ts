/** The scopes of OpenID Connect (Core §5.4, §11), which belong to no API. */
export const OIDC_SCOPES = Object.freeze(['openid', 'profile', 'email', 'address', 'phone', 'offline_access'] as const);

/** The scopes of a list (RFC 6749 §3.3), each once. */
export function splitScope(scope: string | null | undefined): readonly string[] {
  return [...new Set((scope ?? '').split(' ').filter((each) => each !== ''))];
}

/** Whether it is a scope of the API or of OpenID Connect. */
export function isKnownScope(scope: string, known: readonly string[]): boolean {
  return known.includes(scope) || (OIDC_SCOPES as readonly string[]).includes(scope);
}
