// Codes and refresh tokens in PostgreSQL, by Drizzle and any of its drivers: PGlite, node-postgres, postgres.js.
const { createHash, randomUUID } = require('node:crypto');
const { and, eq, exists, isNull, lte, sql } = require('drizzle-orm');
const { digestOfAddress } = require('express-token-router');
const { codes, grants, tokens } = require('./drizzle-schema');

const digestOf = (secret) => createHash('sha256').update(secret).digest('hex');
const UPSERT = {
  revokedAt: sql`coalesce(${grants.revokedAt}, excluded.revoked_at)`,
  keptUntil: sql`greatest(${grants.keptUntil}, excluded.kept_until)`,
};

/** UTF-8 has no half of a surrogate pair: drivers would write another character. PostgreSQL itself refuses a NUL. */
function checkText(record) {
  for (const [name, value] of Object.entries(record)) {
    if (typeof value === 'string' && !value.isWellFormed()) throw new Error(`${name} is no Unicode text`);
  }
}

/** `keptFor`: how long a login is remembered after its last token has expired, at least the life of an access token. */
exports.drizzleStore = function drizzleStore(db, { keptFor = 86_400_000 } = {}) {
  const keepGrant = ({ grantId, userId, expiresAt }, revokedAt = null) => {
    const row = { id: grantId, userId, revokedAt, keptUntil: new Date(Math.max(expiresAt, revokedAt) + keptFor) };
    return db.insert(grants).values(row).onConflictDoUpdate({ target: grants.id, set: UPSERT });
  };
  const isLive = (grantId) => and(eq(grants.id, grantId), isNull(grants.revokedAt));

  return {
    async saveCode(code, record) {
      const grantId = randomUUID();
      checkText(record);
      await keepGrant({ ...record, grantId });
      await db.insert(codes).values({ ...record, digest: digestOf(code), grantId });
      return { grantId };
    },

    async findCode(code) {
      const found = db.select().from(codes).innerJoin(grants, eq(grants.id, codes.grantId));
      const [row] = await found.where(eq(codes.digest, digestOf(code)));
      return row ? { ...row.oauth_codes, userId: row.oauth_grants.userId } : null;
    },

    async consumeCode({ grantId }, req) {
      const live = db.select().from(grants).where(isLive(grantId));
      const spent = await db
        .update(codes)
        .set({ spentAt: new Date(), spentBy: req ? digestOfAddress(req) : null })
        .where(and(eq(codes.grantId, grantId), isNull(codes.spentAt), exists(live)))
        .returning({ digest: codes.digest });
      return spent.length === 1;
    },

    async saveRefreshToken(token, record) {
      checkText(record);
      await keepGrant(record);
      const generation = sql`(SELECT generation FROM oauth_grants WHERE id = ${record.grantId})`;
      await db.insert(tokens).values({ ...record, digest: digestOf(token), generation });
    },

    async findRefreshToken(token) {
      const found = db.select().from(tokens).innerJoin(grants, eq(grants.id, tokens.grantId));
      const [row] = await found.where(and(eq(tokens.digest, digestOf(token)), isNull(grants.revokedAt)));
      if (!row) return null;
      const { oauth_refresh_tokens: record, oauth_grants: grant } = row;
      // The instant is known of the last generation only. For older ones any instant beyond the leeway will do.
      const last = record.generation === grant.generation - 1 ? grant.rotatedAt : new Date(0);
      return { ...record, userId: grant.userId, spentAt: record.generation === grant.generation ? null : last };
    },

    async consumeRefreshToken({ grantId, generation }) {
      const spent = await db
        .update(grants)
        .set({ generation: generation + 1, rotatedAt: new Date() })
        .where(and(isLive(grantId), eq(grants.generation, generation)))
        .returning({ id: grants.id });
      return spent.length === 1;
    },

    async revokeTokens(record) {
      await keepGrant(record, new Date());
    },

    isRevoked: async (grantId) => (await db.$count(grants, isLive(grantId))) === 0,

    /** Removes logins that nobody needs any more, with their codes and tokens. Run it now and then. */
    purge: () => db.delete(grants).where(lte(grants.keptUntil, new Date())),
  };
};
