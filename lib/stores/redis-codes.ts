import type { AuthorizationCode } from '../types';
import { digestOf } from './digest';
import { checkDuration, lifetimeUntil, parseRecord, serializeRecord } from './record';
import { checkRedisOptions, parseFlag, parseSet, parseText, type RedisStoreOptions } from './redis-command';

/** The options of `redisCodes`. */
export interface RedisCodesOptions extends RedisStoreOptions {
  /** Milliseconds that a spent code is still found for, so that a replay is seen. @default 86400000, a day */
  spentLifetime?: number | undefined;
}

// A value is its state and the record: 0 while the code is live, 1 once it is spent, 2 once its grant is revoked. One key a
// grant: the state never expires, is evicted or lost without the code.
const LIVE = '0';
const REVOKED = '2';

const CONSUME = `
if redis.call('GETRANGE', KEYS[1], 0, 0) ~= '0' then return 0 end
redis.call('SETRANGE', KEYS[1], 0, '1')
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1`;

const REVOKE = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('SETRANGE', KEYS[1], 0, '2')
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1`;

/**
 * Authorization codes in Redis, for as many nodes as there are. Codes are filed under their SHA-256; each step is one
 * command, and none is ever sent twice by the store.
 *
 * A record that was found has a `grantId` besides what was saved. Keep it with the tokens you make: `revokeTokens` revokes
 * the grant, and `isRevoked` tells of it, so that a token which is being issued at that moment is dead on arrival.
 *
 * @throws TypeError where the options are wrong.
 */
export function redisCodes<Code extends AuthorizationCode = AuthorizationCode>(options: RedisCodesOptions) {
  checkRedisOptions('redisCodes', options);
  const { sendCommand, prefix = 'oauth:', spentLifetime = 86_400_000 } = options;
  checkDuration('redisCodes: spentLifetime', spentLifetime);
  const keyOf = (grantId: string) => `${prefix}code:{${grantId}}`;
  const change = (script: string, grantId: string) =>
    sendCommand('EVAL', script, '1', keyOf(grantId), String(spentLifetime));

  return {
    /**
     * Saves what the authorization endpoint issued: plain data and dates.
     *
     * @throws Error where the code was saved before, spent or not.
     */
    async saveCode(code: string, record: Code): Promise<void> {
      const value = LIVE + serializeRecord(record);
      const lifetime = String(lifetimeUntil(record.expiresAt));
      const isSaved = parseSet(await sendCommand('SET', keyOf(digestOf(code)), value, 'NX', 'PX', lifetime));
      if (!isSaved) throw new Error('saveCode: this code was saved before; codes are random and used once');
    },

    /** The record of a code, spent or not, with the `grantId` that it is filed under. */
    async findCode(code: string): Promise<(Code & { grantId: string }) | null> {
      const grantId = digestOf(code);
      const value = parseText(await sendCommand('GET', keyOf(grantId)));
      return value === null ? null : Object.assign(parseRecord<Code>(value.slice(LIVE.length)), { grantId });
    },

    /** `true` for the one call that spends the code. */
    async consumeCode({ grantId }: { grantId: string }): Promise<boolean> {
      return parseFlag(await change(CONSUME, grantId));
    },

    /** Revokes the grant: what was issued from the code, what is being issued now, and what will be. */
    async revokeTokens({ grantId }: { grantId: string }): Promise<void> {
      parseFlag(await change(REVOKE, grantId));
    },

    /** Whether tokens of this grant are dead. So are those of a grant that is not known, or not any more. */
    async isRevoked(grantId: string): Promise<boolean> {
      const state = parseText(await sendCommand('GETRANGE', keyOf(grantId), '0', '0'));
      return state === '' || state === REVOKED;
    },
  };
}
