-- What drizzle-kit makes of examples/adapters/drizzle-schema.js, and a table of the host's that it refers to.
CREATE TABLE users (id text PRIMARY KEY);
CREATE TABLE oauth_grants (
  id text PRIMARY KEY,
  user_id text NOT NULL REFERENCES users ON DELETE CASCADE,
  generation integer NOT NULL DEFAULT 0,
  rotated_at timestamp with time zone,
  revoked_at timestamp with time zone,
  kept_until timestamp with time zone NOT NULL
);
CREATE TABLE oauth_codes (
  digest text PRIMARY KEY,
  grant_id text NOT NULL REFERENCES oauth_grants ON DELETE CASCADE,
  client_id text NOT NULL,
  scope text,
  dpop_jkt text,
  resources text[],
  expires_at timestamp with time zone NOT NULL,
  redirect_uri text,
  code_challenge text,
  code_challenge_method text,
  spent_at timestamp with time zone,
  spent_by text
);
CREATE TABLE oauth_refresh_tokens (
  digest text PRIMARY KEY,
  grant_id text NOT NULL REFERENCES oauth_grants ON DELETE CASCADE,
  client_id text NOT NULL,
  scope text,
  dpop_jkt text,
  resources text[],
  expires_at timestamp with time zone NOT NULL,
  generation integer NOT NULL
);
