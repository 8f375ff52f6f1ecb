import type { Request } from 'express';
import { markRepeats } from '../repeats';
import type { RefreshToken } from '../types';
import type { Backend } from './backend';
import {
  checkEnd,
  checkGrantEnd,
  checkGrantId,
  endOfFamily,
  instantBefore,
  lifetimeUntil,
  parseRecord,
  serializeRecord,
  userOf,
} from './record';
import { EXPIRED_MS, judge } from './rotation';
import { toError } from './saving-errors';
import { parseTokenId, serializeTokenId } from './token-id';

/** A refresh token's record as it is found: the one record of its grant, and what the store knows of the token. */
export type FoundRefreshToken<Token> = Token & {
  grantId: string;
  /** Which token it is, and as what it was found. Pass it on to `saveRefreshToken` with the record of the next one. */
  tokenId: string;
  spentAt: Date | null;
  isRepeatable: boolean;
  repeatedAs: 'at_once' | 'late' | 'sibling' | null;
};

/** What is saved with a refresh token. */
export type NewRefreshToken<Token> = Token & {
  grantId: string;
  /** The `tokenId` of the token that it is issued for. Only the first one of a grant has none. */
  tokenId?: string | undefined;
};

interface Options {
  leeway: number;
  /** Milliseconds that a family is remembered for after its end: access tokens of it may outlive it. */
  keptAfter: () => number;
}

/**
 * Refresh tokens, filed under their SHA-256. Tokens of one `grantId` are a family with one record; a spent token leaves
 * nothing but its digest and its place in it. `judge` in rotation.ts has the rules.
 */
export function createRefreshTokens<Token extends RefreshToken>(backend: Backend, { leeway, keptAfter }: Options) {
  function parseNew(record: NewRefreshToken<Token>) {
    // A record is any object of the host's.
    const { tokenId, spentAt, isRepeatable, repeatedAs, expiresAt, ...kept } = record as NewRefreshToken<RefreshToken>;
    checkGrantId('saveRefreshToken', record.grantId);
    checkEnd('saveRefreshToken', 'expiresAt', expiresAt);
    checkGrantEnd(record as { grantExpiresAt?: unknown });
    const grant = backend.digest(record.grantId);
    const presented = tokenId === undefined ? null : parseTokenId(tokenId);
    if (presented && presented.grant !== grant) {
      throw new TypeError('saveRefreshToken: tokenId is of another grant than grantId');
    }
    const user = userOf(record);
    return {
      grant,
      presented,
      text: serializeRecord(kept),
      user: user && backend.digest(user),
      endsAt: expiresAt.getTime(),
      lifetime: lifetimeUntil(endOfFamily(record)) + Math.max(keptAfter(), EXPIRED_MS),
      leeway,
    };
  }

  /**
   * Saves what was issued: plain data and dates. It becomes the record of the grant. A token of a revoked grant is dead
   * on arrival, and the answer says so. Its member `check` looks whether a record can be saved, and saves nothing.
   *
   * @throws OAuthError invalid_grant where a successor was used by now, or the token came again too often.
   * @throws Error where the token was saved before, spent or not.
   */
  async function saveRefreshToken(
    refreshToken: string,
    record: NewRefreshToken<Token>,
    req?: Request,
  ): Promise<{ isRevoked: boolean }> {
    const saved = parseNew(record);
    const saving = await backend.saveToken(backend.digest(refreshToken), saved, req);
    const error = toError(saving, !saved.presented);
    if (error) throw error;
    return { isRevoked: saving === 'revoked' };
  }

  return {
    saveRefreshToken: Object.assign(saveRefreshToken, {
      check(record: NewRefreshToken<Token>): void {
        parseNew(record);
      },
    }),

    /** The record of a token, spent or not, with what it is filed under. `null` where its grant is revoked. */
    findRefreshToken: markRepeats(
      async (refreshToken: string, req?: Request): Promise<FoundRefreshToken<Token> | null> => {
        const found = await backend.findToken(backend.digest(refreshToken), req);
        if (!found) return null;
        const { place, text, endsAt, rotation } = found;
        const kind = judge(place, rotation, leeway);
        const isLast = place.generation === rotation.generation - 1;
        // Nothing is left of the instant: all that is known is that no leeway reaches back to it.
        const spentAt = kind === 'live' ? null : instantBefore(isLast ? rotation.spentFor : Date.now());
        const isRepeatable = kind !== 'live' && kind !== 'reused';
        return Object.assign(parseRecord<Token & { grantId: string }>(text), {
          expiresAt: new Date(endsAt),
          tokenId: serializeTokenId(place, kind),
          spentAt,
          isRepeatable,
          repeatedAs: isRepeatable ? kind : null,
        });
      },
    ),

    /** `true` for the one call that spends the token, and with it those that were issued beside it. */
    async consumeRefreshToken({ tokenId }: { tokenId: string }, req?: Request): Promise<boolean> {
      return backend.consumeToken(parseTokenId(tokenId), req);
    },

    /** Moves the idle end of a token that is kept in use (`rotates`). Does nothing where it is spent or revoked. */
    async extendRefreshToken({ tokenId }: { tokenId?: string }, expiresAt: Date, req?: Request): Promise<void> {
      checkEnd('extendRefreshToken', 'expiresAt', expiresAt);
      await backend.extendToken(parseTokenId(tokenId), expiresAt.getTime(), req);
    },
  };
}
