// The jti of each DPoP proof in SQLite, so that a proof works once: for createDpopVerifier({ consumeJti }).
const { createHash } = require('node:crypto');

exports.sqliteJtisSchema = `
CREATE TABLE oauth_jtis (
  digest TEXT PRIMARY KEY,
  kept_until INTEGER NOT NULL
) STRICT`;

const INSERT = 'INSERT INTO oauth_jtis (digest, kept_until) VALUES (?, ?) ON CONFLICT DO NOTHING';

exports.sqliteJtis = function sqliteJtis(db) {
  return {
    consumeJti({ jkt, jti, expiresAt }) {
      const digest = createHash('sha256')
        .update(JSON.stringify([jkt, jti]))
        .digest('hex');
      return db.prepare(INSERT).run(digest, expiresAt.getTime()).changes === 1;
    },

    /** Removes what cannot come again. Clocks of nodes differ, so it waits a minute. */
    purge: () => db.prepare('DELETE FROM oauth_jtis WHERE kept_until <= ?').run(Date.now() - 60_000).changes,
  };
};
