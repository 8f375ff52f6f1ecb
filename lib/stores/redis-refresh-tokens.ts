import type { RefreshToken } from '../types';
import { digestOf } from './digest';
import { checkDuration, checkGrantId, endOfFamily, lifetimeUntil, parseRecord, serializeRecord } from './record';
import { checkRedisOptions, parseCount, parseFlag, parseSet, parseText, type RedisStoreOptions } from './redis-command';

/** The options of `redisRefreshTokens`. */
export interface RedisRefreshTokensOptions extends RedisStoreOptions {
  /** Milliseconds that a grant stays revoked for, where no token of it lives longer. @default 86400000, a day */
  revokedLifetime?: number | undefined;
}

// A token's value is its generation and its record, and never changes. A grant is a hash: the generation that lives, and
// whether the grant is revoked. What a script needs of a grant has its hash slot; a token alone does not tell which.

const KEEP = `
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end`;

const JOIN = `
redis.call('HSETNX', KEYS[1], 'revoked', '0')
local generation = redis.call('HINCRBY', KEYS[1], 'generation', 0)${KEEP}
return generation`;

const FIND_STATE = `
local grant = redis.call('HMGET', KEYS[1], 'revoked', 'generation')
if grant[1] ~= '0' then return 'revoked' end
if grant[2] == ARGV[1] then return 'live' end
return tostring(redis.call('PTTL', KEYS[2]))`;

const CONSUME = `
local grant = redis.call('HMGET', KEYS[1], 'revoked', 'generation')
if grant[1] ~= '0' or grant[2] ~= ARGV[1] then return 0 end
redis.call('HINCRBY', KEYS[1], 'generation', 1)
redis.call('SET', KEYS[2], '', 'PX', ARGV[2])
return 1`;

const REVOKE = `
redis.call('HSET', KEYS[1], 'revoked', '1')${KEEP}
return 1`;

/** How long it is known when a generation was spent: longer than any leeway. What is left of it tells the time since. */
const SPENT_KNOWN_MS = 120_000;

/**
 * Refresh tokens in Redis, for as many nodes as there are. Tokens are filed under their SHA-256. Finding takes two
 * commands, for a token does not tell its grant; spending is one script, and none is ever sent twice by the store.
 *
 * Tokens of one `grantId` are a family, and one generation of it lives: tokens that were issued for a lost answer live
 * beside each other only until one of them is spent. So two that share a family cannot both go on unseen, unless one
 * follows the other within the leeway every time. A token is kept until its `grantExpiresAt`, if the record has one.
 *
 * @throws TypeError where the options are wrong.
 */
export function redisRefreshTokens<Token extends RefreshToken = RefreshToken>(options: RedisRefreshTokensOptions) {
  checkRedisOptions('redisRefreshTokens', options);
  const { sendCommand, prefix = 'oauth:', revokedLifetime = 86_400_000 } = options;
  checkDuration('redisRefreshTokens: revokedLifetime', revokedLifetime);
  const keyOf = (digest: string) => `${prefix}refresh:${digest}`;
  const grantKeyOf = (grant: string) => `${prefix}grant:{${grant}}`;
  const spentKeyOf = (grant: string, generation: string) => `${grantKeyOf(grant)}:spent:${generation}`;

  return {
    /**
     * Saves what was issued: plain data and dates. A token of a revoked grant is dead on arrival.
     *
     * @throws Error where the token was saved before, spent or not.
     */
    async saveRefreshToken(refreshToken: string, record: Token & { grantId: string }): Promise<void> {
      checkGrantId(record);
      const text = serializeRecord(record);
      const lifetime = String(lifetimeUntil(endOfFamily(record)));
      const grant = digestOf(record.grantId);
      // Whoever spends the generation between these two spends this token with it, as if it had been there.
      const generation = parseCount(await sendCommand('EVAL', JOIN, '1', grantKeyOf(grant), lifetime));
      const value = `${generation}:${text}`;
      const isSaved = parseSet(await sendCommand('SET', keyOf(digestOf(refreshToken)), value, 'NX', 'PX', lifetime));
      if (!isSaved) throw new Error('saveRefreshToken: this token was saved before; tokens are random and used once');
    },

    /** The record of a token, spent or not, with what it is filed under. `null` where its grant is revoked. */
    async findRefreshToken(
      refreshToken: string,
    ): Promise<(Token & { grantId: string; tokenId: string; spentAt: Date | null }) | null> {
      const digest = digestOf(refreshToken);
      const value = parseText(await sendCommand('GET', keyOf(digest)));
      if (value === null) return null;
      const colon = value.indexOf(':');
      const generation = value.slice(0, colon);
      const record = parseRecord<Token & { grantId: string }>(value.slice(colon + 1));
      const grant = digestOf(record.grantId);
      const keys = [grantKeyOf(grant), spentKeyOf(grant, generation)];
      const state = parseText(await sendCommand('EVAL', FIND_STATE, '2', ...keys, generation));
      if (state === 'revoked') return null;
      return Object.assign(record, { tokenId: `${grant}:${generation}:${digest}`, spentAt: parseSpentAt(state) });
    },

    /** `true` for the one call that spends the token, and with it those that were issued beside it. */
    async consumeRefreshToken({ tokenId }: { tokenId: string }): Promise<boolean> {
      const [grant, generation = ''] = tokenId.split(':') as [string, string?];
      const keys = [grantKeyOf(grant), spentKeyOf(grant, generation)];
      return parseFlag(await sendCommand('EVAL', CONSUME, '2', ...keys, generation, String(SPENT_KNOWN_MS)));
    },

    /** Revokes the grant, known or not: its tokens, and those that are saved later. */
    async revokeTokens({ grantId }: { grantId: string }): Promise<void> {
      parseFlag(await sendCommand('EVAL', REVOKE, '1', grantKeyOf(digestOf(grantId)), String(revokedLifetime)));
    },

    /** Whether tokens of this grant are dead. So are those of a grant that is not known, or not any more. */
    async isRevoked(grantId: string): Promise<boolean> {
      return parseText(await sendCommand('HGET', grantKeyOf(digestOf(grantId)), 'revoked')) !== '0';
    },
  };
}

/** By this node's clock, for that is what the leeway is measured with. */
function parseSpentAt(state: string | null): Date | null {
  if (state === 'live') return null;
  const left = parseCount(state);
  // Nothing left: all that is known is that no leeway reaches back to it.
  return left < 0 ? new Date(0) : new Date(Date.now() - SPENT_KNOWN_MS + left);
}
