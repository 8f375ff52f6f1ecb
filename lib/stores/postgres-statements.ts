import { LATE_MS, MAX_LATE, MAX_SIBLINGS, MAX_TOKENS } from './rotation';

// A grant is one row, and each step is one statement that locks it, so it writes exactly what it has read.

const DIGEST = "decode($1, 'hex')";
const after = (parameter: string) => `now() + ${parameter}::float8 * interval '1 millisecond'`;
const since = (column: string) => `(extract(epoch FROM clock_timestamp() - ${column}) * 1000)::float8`;

export const SAVE_CODE = `
INSERT INTO oauth_grants AS g (digest, user_digest, code, kept_until)
VALUES (${DIGEST}, decode($2, 'hex'), $3, ${after('$4')})
ON CONFLICT (digest) DO UPDATE SET code = excluded.code, user_digest = excluded.user_digest,
  kept_until = greatest(g.kept_until, excluded.kept_until)
WHERE g.code IS NULL RETURNING 1`;

export const FIND_CODE = `
SELECT code, ${since('spent_at')} AS spent_for, spent_by FROM oauth_grants
WHERE digest = ${DIGEST} AND code IS NOT NULL`;

export const CONSUME_CODE = `
UPDATE oauth_grants SET spent_at = clock_timestamp(), spent_by = $2, kept_until = greatest(kept_until, ${after('$3')})
WHERE digest = ${DIGEST} AND code IS NOT NULL AND spent_at IS NULL AND revoked_at IS NULL RETURNING 1`;

export const REVOKE = `
INSERT INTO oauth_grants AS g (digest, revoked_at, kept_until) VALUES (${DIGEST}, now(), ${after('$2')})
ON CONFLICT (digest) DO UPDATE SET revoked_at = coalesce(g.revoked_at, excluded.revoked_at),
  kept_until = greatest(g.kept_until, excluded.kept_until)`;

export const REVOKE_USER = `
UPDATE oauth_grants SET revoked_at = now(), kept_until = greatest(kept_until, ${after('$2')})
WHERE user_digest = ${DIGEST} AND revoked_at IS NULL`;

export const FIND_GRANT = `SELECT revoked_at IS NOT NULL AS is_revoked FROM oauth_grants WHERE digest = ${DIGEST}`;

const SAVE = (joined: string) => `
WITH joined AS (${joined}
  RETURNING generation, issued - 1 AS number
)
INSERT INTO oauth_refresh_tokens (digest, grant_digest, generation, number, kept_until)
SELECT decode($2, 'hex'), ${DIGEST}, generation, number, ${after('$5')} FROM joined
ON CONFLICT DO NOTHING RETURNING 1`;

/** $1 grant, $2 token, $3 record, $4 idle end, $5 lifetime, $6 user. */
export const SAVE_FIRST = SAVE(`
  INSERT INTO oauth_grants AS g (digest, record, ends_at, issued, user_digest, kept_until)
  VALUES (${DIGEST}, $3, $4::bigint, 1, decode($6, 'hex'), ${after('$5')})
  ON CONFLICT (digest) DO UPDATE SET record = excluded.record, ends_at = excluded.ends_at, issued = g.issued + 1,
    user_digest = coalesce(g.user_digest, excluded.user_digest), kept_until = greatest(g.kept_until, excluded.kept_until)
  WHERE g.revoked_at IS NULL AND g.generation = 0 AND g.issued < ${MAX_TOKENS}`);

const AGE = since('rotated_at');
const IS_SPENDER = '$7::int = spender';
const IS_LATE = `(${IS_SPENDER} AND issued > 0 AND $8::text = 'late')`;

/** $1 to $5 as before; $6 the generation of the token that it replaces, $7 its number, $8 its kind, $9 the leeway. */
export const SAVE_NEXT = SAVE(`
  UPDATE oauth_grants SET record = $3, ends_at = $4::bigint, issued = issued + 1,
    kept_until = greatest(kept_until, ${after('$5')}),
    late = late + CASE WHEN ${IS_LATE} THEN 1 ELSE 0 END,
    floor = CASE WHEN ${IS_LATE} THEN issued ELSE floor END,
    run = CASE WHEN ${IS_SPENDER} OR sibling = $6::int THEN run WHEN sibling = $6::int - 1 THEN run + 1 ELSE 1 END,
    sibling = CASE WHEN ${IS_SPENDER} THEN sibling ELSE $6::int END
  WHERE digest = ${DIGEST} AND revoked_at IS NULL AND generation = $6::int + 1 AND issued < ${MAX_TOKENS}
    AND CASE
      WHEN NOT ${IS_SPENDER} THEN $7::int >= spent_floor AND ($8::text = 'sibling' OR ${AGE} < $9::float8)
        AND (sibling <> $6::int - 1 OR run < ${MAX_SIBLINGS})
      WHEN ${IS_LATE} THEN ${AGE} < ${LATE_MS} AND late < ${MAX_LATE}
      ELSE issued = 0 OR $8::text = 'at_once' OR ${AGE} < $9::float8
    END`);

/** Why nothing was saved. $1 grant, $2 token, $3 the generation that it would have joined. */
export const EXPLAIN = `
SELECT CASE
  WHEN EXISTS (SELECT 1 FROM oauth_refresh_tokens WHERE digest = decode($2, 'hex')) THEN 'known'
  WHEN g.revoked_at IS NOT NULL THEN 'revoked'
  WHEN g.record IS NULL THEN 'unknown'
  WHEN $3::int > g.generation THEN 'unspent'
  WHEN $3::int = g.generation AND (g.issued >= ${MAX_TOKENS} OR g.late >= ${MAX_LATE}) THEN 'too_often'
  ELSE 'overtaken'
END AS saving
FROM (SELECT ${DIGEST} AS digest) this LEFT JOIN oauth_grants g USING (digest)`;

export const FIND_TOKEN = `
SELECT encode(t.grant_digest, 'hex') AS grant, t.generation AS token_generation, t.number, g.record, g.ends_at::float8 AS ends_at,
  g.generation, g.floor, g.late, ${since('g.rotated_at')} AS spent_for, g.spender, g.spent_floor, g.sibling, g.run
FROM oauth_refresh_tokens t JOIN oauth_grants g ON g.digest = t.grant_digest
WHERE t.digest = ${DIGEST} AND g.revoked_at IS NULL AND g.record IS NOT NULL`;

const LIVES = `digest = ${DIGEST} AND generation = $2::int AND floor <= $3::int AND revoked_at IS NULL AND record IS NOT NULL`;

export const CONSUME = `
UPDATE oauth_grants SET generation = generation + 1, issued = 0, floor = 0, late = 0, rotated_at = clock_timestamp(),
  spender = $3::int, spent_floor = floor
WHERE ${LIVES} RETURNING 1`;

export const EXTEND = `UPDATE oauth_grants SET ends_at = $4::bigint WHERE ${LIVES}`;
