import { randomBytes } from 'node:crypto';
import type { Request } from 'express';
import type { Granted } from './granted';
import type { IssuerConfiguration } from './options';
import type { AnyAuthorization, Authorization, CodeField, IssuerExchange, RefreshTokenRecord } from './types';

/** A row of an ORM has its columns on its prototype. */
const KEPT = ['clientId', 'userId', 'resources', 'authTime', 'acr', 'amr'] as const satisfies (keyof Authorization)[];

/** What a store knows of a token that it found: nothing of it is saved with the next one. */
type FoundField = 'spentAt' | 'spentBy' | 'isRepeatable' | 'repeatedAs' | 'tokenId';

/** Makes refresh tokens: random strings of 256 bits, each the successor of the one that was spent for it. */
export function createRefreshTokens(configuration: IssuerConfiguration) {
  const { store, saveRefreshToken, isConfidential, refreshTokenIdleLifetime, refreshTokenLifetime } = configuration;

  return async function issueRefreshToken(
    { authorization, audience, refreshed }: Granted,
    { client, confirmation, isRotated }: IssuerExchange,
    req: Request,
  ): Promise<string | undefined> {
    const now = Date.now();
    const grantExpiresAt = refreshed?.grantExpiresAt ?? new Date(now + refreshTokenLifetime * 1000);
    const idleEnd = now + refreshTokenIdleLifetime * 1000;
    const expiresAt = new Date(Math.min(idleEnd, grantExpiresAt.getTime()));
    // Left out by a host that makes the exchange itself: then the token is spent, and its client needs another one.
    if (refreshed && isRotated === false) {
      await store?.extendRefreshToken(refreshed, expiresAt, req);
      return undefined;
    }
    const record: RefreshTokenRecord = {
      ...withoutCode(authorization),
      // The API as it was resolved: the user granted that one, whatever becomes the first of `apis`.
      audience,
      grantId: String(authorization.grantId),
      // The whole scope, also where this request asked for less (RFC 6749 §6). There is one: it has offline_access.
      scope: String(authorization.scope),
      grantExpiresAt,
      expiresAt,
      // Whoever has to authenticate may change its DPoP key (RFC 9449 §5).
      dpopJkt: isConfidential(client) === true ? null : (confirmation?.jkt ?? null),
      spentAt: null,
      // Which token it is issued for: the store counts, and lets it live only where no successor was used yet.
      ...(refreshed?.tokenId !== undefined && { tokenId: refreshed.tokenId }),
    };
    const refreshToken = randomBytes(32).toString('base64url');
    await saveRefreshToken?.(refreshToken, record, req);
    return refreshToken;
  };
}

/** What the host's record holds besides the code's own fields; what the issuer reads of it also where it is inherited. */
function withoutCode(authorization: AnyAuthorization & { [Field in CodeField]?: unknown }): AnyAuthorization {
  const { redirectUri, codeChallenge, codeChallengeMethod, nonce, expiresAt, dpopJkt, ...granted } = authorization;
  const { spentAt, spentBy, isRepeatable, repeatedAs, tokenId, ...rest } = granted as typeof granted & {
    [Field in FoundField]?: unknown;
  };
  for (const name of KEPT) if (authorization[name] !== undefined) rest[name] = authorization[name] as never;
  return rest;
}
