import type { Request } from 'express';
import { describeMistake } from '../mistakes';
import { adviseOnAdapter, isAdapter } from '../options/adapters';
import { describeKind } from '../received';
import type { Awaitable } from '../types';

/**
 * Runs one statement with its values: `(text, values) => pool.query(text, values)` with `pg`, `db.query` with PGlite.
 * It also gets the request, so that you can choose the transaction.
 */
export type Query = (text: string, values: unknown[], req?: Request) => Awaitable<{ rows: readonly unknown[] }>;

/** The options of every store on PostgreSQL. */
export interface PostgresStoreOptions {
  query: Query;
  /** Separates tenants that share the tables. @default '' */
  prefix?: string | undefined;
}

export function checkPostgresOptions(name: string, options: PostgresStoreOptions): void {
  const { query, prefix = '' } = Object(options) as PostgresStoreOptions;
  if (!isAdapter(query)) {
    const advice = adviseOnAdapter('query', query, '(text, values) => pool.query(text, values)');
    throw new TypeError(`${name}: ${describeMistake(['query'], query, advice, { isSecret: true })}`);
  }
  if (typeof prefix === 'string') return;
  throw new TypeError(`${name}: ${describeMistake(['prefix'], prefix, 'Write a string.')}`);
}

/** Returns the rows of a result. A result without rows is a fault of the host, and never means false. */
export function parseRows(result: unknown): readonly unknown[] {
  const { rows } = Object(result) as { rows?: unknown };
  if (Array.isArray(rows)) return rows;
  throw new TypeError(`query returned ${describeKind(result)}; it must return { rows }, as pg and PGlite do`);
}

/** Whether the statement found its row. */
export function hasRow(result: unknown): boolean {
  return parseRows(result).length > 0;
}

/** Parses a number of a row. Some drivers return numbers as strings. */
export function parseNumber(name: string, value: unknown): number {
  const number = typeof value === 'string' ? Number.parseFloat(value) : value;
  if (Number.isFinite(number)) return Number(number);
  throw wrongColumn(name, value, 'a number');
}

/** The fault of a `query` that returns a row with a wrong column. Names only the kind of its value. */
export function wrongColumn(name: string, value: unknown, wanted: string): TypeError {
  return new TypeError(`query returned a row whose ${name} is ${describeKind(value)}; it must be ${wanted}`);
}

const PURGE_BATCH = 10_000;

/** Deletes expired rows, by an index. Batches keep each lock short, and nodes do not wait for each other. */
export function createPurge(table: string, query: Query): () => Promise<number> {
  const text = `
DELETE FROM ${table} WHERE digest IN (
  SELECT digest FROM ${table} WHERE kept_until <= now() LIMIT ${PURGE_BATCH} FOR UPDATE SKIP LOCKED
) RETURNING 1`;

  return async function purge() {
    let removed = 0;
    for (;;) {
      const { length } = parseRows(await query(text, []));
      removed += length;
      if (length < PURGE_BATCH) return removed;
    }
  };
}

/** The same for several tables, one after another. */
export function createPurges(tables: readonly string[], query: Query): () => Promise<number> {
  const purges = tables.map((table) => createPurge(table, query));

  return async function purge() {
    let removed = 0;
    for (const each of purges) removed += await each();
    return removed;
  };
}
