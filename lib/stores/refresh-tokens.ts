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

/** A found record of a refresh token: the record of its grant, and what the store adds. */
export type FoundRefreshToken<Token> = Token & {
  grantId: string;
  /** Names this token, and how it was found. Pass it to `saveRefreshToken` in the record of the next token. */
  tokenId: string;
  spentAt: Date | null;
  isRepeatable: boolean;
  repeatedAs: 'at_once' | 'late' | 'sibling' | null;
};

/** The record to save with a refresh token. */
export type NewRefreshToken<Token> = Token & {
  grantId: string;
  /** The `tokenId` of the token that it replaces. Only the first token of a grant has none. */
  tokenId?: string | undefined;
};

interface Options {
  leeway: number;
  /** Milliseconds for which a family is remembered after its end, because its access tokens may live longer. */
  keptAfter: () => number;
}

/**
 * Refresh tokens, saved under their SHA-256. The tokens of one `grantId` are a family with one record. Of a spent
 * token, only its digest and its place in the family are kept. `judge` in rotation.ts has the rules.
 */
export function createRefreshTokens<Token extends RefreshToken>(backend: Backend, { leeway, keptAfter }: Options) {
  function parseNew(record: NewRefreshToken<Token>) {
    // The record may be any object of the host.
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
   * Saves a refresh token. Its record, plain data and dates, becomes the record of the grant. Returns `isRevoked: true`
   * if the grant is revoked: then the token never works. Its member `check` throws if a record cannot be saved, and
   * saves nothing.
   *
   * @throws OAuthError `invalid_grant` if a successor was used meanwhile, or the token was used again too often.
   * @throws TypeError if the record is malformed; Error if the token was saved before, spent or not.
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

    /** Finds the record of a token, spent or not. `null` for an unknown token, and if its grant is revoked. */
    findRefreshToken: markRepeats(
      async (refreshToken: string, req?: Request): Promise<FoundRefreshToken<Token> | null> => {
        const found = await backend.findToken(backend.digest(refreshToken), req);
        if (!found) return null;
        const { place, text, endsAt, rotation } = found;
        const kind = judge(place, rotation, leeway);
        const isLast = place.generation === rotation.generation - 1;
        // The instant is not kept. An old one is correct, because no leeway reaches back that far.
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

    /** Spends the token, and with it its generation, in one atomic step. Returns `true` for exactly one call. */
    async consumeRefreshToken({ tokenId }: { tokenId: string }, req?: Request): Promise<boolean> {
      return backend.consumeToken(parseTokenId(tokenId), req);
    },

    /** Sets a new idle end for a token that is kept (`rotates`). Does nothing if it is spent or revoked. */
    async extendRefreshToken({ tokenId }: { tokenId?: string }, expiresAt: Date, req?: Request): Promise<void> {
      checkEnd('extendRefreshToken', 'expiresAt', expiresAt);
      await backend.extendToken(parseTokenId(tokenId), expiresAt.getTime(), req);
    },
  };
}
