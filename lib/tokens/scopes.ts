/** The scopes of OpenID Connect (Core §5.4, §11), which belong to no API. */
export const OIDC_SCOPES = Object.freeze(['openid', 'profile', 'email', 'address', 'phone', 'offline_access'] as const);

/** The scopes of a list (RFC 6749 §3.3), each once. */
export function splitScope(scope: string | null | undefined): readonly string[] {
  return [...new Set((scope ?? '').split(' ').filter((each) => each !== ''))];
}

/** The first scope that neither the API nor OpenID Connect knows. */
export function findUnknownScope(scopes: readonly string[], known: readonly string[]): string | undefined {
  const all = new Set<string>([...OIDC_SCOPES, ...known]);
  return scopes.find((scope) => !all.has(scope));
}
