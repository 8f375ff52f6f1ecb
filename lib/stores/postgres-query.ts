import type { Request } from 'express';
import type { Awaitable } from '../types';

/**
 * Runs one statement with its values: `(text, values) => pool.query(text, values)` with `pg`, `db.query` with PGlite.
 * The request comes along, so that a host can choose the transaction.
 */
export type Query = (text: string, values: unknown[], req?: Request) => Awaitable<{ rows: readonly unknown[] }>;

/** What every store on PostgreSQL is made of. */
export interface PostgresStoreOptions {
  query: Query;
}

export function checkPostgresOptions(name: string, { query }: PostgresStoreOptions): void {
  if (typeof query === 'function') return;
  throw new TypeError(`${name}: query must be a function: (text, values) => pool.query(text, values)`);
}

/** Whether the statement found its row. A query that brings no rows at all is a fault of the host's. */
export function hasRow({ rows }: { rows: readonly unknown[] }): boolean {
  return rows.length > 0;
}

const PURGE_BATCH = 10_000;

/** Removes rows whose time is over, found by their index. Batches keep each lock short; nodes do not wait for each other. */
export function createPurge(table: string, query: Query): () => Promise<number> {
  const text = `
DELETE FROM ${table} WHERE digest IN (
  SELECT digest FROM ${table} WHERE kept_until <= now() LIMIT ${PURGE_BATCH} FOR UPDATE SKIP LOCKED
) RETURNING 1`;

  return async function purge() {
    let removed = 0;
    for (;;) {
      const { rows } = await query(text, []);
      removed += rows.length;
      if (rows.length < PURGE_BATCH) return removed;
    }
  };
}
