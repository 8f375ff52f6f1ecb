import { OAuthError } from '../errors';
import { findWrong, STRING_OR_NULL } from '../grants/record-fields';
import { areGranted, RESOURCES, resourceNotGranted, selectResources } from '../grants/resources';
import { isScopeGranted, OIDC_SCOPES, parseScope, scopeExceeded, splitScope } from '../grants/scope';
import type { Client, ClientExchange, ClientGrant, ExtensionExchange } from '../types';

/** What a request of the client credentials grant asks for. */
export type Asked = Pick<ClientExchange, 'clientGrant' | 'scope' | 'resources'>;

const FIELDS = Object.entries({ scope: STRING_OR_NULL, resources: RESOURCES });

/** Parses what the request asks for. Refuses what the client may not get. */
export function parseClientGrant(found: unknown, { parameters, resources }: ExtensionExchange<Client, 'scope'>): Asked {
  if (found === null || found === undefined) {
    throw new OAuthError('unauthorized_client', 'The client may not use this grant', {
      reason: 'client_grant_unknown',
    });
  }
  const wrong = findWrong('findClientGrant', found, FIELDS, () => false);
  if (wrong) throw wrong;
  const clientGrant = found as ClientGrant;
  const allowed = splitScope(clientGrant.scope).filter((scope) => !OIDC_SCOPES.some((oidc) => oidc === scope));
  const scope = parseScope(parameters.scope);
  if (!isScopeGranted(scope, allowed)) throw scopeExceeded();
  if (!areGranted(resources, clientGrant.resources)) throw resourceNotGranted();
  return {
    clientGrant,
    scope: scope ?? (allowed.join(' ') || null),
    resources: selectResources(resources, clientGrant.resources),
  };
}
