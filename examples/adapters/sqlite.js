// Codes and refresh tokens in SQLite, by node:sqlite (Node 22.13) or better-sqlite3. Each record is kept whole, as JSON.
const { createHash, randomUUID } = require('node:crypto');
const { digestOfAddress } = require('express-token-router');

/** The tables, for your own migrations. A grant is one login: its code and all refresh tokens that come of it. */
exports.sqliteSchema = `
CREATE TABLE oauth_grants (
  id TEXT PRIMARY KEY,
  generation INTEGER NOT NULL DEFAULT 0,
  rotated_at INTEGER,
  revoked_at INTEGER,
  kept_until INTEGER NOT NULL
) STRICT;
CREATE TABLE oauth_codes (
  digest TEXT PRIMARY KEY,
  grant_id TEXT NOT NULL UNIQUE REFERENCES oauth_grants ON DELETE CASCADE,
  record TEXT NOT NULL,
  spent_at INTEGER,
  spent_by TEXT
) STRICT;
CREATE TABLE oauth_refresh_tokens (
  digest TEXT PRIMARY KEY,
  grant_id TEXT NOT NULL REFERENCES oauth_grants ON DELETE CASCADE,
  generation INTEGER NOT NULL,
  record TEXT NOT NULL
) STRICT;
CREATE INDEX oauth_refresh_tokens_grant ON oauth_refresh_tokens (grant_id);
CREATE INDEX oauth_grants_kept_until ON oauth_grants (kept_until);
`;

const KEEP_GRANT = `
INSERT INTO oauth_grants (id, revoked_at, kept_until) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE
SET revoked_at = coalesce(revoked_at, excluded.revoked_at), kept_until = max(kept_until, excluded.kept_until)`;

const SAVE_CODE = 'INSERT INTO oauth_codes (digest, grant_id, record) VALUES (?, ?, ?)';

const FIND_CODE = 'SELECT record, spent_at, spent_by FROM oauth_codes WHERE digest = ?';

const CONSUME_CODE = `
UPDATE oauth_codes SET spent_at = ?, spent_by = ? WHERE grant_id = ? AND spent_at IS NULL
AND EXISTS (SELECT 1 FROM oauth_grants WHERE id = grant_id AND revoked_at IS NULL)`;

const SAVE_TOKEN = `
INSERT INTO oauth_refresh_tokens (digest, grant_id, generation, record)
VALUES (?, ?, (SELECT generation FROM oauth_grants WHERE id = ?), ?)`;

const FIND_TOKEN = `
SELECT t.record, t.generation, g.generation AS live, g.rotated_at FROM oauth_refresh_tokens t
JOIN oauth_grants g ON g.id = t.grant_id WHERE t.digest = ? AND g.revoked_at IS NULL`;

const CONSUME_TOKEN = `
UPDATE oauth_grants SET generation = generation + 1, rotated_at = ?
WHERE id = ? AND generation = ? AND revoked_at IS NULL`;

const FIND_LIVE = 'SELECT 1 FROM oauth_grants WHERE id = ? AND revoked_at IS NULL';

const DATES = new Set(['expiresAt', 'grantExpiresAt', 'authTime']);
const parse = (text) => JSON.parse(text, (name, value) => (value && DATES.has(name) ? new Date(value) : value));
const digestOf = (text) => createHash('sha256').update(text).digest('hex');

/** `keptFor`: how long a login is remembered after its last token has expired, at least the life of an access token. */
exports.sqliteStore = function sqliteStore(db, { keptFor = 86_400_000 } = {}) {
  const keepGrant = ({ grantId, expiresAt }, revokedAt = null) =>
    db.prepare(KEEP_GRANT).run(digestOf(grantId), revokedAt, Math.max(expiresAt, revokedAt) + keptFor);

  return {
    saveCode(code, record) {
      const grantId = randomUUID();
      keepGrant({ ...record, grantId });
      db.prepare(SAVE_CODE).run(digestOf(code), digestOf(grantId), JSON.stringify({ ...record, grantId }));
      return { grantId };
    },

    findCode(code) {
      const row = db.prepare(FIND_CODE).get(digestOf(code));
      const spentAt = row?.spent_at ? new Date(row.spent_at) : null;
      return row ? { ...parse(row.record), spentAt, spentBy: row.spent_by } : null;
    },

    consumeCode({ grantId }, req) {
      const spentBy = req ? digestOfAddress(req) : null;
      return db.prepare(CONSUME_CODE).run(Date.now(), spentBy, digestOf(grantId)).changes === 1;
    },

    saveRefreshToken(token, record) {
      const grant = digestOf(record.grantId);
      keepGrant(record);
      db.prepare(SAVE_TOKEN).run(digestOf(token), grant, grant, JSON.stringify(record));
    },

    findRefreshToken(token) {
      const row = db.prepare(FIND_TOKEN).get(digestOf(token));
      if (!row) return null;
      const { record, generation, live, rotated_at } = row;
      // The instant is known of the last generation only. For older ones any instant beyond the leeway will do.
      const spentAt = generation === live ? null : new Date(generation === live - 1 ? rotated_at : 0);
      return { ...parse(record), generation, spentAt };
    },

    consumeRefreshToken({ grantId, generation }) {
      return db.prepare(CONSUME_TOKEN).run(Date.now(), digestOf(grantId), generation).changes === 1;
    },

    revokeTokens(record) {
      keepGrant(record, Date.now());
    },

    isRevoked: (grantId) => db.prepare(FIND_LIVE).get(digestOf(grantId)) === undefined,

    /** Removes logins that nobody needs any more, with their codes and tokens. Run it now and then. */
    purge: () => db.prepare('DELETE FROM oauth_grants WHERE kept_until <= ?').run(Date.now()).changes,
  };
};
