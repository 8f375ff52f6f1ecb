import type { Request } from 'express';
import { generate as hashToken } from 'oidc-token-hash';
import { CLAIMS_OF_SCOPE } from './claim-registry';
import { authenticationClaims, clockOf } from './claims';
import type { CustomClaims } from './custom-claims';
import type { Granted } from './granted';
import type { ActiveKey } from './keyring';
import type { IssuerConfiguration } from './options';
import type { Claims, IssuerExchange } from './types';

type IssueIdToken = (
  granted: Granted,
  about: { accessToken: string; user: Claims },
  exchange: IssuerExchange,
  key: ActiveKey,
  req: Request,
) => Promise<string>;

/** Makes ID tokens (OpenID Connect Core §2, §3.1.3.6; §12.2 for a refresh, which has no nonce of its own). */
export function createIdTokens(
  { issuer, idTokenLifetime }: IssuerConfiguration,
  customClaims: CustomClaims,
): IssueIdToken {
  return async function issueIdToken({ authorization, refreshed, scopes }, { accessToken, user }, exchange, key, req) {
    const { iat, exp } = clockOf(idTokenLifetime);
    const { nonce } = authorization;
    const claims: Claims = Object.assign(await customClaims(exchange, 'id_token', req), profileOf(user, scopes), {
      iss: issuer,
      sub: authorization.userId,
      aud: authorization.clientId,
      iat,
      exp,
      ...authenticationClaims(authorization),
      ...(!refreshed && typeof nonce === 'string' && { nonce }),
      at_hash: hashToken(accessToken, key.alg, 'Ed25519'),
    });
    return key.sign('JWT', claims);
  };
}

/** The user's claims that the scopes ask for (OpenID Connect Core §5.4). */
function profileOf(user: Claims, scopes: readonly string[]): Claims {
  const names = scopes.flatMap((scope) => CLAIMS_OF_SCOPE[scope] ?? []);
  const claims = names.map((name) => [name, user[name]] as const);
  // JSON leaves out what is undefined.
  return Object.fromEntries(claims.filter(([, value]) => value !== null));
}
