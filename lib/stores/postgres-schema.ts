/**
 * The tables of the stores, for your own migrations. `kept_until` is when a row may go: see `purge`. Half of a page of
 * codes stays free, so that spending one rewrites the row in place and touches no index.
 */
export const postgresSchema = `
CREATE TABLE oauth_codes (
  digest bytea PRIMARY KEY,
  record text NOT NULL,
  spent_at timestamptz,
  revoked_at timestamptz,
  kept_until timestamptz NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX oauth_codes_kept_until ON oauth_codes (kept_until);

CREATE TABLE oauth_grants (
  digest bytea PRIMARY KEY,
  generation bigint NOT NULL DEFAULT 0,
  revoked_at timestamptz,
  kept_until timestamptz NOT NULL
);
CREATE INDEX oauth_grants_kept_until ON oauth_grants (kept_until);

CREATE TABLE oauth_refresh_tokens (
  digest bytea PRIMARY KEY,
  grant_digest bytea NOT NULL,
  generation bigint NOT NULL,
  record text NOT NULL,
  spent_at timestamptz,
  kept_until timestamptz NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX oauth_refresh_tokens_generation ON oauth_refresh_tokens (grant_digest, generation);
CREATE INDEX oauth_refresh_tokens_kept_until ON oauth_refresh_tokens (kept_until);

CREATE TABLE oauth_jtis (
  digest bytea PRIMARY KEY,
  kept_until timestamptz NOT NULL
);
CREATE INDEX oauth_jtis_kept_until ON oauth_jtis (kept_until);
`;
