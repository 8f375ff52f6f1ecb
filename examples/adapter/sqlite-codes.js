// Authorization codes in SQLite: what docs/guides/adapters.md walks through. It asks for one function, not for a driver.
const { createHash } = require('node:crypto');

/** The table, for your own migrations. Times are milliseconds since 1970, so that a date comes back to the millisecond. */
exports.sqliteSchema = `
CREATE TABLE oauth_codes (
  digest TEXT PRIMARY KEY,
  record TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  spent_at INTEGER,
  revoked_at INTEGER,
  kept_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX oauth_codes_kept_until ON oauth_codes (kept_until);
`;

const SAVE = `
INSERT INTO oauth_codes (digest, record, expires_at, kept_until) VALUES (?, ?, ?, ?)
ON CONFLICT DO NOTHING RETURNING 1`;

const FIND = 'SELECT record, expires_at FROM oauth_codes WHERE digest = ?';

const CONSUME = `
UPDATE oauth_codes SET spent_at = ?
WHERE digest = ? AND spent_at IS NULL AND revoked_at IS NULL RETURNING 1`;

const REVOKE = `
UPDATE oauth_codes SET revoked_at = coalesce(revoked_at, ?), kept_until = max(kept_until, ?)
WHERE digest = ? RETURNING 1`;

const FIND_LIVE = 'SELECT 1 FROM oauth_codes WHERE digest = ? AND revoked_at IS NULL';

const PURGE = 'DELETE FROM oauth_codes WHERE kept_until <= ? RETURNING 1';

const digestOf = (code) => createHash('sha256').update(code).digest('hex');

/**
 * @param {{ query: (text: string, values: (string | number)[]) => object[] | Promise<object[]>, spentLifetime?: number }} options
 * `query` runs one statement once and brings its rows. `spentLifetime`: milliseconds that a code is found for after its end.
 */
exports.sqliteCodes = function sqliteCodes({ query, spentLifetime = 86_400_000 }) {
  return {
    async saveCode(code, { expiresAt, ...record }) {
      const end = expiresAt.getTime();
      const keptUntil = Math.max(end, Date.now()) + spentLifetime;
      const saved = await query(SAVE, [digestOf(code), JSON.stringify(record), end, keptUntil]);
      if (saved.length === 0) throw new Error('saveCode: this code was saved before');
    },

    async findCode(code) {
      const grantId = digestOf(code);
      const [row] = await query(FIND, [grantId]);
      return row ? { ...JSON.parse(row.record), expiresAt: new Date(row.expires_at), grantId } : null;
    },

    async consumeCode({ grantId }) {
      const spent = await query(CONSUME, [Date.now(), grantId]);
      return spent.length === 1;
    },

    async revokeTokens({ grantId }) {
      const now = Date.now();
      await query(REVOKE, [now, now + spentLifetime, grantId]);
    },

    /** Whether tokens of this grant are dead: ask where an access token is checked, and before one is issued. */
    async isRevoked(grantId) {
      const live = await query(FIND_LIVE, [grantId]);
      return live.length === 0;
    },

    /** Removes what nobody needs any more. Run it now and then. */
    async purge() {
      const removed = await query(PURGE, [Date.now()]);
      return removed.length;
    },
  };
};
