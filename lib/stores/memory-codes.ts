import { types } from 'node:util';
import type { AuthorizationCode } from '../types';
import { digestOf } from './digest';
import { createExpiringMap } from './expiring-map';

/** The options of `memoryCodes`. */
export interface MemoryCodesOptions {
  /** Milliseconds that a spent code is still found for, at least as long as its tokens live. @default 86400000, a day */
  spentLifetime?: number | undefined;
}

interface Grant<Code> {
  record: Code;
  isSpent: boolean;
  isRevoked: boolean;
}

/** How long a code that nobody redeemed is kept after its end, so that the operator reads `code_expired`. */
const EXPIRED_LIFETIME = 60_000;

/**
 * Authorization codes in this process: for development, for specs, and for hosts of one process. Codes are filed under
 * their SHA-256; records go in and out as copies. What has ended leaves by itself, with the calls that come later.
 *
 * A record that was found has a `grantId` besides what was saved. Keep it with the tokens you make: `revokeTokens` revokes
 * the grant, and `isRevoked` tells of it, so that a token which is being issued at that moment is dead on arrival.
 *
 * @throws TypeError where the options are wrong.
 */
export function memoryCodes<Code extends AuthorizationCode = AuthorizationCode>(options: MemoryCodesOptions = {}) {
  const spentLifetime = parseSpentLifetime(options);
  const grants = createExpiringMap<Grant<Code>>();

  return {
    /**
     * Saves what the authorization endpoint issued: plain data and dates.
     *
     * @throws Error where the code was saved before, spent or not.
     */
    async saveCode(code: string, record: Code): Promise<void> {
      if (!types.isDate(record.expiresAt) || Number.isNaN(record.expiresAt.getTime())) {
        throw new TypeError('saveCode: expiresAt must be a valid Date, or the code would never leave');
      }
      const lifetime = Math.max(record.expiresAt.getTime() - Date.now(), 0) + EXPIRED_LIFETIME;
      const grant = { record: structuredClone(record), isSpent: false, isRevoked: false };
      if (!grants.add(digestOf(code), grant, lifetime)) {
        throw new Error('saveCode: this code was saved before; codes are random and used once');
      }
    },

    /** The record of a code, spent or not, with the `grantId` that it is filed under. */
    findCode(code: string): (Code & { grantId: string }) | null {
      const grantId = digestOf(code);
      const grant = grants.get(grantId);
      return grant ? Object.assign(structuredClone(grant.record), { grantId }) : null;
    },

    /** `true` for the one call that spends the code. */
    consumeCode({ grantId }: { grantId: string }): boolean {
      const grant = grants.get(grantId);
      if (!grant || grant.isSpent || grant.isRevoked) return false;
      grant.isSpent = true;
      grants.extend(grantId, spentLifetime);
      return true;
    },

    /** Revokes the grant: what was issued from the code, what is being issued now, and what will be. */
    revokeTokens({ grantId }: { grantId: string }): void {
      const grant = grants.get(grantId);
      if (!grant) return;
      grant.isRevoked = true;
      grants.extend(grantId, spentLifetime);
    },

    /** Whether tokens of this grant are dead. So are those of a grant that is not known, or not any more. */
    isRevoked: (grantId: string): boolean => grants.get(grantId)?.isRevoked ?? true,
  };
}

function parseSpentLifetime(options: MemoryCodesOptions): number {
  const { spentLifetime = 86_400_000, ...unknown } = Object(options) as MemoryCodesOptions;
  const isSound =
    Object(options) === options &&
    Object.keys(unknown).length === 0 &&
    Number.isSafeInteger(spentLifetime) &&
    spentLifetime > 0;
  if (isSound) return spentLifetime;
  throw new TypeError('memoryCodes: the one option is spentLifetime, a whole number of milliseconds above 0');
}
