import { OIDC_SCOPES } from '../grants/scope';

export { OIDC_SCOPES, splitScope } from '../grants/scope';

/** Whether it is a scope of the API or of OpenID Connect. */
export function isKnownScope(scope: string, known: readonly string[]): boolean {
  return known.includes(scope) || (OIDC_SCOPES as readonly string[]).includes(scope);
}
