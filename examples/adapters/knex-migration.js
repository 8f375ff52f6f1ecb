// The tables of knex.js, as a migration of Knex.
/** A grant is one login: its code and all refresh tokens that come of it. */
exports.up = async function up(db) {
  // Digests are compared byte for byte: the usual collations ignore letter case and blanks at the end.
  const digest = (table, name) =>
    table.specificType(name, 'CHAR(64) CHARACTER SET ascii COLLATE ascii_bin').notNullable();
  const toGrants = (table) => digest(table, 'grant_id').references('id').inTable('oauth_grants').onDelete('CASCADE');

  await db.schema.createTable('oauth_grants', (table) => {
    digest(table, 'id').primary();
    table.string('user_id', 191).notNullable().references('id').inTable('users').onDelete('CASCADE');
    table.integer('generation').notNullable().defaultTo(0);
    // Milliseconds since 1970: a TIMESTAMP has no milliseconds unless told, and ends in 2038.
    table.bigInteger('rotated_at');
    table.bigInteger('revoked_at');
    table.bigInteger('kept_until').notNullable().index();
  });
  await db.schema.createTable('oauth_codes', (table) => {
    table.charset('utf8mb4');
    digest(table, 'digest').primary();
    toGrants(table).unique();
    table.text('record', 'mediumtext').notNullable();
    table.bigInteger('spent_at');
    table.string('spent_by', 64);
  });
  await db.schema.createTable('oauth_refresh_tokens', (table) => {
    table.charset('utf8mb4');
    digest(table, 'digest').primary();
    toGrants(table);
    table.integer('generation').notNullable();
    table.text('record', 'mediumtext').notNullable();
  });
};

exports.down = async function down(db) {
  for (const name of ['oauth_refresh_tokens', 'oauth_codes', 'oauth_grants']) await db.schema.dropTable(name);
};
