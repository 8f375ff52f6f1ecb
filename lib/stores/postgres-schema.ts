/**
 * The tables of the stores as one SQL statement, for your own migrations. `migrate` of `postgresStore` runs it. It
 * creates the tables, or updates those of an older version and keeps their rows. You can run it any number of times, on
 * several nodes at once.
 *
 * `purge` deletes rows after `kept_until`. Half of each page of grants stays free, so that spending updates a row in
 * place and no index.
 */
export const postgresSchema = `
DO $migration$
DECLARE
  version int;
BEGIN
  -- One node at a time, until the end of this statement.
  PERFORM pg_advisory_xact_lock(7521693084127);
  CREATE TABLE IF NOT EXISTS oauth_schema (version int NOT NULL);
  SELECT coalesce(max(s.version), 0) INTO version FROM oauth_schema s;
  IF version >= 2 THEN RETURN; END IF;

  -- Version 1 had no number, and a table for codes.
  IF to_regclass('oauth_codes') IS NOT NULL THEN
    version := 1;
    ALTER TABLE oauth_grants RENAME TO oauth_grants_1;
    ALTER TABLE oauth_refresh_tokens RENAME TO oauth_refresh_tokens_1;
    ALTER INDEX oauth_grants_pkey RENAME TO oauth_grants_1_pkey;
    ALTER INDEX oauth_refresh_tokens_pkey RENAME TO oauth_refresh_tokens_1_pkey;
  END IF;

  CREATE TABLE oauth_grants (
    digest bytea PRIMARY KEY,
    user_digest bytea,
    code text,
    spent_at timestamptz,
    spent_by text,
    revoked_at timestamptz,
    record text,
    ends_at bigint,
    generation int NOT NULL DEFAULT 0,
    issued smallint NOT NULL DEFAULT 0,
    floor smallint NOT NULL DEFAULT 0,
    late smallint NOT NULL DEFAULT 0,
    rotated_at timestamptz,
    spender smallint NOT NULL DEFAULT 0,
    spent_floor smallint NOT NULL DEFAULT 0,
    sibling int NOT NULL DEFAULT -2,
    run smallint NOT NULL DEFAULT 0,
    kept_until timestamptz NOT NULL
  ) WITH (fillfactor = 50);
  CREATE TABLE oauth_refresh_tokens (
    digest bytea PRIMARY KEY,
    grant_digest bytea NOT NULL,
    kept_until timestamptz NOT NULL,
    generation int NOT NULL,
    number smallint NOT NULL
  );

  IF version = 1 THEN
    -- A code's grant is filed under the digest of its name, which is the code's digest in hexadecimal digits.
    INSERT INTO oauth_grants (digest, user_digest, code, spent_at, revoked_at, kept_until)
    SELECT sha256(convert_to(encode(c.digest, 'hex'), 'UTF8')),
      -- A name that PostgreSQL cannot read as text is not found by revokeUser; by revokeGrant it is.
      CASE WHEN c.record NOT LIKE '%\\\\u0000%' AND c.record NOT LIKE '%\\\\ud%'
        THEN sha256(convert_to(regexp_replace(c.record::json ->> 'userId', '^text:', ''), 'UTF8')) END,
      c.record, c.spent_at, c.revoked_at, c.kept_until
    FROM oauth_codes c;

    CREATE TEMPORARY TABLE oauth_numbered ON COMMIT DROP AS
    SELECT t.*, row_number() OVER (PARTITION BY grant_digest, t.generation ORDER BY t.kept_until, t.digest) - 1 AS number
    FROM oauth_refresh_tokens_1 t;

    INSERT INTO oauth_grants AS g (digest, user_digest, revoked_at, record, ends_at, generation, issued, rotated_at, spender,
      kept_until)
    SELECT o.digest,
      CASE WHEN last.record NOT LIKE '%\\\\u0000%' AND last.record NOT LIKE '%\\\\ud%'
        THEN sha256(convert_to(regexp_replace(last.record::json ->> 'userId', '^text:', ''), 'UTF8')) END,
      o.revoked_at, last.record,
      (extract(epoch FROM substring(last.record FROM '"expiresAt":"date:([^"]+)"')::timestamptz) * 1000)::bigint,
      o.generation, (SELECT count(*) FROM oauth_numbered n WHERE n.grant_digest = o.digest AND n.generation = o.generation),
      spent.spent_at, coalesce(spent.number, 0), o.kept_until
    FROM oauth_grants_1 o
    LEFT JOIN LATERAL (
      SELECT n.record FROM oauth_numbered n WHERE n.grant_digest = o.digest ORDER BY n.generation DESC, n.number DESC LIMIT 1
    ) last ON true
    LEFT JOIN LATERAL (
      SELECT n.spent_at, n.number FROM oauth_numbered n
      WHERE n.grant_digest = o.digest AND n.generation = o.generation - 1 AND n.spent_at IS NOT NULL LIMIT 1
    ) spent ON true
    ON CONFLICT (digest) DO UPDATE SET revoked_at = coalesce(g.revoked_at, excluded.revoked_at), record = excluded.record,
      user_digest = coalesce(g.user_digest, excluded.user_digest), ends_at = excluded.ends_at,
      generation = excluded.generation, issued = excluded.issued, rotated_at = excluded.rotated_at,
      spender = excluded.spender, kept_until = greatest(g.kept_until, excluded.kept_until);

    INSERT INTO oauth_refresh_tokens (digest, grant_digest, kept_until, generation, number)
    SELECT digest, grant_digest, kept_until, generation, number FROM oauth_numbered;

    DROP TABLE oauth_numbered, oauth_codes, oauth_grants_1, oauth_refresh_tokens_1;
  END IF;

  CREATE INDEX oauth_grants_kept_until ON oauth_grants (kept_until);
  CREATE INDEX oauth_grants_user ON oauth_grants (user_digest) WHERE user_digest IS NOT NULL;
  CREATE INDEX oauth_refresh_tokens_kept_until ON oauth_refresh_tokens (kept_until);
  CREATE TABLE IF NOT EXISTS oauth_jtis (
    digest bytea PRIMARY KEY,
    kept_until timestamptz NOT NULL
  );
  CREATE INDEX IF NOT EXISTS oauth_jtis_kept_until ON oauth_jtis (kept_until);

  INSERT INTO oauth_schema VALUES (2);
END
$migration$`;
