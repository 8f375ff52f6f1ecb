import type { Request } from 'express';
import type { AuthorizationCode } from '../types';
import { digestOf } from './digest';
import { checkPostgresOptions, createPurge, hasRow, type PostgresStoreOptions, parseRows } from './postgres-query';
import { checkDuration, lifetimeUntil, parseRecord, serializeRecord } from './record';

/** The options of `postgresCodes`. */
export interface PostgresCodesOptions extends PostgresStoreOptions {
  /** Milliseconds that a code is still found for after its end, so that a replay is seen. @default 86400000, a day */
  spentLifetime?: number | undefined;
}

const SAVE = `
INSERT INTO oauth_codes (digest, record, kept_until)
VALUES (decode($1, 'hex'), $2, now() + $3::float8 * interval '1 millisecond')
ON CONFLICT DO NOTHING RETURNING 1`;

const FIND = `SELECT record FROM oauth_codes WHERE digest = decode($1, 'hex')`;

const CONSUME = `
UPDATE oauth_codes SET spent_at = now()
WHERE digest = decode($1, 'hex') AND spent_at IS NULL AND revoked_at IS NULL RETURNING 1`;

const REVOKE = `
UPDATE oauth_codes SET revoked_at = coalesce(revoked_at, now()),
  kept_until = greatest(kept_until, now() + $2::float8 * interval '1 millisecond')
WHERE digest = decode($1, 'hex')`;

const FIND_LIVE = `SELECT 1 FROM oauth_codes WHERE digest = decode($1, 'hex') AND revoked_at IS NULL`;

/**
 * Authorization codes in PostgreSQL, for as many nodes as there are. Codes are filed under their SHA-256; each step is
 * one statement, and none is ever sent twice by the store. `postgresSchema` has the table.
 *
 * A record that was found has a `grantId` besides what was saved. Keep it with the tokens you make: `revokeTokens` revokes
 * the grant, and `isRevoked` tells of it, so that a token which is being issued at that moment is dead on arrival.
 *
 * @throws TypeError where the options are wrong.
 */
export function postgresCodes<Code extends AuthorizationCode = AuthorizationCode>(options: PostgresCodesOptions) {
  checkPostgresOptions('postgresCodes', options);
  const { query, spentLifetime = 86_400_000 } = options;
  checkDuration('postgresCodes: spentLifetime', spentLifetime);

  return {
    /**
     * Saves what the authorization endpoint issued: plain data and dates.
     *
     * @throws Error where the code was saved before, spent or not.
     */
    async saveCode(code: string, record: Code, req?: Request): Promise<void> {
      const lifetime = lifetimeUntil(record.expiresAt) + spentLifetime;
      const saved = await query(SAVE, [digestOf(code), serializeRecord(record), lifetime], req);
      if (!hasRow(saved)) throw new Error('saveCode: this code was saved before; codes are random and used once');
    },

    /** The record of a code, spent or not, with the `grantId` that it is filed under. */
    async findCode(code: string, req?: Request): Promise<(Code & { grantId: string }) | null> {
      const grantId = digestOf(code);
      const [row] = parseRows(await query(FIND, [grantId], req)) as readonly { record: string }[];
      return row ? Object.assign(parseRecord<Code>(row.record), { grantId }) : null;
    },

    /** `true` for the one call that spends the code. */
    async consumeCode({ grantId }: { grantId: string }, req?: Request): Promise<boolean> {
      return hasRow(await query(CONSUME, [grantId], req));
    },

    /** Revokes the grant: what was issued from the code, what is being issued now, and what will be. */
    async revokeTokens({ grantId }: { grantId: string }, req?: Request): Promise<void> {
      await query(REVOKE, [grantId, spentLifetime], req);
    },

    /** Whether tokens of this grant are dead. So are those of a grant that is not known, or not any more. */
    async isRevoked(grantId: string, req?: Request): Promise<boolean> {
      return !hasRow(await query(FIND_LIVE, [grantId], req));
    },

    /** Removes what nobody needs any more, a batch at a time. Run it now and then, on any node. */
    purge: createPurge('oauth_codes', query),
  };
}
