// The tables of drizzle.js, for drizzle-kit. Every field has a column of its own.
const { index, integer, pgTable, text, timestamp } = require('drizzle-orm/pg-core');

const instant = (name) => timestamp(name, { withTimezone: true });

/** A grant is one login: its code and all refresh tokens that come of it. */
const grants = pgTable(
  'oauth_grants',
  {
    id: text('id').primaryKey(),
    userId: text('user_id').notNull(),
    generation: integer('generation').notNull().default(0),
    rotatedAt: instant('rotated_at'),
    revokedAt: instant('revoked_at'),
    keptUntil: instant('kept_until').notNull(),
  },
  ({ keptUntil }) => [index().on(keptUntil)],
);

/** What codes and refresh tokens have in common. Add the columns that your issuer reads. */
const columns = () => ({
  digest: text('digest').primaryKey(),
  grantId: text('grant_id')
    .notNull()
    .references(() => grants.id, { onDelete: 'cascade' }),
  clientId: text('client_id').notNull(),
  scope: text('scope'),
  dpopJkt: text('dpop_jkt'),
  resources: text('resources').array(),
  expiresAt: instant('expires_at').notNull(),
});

const codes = pgTable('oauth_codes', {
  ...columns(),
  redirectUri: text('redirect_uri'),
  codeChallenge: text('code_challenge'),
  codeChallengeMethod: text('code_challenge_method'),
  spentAt: instant('spent_at'),
  spentBy: text('spent_by'),
});

const tokens = pgTable('oauth_refresh_tokens', { ...columns(), generation: integer('generation').notNull() });

module.exports = { grants, codes, tokens };
