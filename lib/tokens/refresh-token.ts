import { randomBytes } from 'node:crypto';
import type { Request } from 'express';
import { wrongReturn } from '../received';
import type { Granted } from './granted';
import type { IssuerConfiguration, SaveRefreshToken } from './options';
import type { AnyAuthorization, Authorization, CodeField, IssuerExchange, RefreshTokenRecord } from './types';

/** Fields that are read by name, because rows of some ORMs have their columns on the prototype. */
const KEPT = ['clientId', 'userId', 'resources', 'authTime', 'acr', 'amr'] as const satisfies (keyof Authorization)[];

/** Fields that a store adds to a found token. They are not saved with the next one. */
type FoundField = 'spentAt' | 'spentBy' | 'isRepeatable' | 'repeatedAs' | 'tokenId';

interface Saved {
  /** `undefined` if the old token is kept. */
  refreshToken: string | undefined;
  /** Whether the grant is revoked, if the store has said so. */
  isRevoked: boolean | undefined;
}

/** Makes refresh tokens: random strings of 256 bits. */
export function createRefreshTokens(configuration: IssuerConfiguration) {
  const { store, isConfidential, refreshTokenIdleLifetime, refreshTokenLifetime } = configuration;
  // The options were checked: it is there where an API allows offline access.
  const saveRefreshToken = configuration.saveRefreshToken as SaveRefreshToken;

  function endsOf({ refreshed }: Granted) {
    const now = Date.now();
    const grantExpiresAt = refreshed?.grantExpiresAt ?? new Date(now + refreshTokenLifetime * 1000);
    const idleEnd = now + refreshTokenIdleLifetime * 1000;
    return { grantExpiresAt, expiresAt: new Date(Math.min(idleEnd, grantExpiresAt.getTime())) };
  }

  /**
   * The key that the token is bound to. Clients that authenticate may change their key, so theirs is not bound
   * (RFC 9449 §5).
   */
  function jktFor({ client, confirmation }: IssuerExchange): string | null {
    const answer: unknown = isConfidential(client);
    if (typeof answer !== 'boolean') throw wrongReturn('isConfidential', answer, 'true or false, at once');
    return answer ? null : (confirmation?.jkt ?? null);
  }

  function toRecord(granted: Granted, exchange: IssuerExchange): RefreshTokenRecord {
    const { authorization, audience, refreshed } = granted;
    return {
      ...withoutCode(authorization),
      // The API that the user granted, also if another one becomes the first of `apis`.
      audience,
      grantId: String(authorization.grantId),
      // The whole scope, also if this request asked for less (RFC 6749 §6). It is not empty, because it has
      // offline_access.
      scope: String(authorization.scope),
      ...endsOf(granted),
      dpopJkt: jktFor(exchange),
      spentAt: null,
      // The token that this one replaces. The store counts, and accepts the new one only if no successor was used yet.
      ...(refreshed?.tokenId !== undefined && { tokenId: refreshed.tokenId }),
    };
  }

  // isRotated is missing if the host makes the exchange itself. Then the token is spent, and the client needs a new
  // one.
  const isKept = ({ refreshed }: Granted, { isRotated }: IssuerExchange) => Boolean(refreshed) && isRotated === false;

  /** Whether saving also checks the grant. A ready store does so in the same step. */
  const looksAtGrant = (granted: Granted, exchange: IssuerExchange) =>
    store !== undefined && !isKept(granted, exchange);

  async function issueRefreshToken(granted: Granted, exchange: IssuerExchange, req: Request): Promise<Saved> {
    if (isKept(granted, exchange)) {
      await store?.extendRefreshToken(granted.refreshed as RefreshTokenRecord, endsOf(granted).expiresAt, req);
      return { refreshToken: undefined, isRevoked: undefined };
    }
    const refreshToken = randomBytes(32).toString('base64url');
    const saved = await saveRefreshToken(refreshToken, toRecord(granted, exchange), req);
    const { isRevoked } = Object(saved) as { isRevoked?: unknown };
    return { refreshToken, isRevoked: store && typeof isRevoked === 'boolean' ? isRevoked : undefined };
  }

  /** Throws if the token cannot be saved. Saves nothing. */
  function check(granted: Granted, exchange: IssuerExchange): void {
    if (isKept(granted, exchange)) return;
    const record = toRecord(granted, exchange);
    saveRefreshToken.check?.(record);
  }

  return Object.assign(issueRefreshToken, { check, looksAtGrant });
}

/** Returns the record without the fields of the code. Copies inherited fields that the issuer reads. */
function withoutCode(authorization: AnyAuthorization & { [Field in CodeField]?: unknown }): AnyAuthorization {
  const { redirectUri, codeChallenge, codeChallengeMethod, nonce, expiresAt, dpopJkt, ...granted } = authorization;
  const { spentAt, spentBy, isRepeatable, repeatedAs, tokenId, ...rest } = granted as typeof granted & {
    [Field in FoundField]?: unknown;
  };
  for (const name of KEPT) if (authorization[name] !== undefined) rest[name] = authorization[name] as never;
  return rest;
}
