import { types } from 'node:util';
import type { RefreshToken } from '../types';
import { digestOf } from './digest';
import { createExpiringMap } from './expiring-map';
import { endOfFamily } from './record';

/** The options of `memoryRefreshTokens`. */
export interface MemoryRefreshTokensOptions {
  /** Milliseconds that a grant stays revoked for, where no token of it lives longer. @default 86400000, a day */
  revokedLifetime?: number | undefined;
}

/** Tokens that replace the same one: the first that is spent spends them all. */
interface Generation {
  spentAt: Date | null;
}

interface Family {
  live: Generation;
  isRevoked: boolean;
}

interface Saved<Token> {
  record: Token;
  generation: Generation;
  family: Family;
}

/** How long a token is kept after the end of its family, so that the operator reads `refresh_token_expired`. */
const EXPIRED_LIFETIME = 60_000;

/**
 * Refresh tokens in this process: for development, for specs, and for hosts of one process. Tokens are filed under their
 * SHA-256; records go in and out as copies. What has ended leaves by itself, with the calls that come later.
 *
 * Tokens of one `grantId` are a family, and one generation of it lives: tokens that were issued for a lost answer live
 * beside each other only until one of them is spent. So two that share a family cannot both go on unseen, unless one
 * follows the other within the leeway every time. A token is kept until its `grantExpiresAt`, if the record has one.
 *
 * @throws TypeError where the options are wrong.
 */
export function memoryRefreshTokens<Token extends RefreshToken = RefreshToken>(
  options: MemoryRefreshTokensOptions = {},
) {
  const revokedLifetime = parseRevokedLifetime(options);
  const tokens = createExpiringMap<Saved<Token & { grantId: string }>>();
  const families = createExpiringMap<Family>();

  /** The family of a grant, kept for so long at least. */
  const keepFamily = (grantId: string, lifetime: number): Family => {
    families.extend(grantId, lifetime);
    const known = families.get(grantId);
    if (known) return known;
    const family: Family = { live: { spentAt: null }, isRevoked: false };
    families.add(grantId, family, lifetime);
    return family;
  };

  return {
    /**
     * Saves what was issued: plain data and dates. A token of a revoked grant is dead on arrival.
     *
     * @throws Error where the token was saved before, spent or not.
     */
    async saveRefreshToken(refreshToken: string, record: Token & { grantId: string }): Promise<void> {
      const { grantId, expiresAt } = record;
      if (typeof grantId !== 'string' || grantId === '') {
        throw new TypeError('saveRefreshToken: grantId must be a string, or the token could not be revoked');
      }
      if (!types.isDate(expiresAt) || Number.isNaN(expiresAt.getTime())) {
        throw new TypeError('saveRefreshToken: expiresAt must be a valid Date, or the token would never leave');
      }
      const lifetime = Math.max(endOfFamily(record).getTime() - Date.now(), 0) + EXPIRED_LIFETIME;
      const family = keepFamily(grantId, lifetime);
      const saved = { record: structuredClone(record), generation: family.live, family };
      if (!tokens.add(digestOf(refreshToken), saved, lifetime)) {
        throw new Error('saveRefreshToken: this token was saved before; tokens are random and used once');
      }
    },

    /** The record of a token, spent or not, with what it is filed under. `null` where its grant is revoked. */
    findRefreshToken(
      refreshToken: string,
    ): (Token & { grantId: string; tokenId: string; spentAt: Date | null }) | null {
      const tokenId = digestOf(refreshToken);
      const saved = tokens.get(tokenId);
      if (!saved || saved.family.isRevoked) return null;
      const { spentAt } = saved.generation;
      return Object.assign(structuredClone(saved.record), { tokenId, spentAt: spentAt && new Date(spentAt) });
    },

    /** `true` for the one call that spends the token, and with it those that were issued beside it. */
    consumeRefreshToken({ tokenId }: { tokenId: string }): boolean {
      const saved = tokens.get(tokenId);
      if (!saved || saved.generation.spentAt || saved.family.isRevoked) return false;
      saved.generation.spentAt = new Date();
      saved.family.live = { spentAt: null };
      return true;
    },

    /** Revokes the grant, known or not: its tokens, and those that are saved later. */
    revokeTokens({ grantId }: { grantId: string }): void {
      keepFamily(grantId, revokedLifetime).isRevoked = true;
    },

    /** Whether tokens of this grant are dead. So are those of a grant that is not known, or not any more. */
    isRevoked: (grantId: string): boolean => families.get(grantId)?.isRevoked ?? true,
  };
}

function parseRevokedLifetime(options: MemoryRefreshTokensOptions): number {
  const { revokedLifetime = 86_400_000, ...unknown } = Object(options) as MemoryRefreshTokensOptions;
  const isSound =
    Object(options) === options &&
    Object.keys(unknown).length === 0 &&
    Number.isSafeInteger(revokedLifetime) &&
    revokedLifetime > 0;
  if (isSound) return revokedLifetime;
  throw new TypeError('memoryRefreshTokens: the one option is revokedLifetime, a whole number of milliseconds above 0');
}
