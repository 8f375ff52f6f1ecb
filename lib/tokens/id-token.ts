import type { Request } from 'express';
import { generate as hashToken } from 'oidc-token-hash';
import { authenticationClaims, clockOf } from './claims';
import type { Granted } from './granted';
import type { ActiveKey } from './keyring';
import type { IssuerConfiguration } from './options';
import type { Claims } from './types';

type IssueIdToken = (
  granted: Granted,
  about: { accessToken: string; profile: Claims; custom: Claims },
  key: ActiveKey,
  req: Request,
) => Promise<string>;

/** Makes ID tokens (OpenID Connect Core §2, §3.1.3.6). Those of a refresh have no nonce (§12.2). */
export function createIdTokens({ idTokenLifetime }: IssuerConfiguration): IssueIdToken {
  return async function issueIdToken({ parsed, refreshed, issuer }, { accessToken, profile, custom }, key, req) {
    const { iat, exp } = clockOf(idTokenLifetime);
    const { nonce } = parsed;
    const claims: Claims = Object.assign({}, custom, profile, {
      iss: issuer,
      sub: parsed.userId,
      aud: parsed.clientId,
      iat,
      exp,
      ...authenticationClaims(parsed),
      ...(!refreshed && nonce !== null && { nonce }),
      at_hash: hashToken(accessToken, key.alg, 'Ed25519'),
    });
    return key.sign('JWT', claims, req);
  };
}
