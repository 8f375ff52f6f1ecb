import { checkGrantType } from './client-authentication';
import type { Parse } from './endpoint';
import { OAuthError } from './errors';
import { createAuthorizationCodeGrant } from './grants/authorization-code';
import { createKeyConfirmation } from './grants/confirmation';
import type { Grant } from './grants/grant';
import { createRefreshTokenGrant } from './grants/refresh-token';
import { requireParameter } from './http/parameters';
import type { Configuration } from './options';

/** The token endpoint: finds the grant, and lets it redeem what the request brought (RFC 6749 §3.2). */
export function createTokenEndpoint(configuration: Configuration): Parse {
  const confirmKey = createKeyConfirmation(configuration);
  const { refresh } = configuration;
  const grants = new Map<string, Grant>([
    ['authorization_code', createAuthorizationCodeGrant(configuration, confirmKey)],
  ]);
  if (refresh) grants.set('refresh_token', createRefreshTokenGrant({ ...configuration, refresh }, confirmKey));

  return function parseTokenRequest(readParameter) {
    const grantType = requireParameter(readParameter, 'grant_type');
    const redeem = findGrant(grants, grantType)(readParameter);

    return async function serveTokens(client, req, deadline) {
      checkGrantType(client, grantType);
      const { reason, body, nonce } = await redeem(client, req, deadline);
      return { reason, body, headers: nonce === undefined ? {} : { 'DPoP-Nonce': nonce } };
    };
  };
}

function findGrant(grants: ReadonlyMap<string, Grant>, grantType: string): Grant {
  const grant = grants.get(grantType);
  if (grant) return grant;
  throw new OAuthError('unsupported_grant_type', 'The grant type is not supported', {
    reason: 'grant_type_unsupported',
  });
}
