import type { DpopJti } from '../types';
import { digestOf } from './digest';
import { checkNames } from './options';
import { checkPostgresOptions, createPurge, hasRow, type PostgresStoreOptions } from './postgres-query';
import { lifetimeUntil } from './record';

const CONSUME = `
INSERT INTO oauth_jtis (digest, kept_until)
VALUES (decode($1, 'hex'), now() + $2::float8 * interval '1 millisecond')
ON CONFLICT DO NOTHING RETURNING 1`;

/**
 * The `jti`s of DPoP proofs in PostgreSQL (RFC 9449 §11.1), for any number of nodes: one `INSERT` per proof. Never part
 * of a transaction of the host, because a proof stays used even if the request fails. @throws TypeError that names the
 * option that is wrong.
 */
export function postgresJtis(options: PostgresStoreOptions) {
  checkPostgresOptions('postgresJtis', options);
  checkNames('postgresJtis', options, ['query', 'prefix']);
  const { query, prefix = '' } = options;
  const keyOf = (jkt: string, jti: string) => JSON.stringify(prefix === '' ? [jkt, jti] : [prefix, jkt, jti]);

  return {
    /** Returns `true` for the first use of this `jti` with this key, `false` for all others until `expiresAt`. */
    async consumeJti({ jti, jkt, expiresAt }: DpopJti): Promise<boolean> {
      return hasRow(await query(CONSUME, [digestOf(keyOf(jkt, jti)), lifetimeUntil(expiresAt)]));
    },

    /** Deletes expired rows, in batches. Returns how many. Run it regularly, on any node. */
    purge: createPurge('oauth_jtis', query),
  };
}
