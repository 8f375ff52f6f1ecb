import { randomBytes } from 'node:crypto';
import type { Request } from 'express';
import { wrongReturn } from '../received';
import type { Granted } from './granted';
import type { IssuerConfiguration } from './options';
import type { AnyAuthorization, Authorization, CodeField, IssuerExchange, RefreshTokenRecord } from './types';

/** A row of an ORM has its columns on its prototype. */
const KEPT = ['clientId', 'userId', 'resources', 'authTime', 'acr', 'amr'] as const satisfies (keyof Authorization)[];

/** What a store knows of a token that it found: nothing of it is saved with the next one. */
type FoundField = 'spentAt' | 'spentBy' | 'isRepeatable' | 'repeatedAs' | 'tokenId';

interface Saved {
  /** There is none where the presented one is kept. */
  refreshToken: string | undefined;
  /** Whether the grant is revoked, if saving has told. */
  isRevoked: boolean | undefined;
}

/** Makes refresh tokens: random strings of 256 bits, each the successor of the one that was spent for it. */
export function createRefreshTokens(configuration: IssuerConfiguration) {
  const { store, saveRefreshToken, isConfidential, refreshTokenIdleLifetime, refreshTokenLifetime } = configuration;

  function endsOf({ refreshed }: Granted) {
    const now = Date.now();
    const grantExpiresAt = refreshed?.grantExpiresAt ?? new Date(now + refreshTokenLifetime * 1000);
    const idleEnd = now + refreshTokenIdleLifetime * 1000;
    return { grantExpiresAt, expiresAt: new Date(Math.min(idleEnd, grantExpiresAt.getTime())) };
  }

  /** The key that the token is bound to. Whoever has to authenticate may change it (RFC 9449 §5). */
  function jktFor({ client, confirmation }: IssuerExchange): string | null {
    const answer: unknown = isConfidential(client);
    if (typeof answer !== 'boolean') throw wrongReturn('isConfidential', answer, 'true or false, at once');
    return answer ? null : (confirmation?.jkt ?? null);
  }

  function toRecord(granted: Granted, exchange: IssuerExchange): RefreshTokenRecord {
    const { authorization, audience, refreshed } = granted;
    return {
      ...withoutCode(authorization),
      // The API as it was resolved: the user granted that one, whatever becomes the first of `apis`.
      audience,
      grantId: String(authorization.grantId),
      // The whole scope, also where this request asked for less (RFC 6749 §6). There is one: it has offline_access.
      scope: String(authorization.scope),
      ...endsOf(granted),
      dpopJkt: jktFor(exchange),
      spentAt: null,
      // Which token it is issued for: the store counts, and lets it live only where no successor was used yet.
      ...(refreshed?.tokenId !== undefined && { tokenId: refreshed.tokenId }),
    };
  }

  // Left out by a host that makes the exchange itself: then the token is spent, and its client needs another one.
  const isKept = ({ refreshed }: Granted, { isRotated }: IssuerExchange) => Boolean(refreshed) && isRotated === false;

  /** Whether saving tells of the grant: a ready store looks at it in the same step. */
  const looksAtGrant = (granted: Granted, exchange: IssuerExchange) =>
    store !== undefined && !isKept(granted, exchange);

  async function issueRefreshToken(granted: Granted, exchange: IssuerExchange, req: Request): Promise<Saved> {
    if (isKept(granted, exchange)) {
      await store?.extendRefreshToken(granted.refreshed as RefreshTokenRecord, endsOf(granted).expiresAt, req);
      return { refreshToken: undefined, isRevoked: undefined };
    }
    const refreshToken = randomBytes(32).toString('base64url');
    const saved = await saveRefreshToken?.(refreshToken, toRecord(granted, exchange), req);
    const { isRevoked } = Object(saved) as { isRevoked?: unknown };
    return { refreshToken, isRevoked: store && typeof isRevoked === 'boolean' ? isRevoked : undefined };
  }

  /** Looks whether the token could be saved. Saves nothing. */
  function check(granted: Granted, exchange: IssuerExchange): void {
    if (isKept(granted, exchange)) return;
    const record = toRecord(granted, exchange);
    saveRefreshToken?.check?.(record);
  }

  return Object.assign(issueRefreshToken, { check, looksAtGrant });
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
