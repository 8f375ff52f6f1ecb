import type { Request } from 'express';
import type { RefreshToken } from '../types';
import { digestOf } from './digest';
import { checkPostgresOptions, createPurge, hasRow, type PostgresStoreOptions, parseRows } from './postgres-query';
import { checkDuration, checkGrantId, endOfFamily, lifetimeUntil, parseRecord, serializeRecord } from './record';

/** The options of `postgresRefreshTokens`. */
export interface PostgresRefreshTokensOptions extends PostgresStoreOptions {
  /** Milliseconds that a grant stays revoked for, where no token of it lives longer. @default 86400000, a day */
  revokedLifetime?: number | undefined;
}

// The row of the grant is locked by whoever saves, spends or revokes: the generation that a token joins is the one that
// lives, and of one generation one token is spent.

const SAVE = `
WITH joined AS (
  INSERT INTO oauth_grants AS g (digest, kept_until)
  VALUES (decode($2, 'hex'), now() + $4::float8 * interval '1 millisecond')
  ON CONFLICT (digest) DO UPDATE SET kept_until = greatest(g.kept_until, excluded.kept_until)
  RETURNING digest, generation
)
INSERT INTO oauth_refresh_tokens (digest, grant_digest, generation, record, kept_until)
SELECT decode($1, 'hex'), digest, generation, $3, now() + $4::float8 * interval '1 millisecond' FROM joined
ON CONFLICT DO NOTHING RETURNING 1`;

// Those that were issued beside the one which was spent have no time of their own.
const FIND = `
SELECT t.record, CASE WHEN t.generation < g.generation THEN (
  SELECT extract(epoch FROM clock_timestamp() - coalesce(max(s.spent_at), 'epoch')) * 1000
  FROM oauth_refresh_tokens s WHERE s.grant_digest = t.grant_digest AND s.generation = t.generation
)::float8 END AS spent_for
FROM oauth_refresh_tokens t JOIN oauth_grants g ON g.digest = t.grant_digest
WHERE t.digest = decode($1, 'hex') AND g.revoked_at IS NULL`;

const CONSUME = `
WITH spent AS (
  UPDATE oauth_grants g SET generation = g.generation + 1 FROM oauth_refresh_tokens t
  WHERE t.digest = decode($1, 'hex') AND g.digest = t.grant_digest AND g.generation = t.generation
    AND g.revoked_at IS NULL
  RETURNING t.digest
)
UPDATE oauth_refresh_tokens t SET spent_at = clock_timestamp() FROM spent WHERE t.digest = spent.digest RETURNING 1`;

const REVOKE = `
INSERT INTO oauth_grants AS g (digest, revoked_at, kept_until)
VALUES (decode($1, 'hex'), now(), now() + $2::float8 * interval '1 millisecond')
ON CONFLICT (digest) DO UPDATE SET revoked_at = coalesce(g.revoked_at, excluded.revoked_at),
  kept_until = greatest(g.kept_until, excluded.kept_until)`;

const FIND_LIVE = `SELECT 1 FROM oauth_grants WHERE digest = decode($1, 'hex') AND revoked_at IS NULL`;

/**
 * Refresh tokens in PostgreSQL, for as many nodes as there are. Tokens are filed under their SHA-256; each step is one
 * statement, and none is ever sent twice by the store. `postgresSchema` has the tables.
 *
 * Tokens of one `grantId` are a family, and one generation of it lives: tokens that were issued for a lost answer live
 * beside each other only until one of them is spent. So two that share a family cannot both go on unseen, unless one
 * follows the other within the leeway every time. A token is kept until its `grantExpiresAt`, if the record has one.
 *
 * @throws TypeError where the options are wrong.
 */
export function postgresRefreshTokens<Token extends RefreshToken = RefreshToken>(
  options: PostgresRefreshTokensOptions,
) {
  checkPostgresOptions('postgresRefreshTokens', options);
  const { query, revokedLifetime = 86_400_000 } = options;
  checkDuration('postgresRefreshTokens: revokedLifetime', revokedLifetime);
  const purgeTokens = createPurge('oauth_refresh_tokens', query);
  const purgeGrants = createPurge('oauth_grants', query);

  return {
    /**
     * Saves what was issued: plain data and dates. A token of a revoked grant is dead on arrival.
     *
     * @throws Error where the token was saved before, spent or not.
     */
    async saveRefreshToken(refreshToken: string, record: Token & { grantId: string }, req?: Request): Promise<void> {
      checkGrantId(record);
      const lifetime = lifetimeUntil(endOfFamily(record));
      const values = [digestOf(refreshToken), digestOf(record.grantId), serializeRecord(record), lifetime];
      const isSaved = hasRow(await query(SAVE, values, req));
      if (!isSaved) throw new Error('saveRefreshToken: this token was saved before; tokens are random and used once');
    },

    /** The record of a token, spent or not, with what it is filed under. `null` where its grant is revoked. */
    async findRefreshToken(
      refreshToken: string,
      req?: Request,
    ): Promise<(Token & { grantId: string; tokenId: string; spentAt: Date | null }) | null> {
      const tokenId = digestOf(refreshToken);
      const [row] = parseRows(await query(FIND, [tokenId], req)) as readonly { record: string; spent_for: unknown }[];
      if (!row) return null;
      const record = parseRecord<Token & { grantId: string }>(row.record);
      return Object.assign(record, { tokenId, spentAt: parseSpentAt(row.spent_for) });
    },

    /** `true` for the one call that spends the token, and with it those that were issued beside it. */
    async consumeRefreshToken({ tokenId }: { tokenId: string }, req?: Request): Promise<boolean> {
      return hasRow(await query(CONSUME, [tokenId], req));
    },

    /** Revokes the grant, known or not: its tokens, and those that are saved later. */
    async revokeTokens({ grantId }: { grantId: string }, req?: Request): Promise<void> {
      await query(REVOKE, [digestOf(grantId), revokedLifetime], req);
    },

    /** Whether tokens of this grant are dead. So are those of a grant that is not known, or not any more. */
    async isRevoked(grantId: string, req?: Request): Promise<boolean> {
      return !hasRow(await query(FIND_LIVE, [digestOf(grantId)], req));
    },

    /** Removes what nobody needs any more, a batch at a time. Run it now and then, on any node. */
    async purge(): Promise<number> {
      const tokens = await purgeTokens();
      return tokens + (await purgeGrants());
    },
  };
}

/** By this node's clock, for that is what the leeway is measured with. */
function parseSpentAt(spentFor: unknown): Date | null {
  if (spentFor === null) return null;
  const milliseconds = typeof spentFor === 'string' ? Number.parseFloat(spentFor) : spentFor;
  if (Number.isFinite(milliseconds)) return new Date(Date.now() - Math.round(Number(milliseconds)));
  throw new TypeError('query must bring { rows }, as pg and PGlite do: spent_for is no number');
}
