import { randomBytes, randomUUID } from 'node:crypto';
import type { Request } from 'express';
import { authenticationClaims, clockOf } from './claims';
import type { Granted } from './granted';
import type { ActiveKey } from './keyring';
import type { IssuerConfiguration } from './options';
import type { Claims, IssuerExchange } from './types';

type IssueAccessToken = (
  granted: Granted,
  custom: Claims,
  { confirmation }: Pick<IssuerExchange, 'confirmation'>,
  /** Left out for opaque tokens. */
  key: ActiveKey | undefined,
  req: Request,
) => Promise<string>;

/** Makes access tokens: JWTs (RFC 9068), or random strings whose claims the host saves. */
export function createAccessTokens({ store, saveAccessToken }: IssuerConfiguration): IssueAccessToken {
  // The options were checked: it is there where an API has opaque access tokens.
  const save = saveAccessToken as NonNullable<typeof saveAccessToken>;
  return async function issueAccessToken(granted, custom, { confirmation }, key, req) {
    const { authorization, parsed, issuer, apis, lifetime, scopes } = granted;
    const [{ typ }] = apis;
    const audiences = apis.map(({ identifier }) => identifier);
    const { iat, exp } = clockOf(lifetime);
    const claims: Claims = Object.assign({}, custom, {
      iss: issuer,
      sub: parsed.userId,
      // A single one as a string, for resource servers that expect a string (RFC 7519 §4.1.3).
      aud: audiences.length === 1 ? audiences[0] : audiences,
      client_id: parsed.clientId,
      iat,
      exp,
      // With a ready store it ends with the grant's id, a digest, by which revocation and introspection find the grant.
      // Tokens that clients get for themselves have no grant.
      jti: store && authorization.grantId ? `${randomUUID()}.${authorization.grantId}` : randomUUID(),
      ...(scopes.length > 0 && { scope: scopes.join(' ') }),
      ...authenticationClaims(parsed),
      ...(confirmation && { cnf: { jkt: confirmation.jkt } }),
    });
    if (key) return key.sign(typ, claims, req);

    const accessToken = randomBytes(32).toString('base64url');
    const grantId = String(authorization.grantId);
    await save(accessToken, { grantId, expiresAt: new Date(exp * 1000), claims }, req);
    return accessToken;
  };
}
