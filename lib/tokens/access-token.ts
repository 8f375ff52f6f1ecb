import { randomBytes, randomUUID } from 'node:crypto';
import type { Request } from 'express';
import { authenticationClaims, clockOf, requireGrantId } from './claims';
import type { CustomClaims } from './custom-claims';
import type { Granted } from './granted';
import type { ActiveKey } from './keyring';
import type { IssuerConfiguration } from './options';
import type { Claims, IssuerExchange } from './types';

type IssueAccessToken = (granted: Granted, exchange: IssuerExchange, key: ActiveKey, req: Request) => Promise<string>;

/** Makes access tokens: JWTs of RFC 9068, or random strings whose claims the host saves. */
export function createAccessTokens(
  { issuer, saveAccessToken }: IssuerConfiguration,
  customClaims: CustomClaims,
): IssueAccessToken {
  return async function issueAccessToken(granted, exchange, key, req) {
    const { authorization, api, scopes } = granted;
    const { iat, exp } = clockOf(api.lifetime);
    const claims: Claims = Object.assign(await customClaims(exchange, 'access_token', req), {
      iss: issuer,
      sub: authorization.userId,
      aud: api.identifier,
      client_id: authorization.clientId,
      iat,
      exp,
      jti: randomUUID(),
      ...(scopes.length > 0 && { scope: scopes.join(' ') }),
      ...authenticationClaims(authorization),
      ...(exchange.confirmation && { cnf: { jkt: exchange.confirmation.jkt } }),
    });
    if (api.accessToken !== 'opaque') return key.sign('at+jwt', claims);

    const accessToken = randomBytes(32).toString('base64url');
    const grantId = requireGrantId(authorization);
    await saveAccessToken?.(accessToken, { grantId, expiresAt: new Date(exp * 1000), claims }, req);
    return accessToken;
  };
}
