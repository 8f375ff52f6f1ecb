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
 * The `jti`s of DPoP proofs in PostgreSQL (RFC 9449 §11.1), for as many nodes as there are: one `INSERT` a proof. It is
 * never part of a transaction of the host's, for a proof stays used whatever becomes of the request.
 */
export function postgresJtis(options: PostgresStoreOptions) {
  checkPostgresOptions('postgresJtis', options);
  checkNames('postgresJtis', options, ['query', 'prefix']);
  const { query, prefix = '' } = options;
  const keyOf = (jkt: string, jti: string) => JSON.stringify(prefix === '' ? [jkt, jti] : [prefix, jkt, jti]);

  return {
    /** `true` for the first use of this `jti` with this key, `false` for every other until `expiresAt`. */
    async consumeJti({ jti, jkt, expiresAt }: DpopJti): Promise<boolean> {
      return hasRow(await query(CONSUME, [digestOf(keyOf(jkt, jti)), lifetimeUntil(expiresAt)]));
    },

    /** Removes what nobody needs any more, a batch at a time. Run it now and then, on any node. */
    purge: createPurge('oauth_jtis', query),
  };
}
