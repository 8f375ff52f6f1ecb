// Codes and refresh tokens in MariaDB or MySQL, by Knex. Records are kept as JSON, beside a column for your users.
const { createHash, randomUUID } = require('node:crypto');
const { digestOfAddress } = require('express-token-router');

const DATES = new Set(['expiresAt', 'grantExpiresAt', 'authTime']);
const parse = (text) => JSON.parse(text, (name, value) => (value && DATES.has(name) ? new Date(value) : value));
const digestOf = (text) => createHash('sha256').update(text).digest('hex');

/** `keptFor`: how long a login is remembered after its last token has expired, at least the life of an access token. */
exports.knexStore = function knexStore(db, { keptFor = 86_400_000 } = {}) {
  const upsert = {
    revoked_at: db.raw('COALESCE(revoked_at, VALUES(revoked_at))'),
    kept_until: db.raw('GREATEST(kept_until, VALUES(kept_until))'),
  };
  const keepGrant = ({ grantId, userId, expiresAt }, revokedAt = null) => {
    const keptUntil = Math.max(expiresAt, revokedAt) + keptFor;
    const row = { id: digestOf(grantId), user_id: userId, revoked_at: revokedAt, kept_until: keptUntil };
    return db('oauth_grants').insert(row).onConflict('id').merge(upsert);
  };

  return {
    async saveCode(code, record) {
      const grantId = randomUUID();
      await keepGrant({ ...record, grantId });
      const text = JSON.stringify({ ...record, grantId });
      await db('oauth_codes').insert({ digest: digestOf(code), grant_id: digestOf(grantId), record: text });
      return { grantId };
    },

    async findCode(code) {
      const row = await db('oauth_codes')
        .where({ digest: digestOf(code) })
        .first();
      const spentAt = row?.spent_at ? new Date(row.spent_at) : null;
      return row ? { ...parse(row.record), spentAt, spentBy: row.spent_by } : null;
    },

    async consumeCode({ grantId }, req) {
      const isLive = db('oauth_grants').whereRaw('id = oauth_codes.grant_id').whereNull('revoked_at');
      const changed = await db('oauth_codes')
        .where({ grant_id: digestOf(grantId) })
        .whereNull('spent_at')
        .whereExists(isLive)
        .update({ spent_at: Date.now(), spent_by: req ? digestOfAddress(req) : null });
      return changed === 1;
    },

    async saveRefreshToken(token, record) {
      const grant = digestOf(record.grantId);
      await keepGrant(record);
      const generation = db.raw('(SELECT generation FROM oauth_grants WHERE id = ?)', [grant]);
      const row = { digest: digestOf(token), grant_id: grant, generation, record: JSON.stringify(record) };
      await db('oauth_refresh_tokens').insert(row);
    },

    async findRefreshToken(token) {
      const row = await db('oauth_refresh_tokens as t')
        .join('oauth_grants as g', 'g.id', 't.grant_id')
        .where({ 't.digest': digestOf(token), 'g.revoked_at': null })
        .first('t.record', 't.generation', 'g.generation as live', 'g.rotated_at');
      if (!row) return null;
      const { record, generation, live, rotated_at } = row;
      // The instant is known of the last generation only. For older ones any instant beyond the leeway will do.
      const spentAt = generation === live ? null : new Date(generation === live - 1 ? rotated_at : 0);
      return { ...parse(record), generation, spentAt };
    },

    async consumeRefreshToken({ grantId, generation }) {
      const changed = await db('oauth_grants')
        .where({ id: digestOf(grantId), generation, revoked_at: null })
        .update({ generation: generation + 1, rotated_at: Date.now() });
      return changed === 1;
    },

    revokeTokens: (record) => keepGrant(record, Date.now()),

    async isRevoked(grantId) {
      const grant = await db('oauth_grants')
        .where({ id: digestOf(grantId), revoked_at: null })
        .first('id');
      return grant === undefined;
    },

    /** Removes logins that nobody needs any more, with their codes and tokens. Run it now and then. */
    purge: () => db('oauth_grants').where('kept_until', '<=', Date.now()).delete(),
  };
};
