-- Tables and rows as version 0.1 made them.
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
INSERT INTO oauth_codes (digest, record, spent_at, revoked_at, kept_until) VALUES ('\x1e19e7a309b7b25bafd45711d32f34bc0975005b9fdb6831733415902127e2f3', '{"clientId":"spa","redirectUri":"https://app.example/callback","codeChallenge":"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM","codeChallengeMethod":"S256","expiresAt":"date:2199-01-01T00:00:00.000Z","dpopJkt":null,"scope":"openid offline_access","userId":"a NUL \u0000 and half \ud83d","audience":null,"nonce":"text:text:date:nonce","device":"text:date:phone"}', NULL, NULL, '2199-01-02');
INSERT INTO oauth_codes (digest, record, spent_at, revoked_at, kept_until) VALUES ('\x5fb7c4654332c5b41ed05b2c4b8d59bb877e06b4e9029732c596458d64e07d6b', '{"clientId":"spa","redirectUri":"https://app.example/callback","codeChallenge":"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM","codeChallengeMethod":"S256","expiresAt":"date:2199-01-01T00:00:00.000Z","dpopJkt":null,"scope":"openid offline_access","userId":"bob","audience":null,"nonce":"text:text:date:nonce","device":"text:date:phone"}', now() - interval '2 seconds', now() - interval '2 seconds', '2199-01-02');
INSERT INTO oauth_codes (digest, record, spent_at, revoked_at, kept_until) VALUES ('\x7ef742bc3779da182843a705a0c131a4efcfc8adb14b432a4be2bdde2960cf22', '{"clientId":"spa","redirectUri":"https://app.example/callback","codeChallenge":"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM","codeChallengeMethod":"S256","expiresAt":"date:2199-01-01T00:00:00.000Z","dpopJkt":null,"scope":"openid offline_access","userId":"alice","audience":null,"nonce":"text:text:date:nonce","device":"text:date:phone"}', now() - interval '2 seconds', NULL, '2199-01-02');
INSERT INTO oauth_codes (digest, record, spent_at, revoked_at, kept_until) VALUES ('\x9b43b7d8a4c78df3ab9935aac232256f3ac6fc97be3853312b28964554f84202', '{"clientId":"spa","redirectUri":"https://app.example/callback","codeChallenge":"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM","codeChallengeMethod":"S256","expiresAt":"date:2199-01-01T00:00:00.000Z","dpopJkt":null,"scope":"openid offline_access","userId":"alice","audience":null,"nonce":"text:text:date:nonce","device":"text:date:phone"}', NULL, NULL, '2199-01-02');
INSERT INTO oauth_grants (digest, generation, revoked_at, kept_until) VALUES ('\x76f75e6129fe30135bd44d80ab7cc46fdba81907758dc808f3e2517beef2b1e9', 1, NULL, '2199-01-02');
INSERT INTO oauth_grants (digest, generation, revoked_at, kept_until) VALUES ('\x83a7f7ece722265ab62390d6dab8567b910361163905498ee17571e2b7dcc262', 2, NULL, '2199-01-02');
INSERT INTO oauth_grants (digest, generation, revoked_at, kept_until) VALUES ('\x990cb8ebd0afb7150da453a213036a92f2c05e091df0d803e62d257ea7796c27', 0, NULL, '2199-01-02');
INSERT INTO oauth_grants (digest, generation, revoked_at, kept_until) VALUES ('\xaf0039ba3d6d7ee57d63a5f1096e07c6c64991117093208a9135688daf3b325f', 0, now() - interval '2 seconds', '2199-01-02');
INSERT INTO oauth_grants (digest, generation, revoked_at, kept_until) VALUES ('\xc0d56348978522135e45da23d5192d551b1934d51d13ed1615045ae44be8bdbb', 0, now() - interval '2 seconds', '2199-01-02');
INSERT INTO oauth_grants (digest, generation, revoked_at, kept_until) VALUES ('\xdb65b120b36fd9dda72601556fe5656f27d99e90a00ffab5a050e229f52b1581', 0, NULL, '2199-01-02');
INSERT INTO oauth_refresh_tokens (digest, grant_digest, generation, record, spent_at, kept_until) VALUES ('\x08bcfe425885309a1faaddc83be63e683dd15f035c5af0e12c44796bcb572d64', '\xdb65b120b36fd9dda72601556fe5656f27d99e90a00ffab5a050e229f52b1581', 0, '{"clientId":"spa","scope":"openid offline_access","expiresAt":"date:2199-01-01T00:00:00.000Z","grantExpiresAt":"date:2199-01-01T00:00:00.000Z","dpopJkt":"a key","grantId":"6f1b7c1e-0000-4000-8000-000000000000","userId":"text:text:carol","audience":"https://api.example/","device":"text:date:phone"}', NULL, '2199-01-02');
INSERT INTO oauth_refresh_tokens (digest, grant_digest, generation, record, spent_at, kept_until) VALUES ('\x371dbe3de3a3552b621e0df30ab128ff574ee69aaa1955ee5c19390862bede50', '\x83a7f7ece722265ab62390d6dab8567b910361163905498ee17571e2b7dcc262', 2, '{"clientId":"spa","scope":"openid offline_access","expiresAt":"date:2199-01-01T00:00:00.000Z","grantExpiresAt":"date:2199-01-01T00:00:00.000Z","dpopJkt":"a key","grantId":"7ef742bc3779da182843a705a0c131a4efcfc8adb14b432a4be2bdde2960cf22","userId":"alice","audience":"https://api.example/","device":"text:date:phone"}', NULL, '2199-01-02');
INSERT INTO oauth_refresh_tokens (digest, grant_digest, generation, record, spent_at, kept_until) VALUES ('\x3968cfa1ef688016f135838a8bdd6a571455ac1fa93bd16316ad2a824d2fad7e', '\xc0d56348978522135e45da23d5192d551b1934d51d13ed1615045ae44be8bdbb', 0, '{"clientId":"spa","scope":"openid offline_access","expiresAt":"date:2199-01-01T00:00:00.000Z","grantExpiresAt":"date:2199-01-01T00:00:00.000Z","dpopJkt":"a key","grantId":"5fb7c4654332c5b41ed05b2c4b8d59bb877e06b4e9029732c596458d64e07d6b","userId":"bob","audience":"https://api.example/","device":"text:date:phone"}', NULL, '2199-01-02');
INSERT INTO oauth_refresh_tokens (digest, grant_digest, generation, record, spent_at, kept_until) VALUES ('\x40ddbeb4488f52eb3cb6c9a107b64c3dc90591554f2a7ec25857d950ac10077b', '\x990cb8ebd0afb7150da453a213036a92f2c05e091df0d803e62d257ea7796c27', 0, '{"clientId":"spa","scope":"openid offline_access","expiresAt":"date:2199-01-01T00:00:00.000Z","grantExpiresAt":"date:2199-01-01T00:00:00.000Z","dpopJkt":"a key","grantId":"odd","userId":"a NUL \u0000 and half \ud83d","audience":"https://api.example/","device":"text:date:phone"}', NULL, '2199-01-02');
INSERT INTO oauth_refresh_tokens (digest, grant_digest, generation, record, spent_at, kept_until) VALUES ('\x6f8c06db4e18e57d0779694f5219173e0894393eb6d09b5dfe8046c991928a90', '\x83a7f7ece722265ab62390d6dab8567b910361163905498ee17571e2b7dcc262', 2, '{"clientId":"spa","scope":"openid offline_access","expiresAt":"date:2199-01-01T00:00:00.000Z","grantExpiresAt":"date:2199-01-01T00:00:00.000Z","dpopJkt":"a key","grantId":"7ef742bc3779da182843a705a0c131a4efcfc8adb14b432a4be2bdde2960cf22","userId":"alice","audience":"https://api.example/","device":"text:date:phone"}', NULL, '2199-01-02');
INSERT INTO oauth_refresh_tokens (digest, grant_digest, generation, record, spent_at, kept_until) VALUES ('\x76a8083f8fa26d738d7fc8ceaeb85df8104ed914aa16a23f5ae14acf48c639cd', '\x76f75e6129fe30135bd44d80ab7cc46fdba81907758dc808f3e2517beef2b1e9', 0, '{"clientId":"spa","scope":"openid offline_access","expiresAt":"date:2199-01-01T00:00:00.000Z","grantExpiresAt":"date:2199-01-01T00:00:00.000Z","dpopJkt":"a key","grantId":"lost","userId":"dave","audience":"https://api.example/","device":"text:date:phone"}', now() - interval '2 seconds', '2199-01-02');
INSERT INTO oauth_refresh_tokens (digest, grant_digest, generation, record, spent_at, kept_until) VALUES ('\xd266df8b2f4f7533fc2c45878272fc9db8eea1d693d751f026de61c67b607d31', '\x83a7f7ece722265ab62390d6dab8567b910361163905498ee17571e2b7dcc262', 1, '{"clientId":"spa","scope":"openid offline_access","expiresAt":"date:2199-01-01T00:00:00.000Z","grantExpiresAt":"date:2199-01-01T00:00:00.000Z","dpopJkt":"a key","grantId":"7ef742bc3779da182843a705a0c131a4efcfc8adb14b432a4be2bdde2960cf22","userId":"alice","audience":"https://api.example/","device":"text:date:phone"}', now() - interval '2 seconds', '2199-01-02');
INSERT INTO oauth_refresh_tokens (digest, grant_digest, generation, record, spent_at, kept_until) VALUES ('\xe82ee6ac890fc8759eea2c7632919e2d898e9adbc14e3c69e9a35f6d19984548', '\x83a7f7ece722265ab62390d6dab8567b910361163905498ee17571e2b7dcc262', 0, '{"clientId":"spa","scope":"openid offline_access","expiresAt":"date:2199-01-01T00:00:00.000Z","grantExpiresAt":"date:2199-01-01T00:00:00.000Z","dpopJkt":"a key","grantId":"7ef742bc3779da182843a705a0c131a4efcfc8adb14b432a4be2bdde2960cf22","userId":"alice","audience":"https://api.example/","device":"text:date:phone"}', now() - interval '2 seconds', '2199-01-02');
INSERT INTO oauth_jtis (digest, kept_until) VALUES ('\x3842e19ae48a6837524f3539824573e8109283509931663f9416e4ad4a78b584', '2199-01-02');
