import { checkGrantType } from './client-authentication';
import type { Parse } from './endpoint';
import { OAuthError } from './errors';
import { createAuthorizationCodeGrant } from './grants/authorization-code';
import { createKeyConfirmation } from './grants/confirmation';
import { createExtensionGrant } from './grants/extension';
import type { Grant } from './grants/grant';
import { createRefreshTokenGrant } from './grants/refresh-token';
import { type ReadParameter, requireParameter } from './http/parameters';
import { readResources } from './http/resource-parameter';
import type { Configuration } from './options';
import type { DeclaredParameters } from './types';

/** Creates the token endpoint: it finds the grant of a request and calls it (RFC 6749 §3.2). */
export function createTokenEndpoint(configuration: Configuration): Parse {
  const grants = createGrants(configuration);
  const { parameters: names } = configuration;

  return function parseTokenRequest(readParameter, body) {
    const grantType = requireParameter(readParameter, 'grant_type');
    const grant = findGrant(grants, grantType);
    const parameters = names.length === 0 ? NONE : readDeclared(names, readParameter);
    const redeem = grant({ readParameter, resources: readResources(body), parameters });

    return async function serveTokens(caller, req, deadline) {
      checkGrantType(caller.client, grantType);
      const { reason, body: tokens, nonce } = await redeem(caller, req, deadline);
      return { outcome: 'issued', reason, body: tokens, headers: nonce === undefined ? {} : { 'DPoP-Nonce': nonce } };
    };
  };
}

const NONE: DeclaredParameters = Object.freeze({});

function readDeclared(names: readonly string[], readParameter: ReadParameter): DeclaredParameters {
  return Object.fromEntries(names.map((name) => [name, readParameter(name)]));
}

/** Lists the parameters that the host declares in its options. */
export function listDeclared({ parameters, grants }: Configuration): readonly string[] {
  return [...parameters, ...Object.values(grants).flatMap((grant) => grant.parameters ?? [])];
}

function createGrants({ refresh, grants, ...configuration }: Configuration): ReadonlyMap<string, Grant> {
  const servesRefresh = refresh !== undefined;
  const { actTimeout } = configuration;
  const confirmKey = createKeyConfirmation(configuration);
  const served = new Map<string, Grant>(
    Object.entries(grants).map(([grantType, extension]) => [
      grantType,
      createExtensionGrant(grantType, extension, { servesRefresh, actTimeout, confirmKey }),
    ]),
  );
  served.set('authorization_code', createAuthorizationCodeGrant({ ...configuration, servesRefresh }, confirmKey));
  if (refresh) served.set('refresh_token', createRefreshTokenGrant({ ...configuration, refresh }, confirmKey));
  return served;
}

function findGrant(grants: ReadonlyMap<string, Grant>, grantType: string): Grant {
  const grant = grants.get(grantType);
  if (grant) return grant;
  throw new OAuthError('unsupported_grant_type', 'The grant type is not supported', {
    reason: 'grant_type_unsupported',
  });
}
