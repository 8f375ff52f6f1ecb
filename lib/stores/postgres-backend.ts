import { type Backend, type FoundCode, type FoundToken, SAVINGS, type Saving } from './backend';
import { digestOf } from './digest';
import { hasRow, type PostgresStoreOptions, parseNumber, parseRows, wrongColumn } from './postgres-query';
import * as statements from './postgres-statements';

/** Grants in PostgreSQL, for any number of nodes. Each step is one statement, and no statement is sent twice. */
export function createPostgresBackend({ query, prefix = '' }: PostgresStoreOptions): Backend {
  const findOne = async (text: string, values: unknown[], req: Parameters<typeof query>[2]) => {
    const [row] = parseRows(await query(text, values, req));
    return row as Record<string, unknown> | undefined;
  };
  const change = async (text: string, values: unknown[], req: Parameters<typeof query>[2]) => {
    parseRows(await query(text, values, req));
  };

  return {
    // Tenants share the tables. With the prefix in the digest, none finds what another has saved.
    digest: (secret) => digestOf(prefix === '' ? secret : `${prefix}\0${secret}`),

    async saveCode(grant, { text, user, lifetime, spentLifetime }, req) {
      // Kept as long as a spent code, so that spending updates the row in place and no index.
      return hasRow(await query(statements.SAVE_CODE, [grant, user, text, lifetime + spentLifetime], req));
    },

    async findCode(grant, req): Promise<FoundCode | null> {
      const row = await findOne(statements.FIND_CODE, [grant], req);
      if (!row) return null;
      return { text: String(row.code), spentFor: parseAge(row.spent_for), spentBy: row.spent_by as string | null };
    },

    async consumeCode(grant, spentBy, spentLifetime, req) {
      return hasRow(await query(statements.CONSUME_CODE, [grant, spentBy, spentLifetime], req));
    },

    async saveToken(token, { grant, presented, text, user, endsAt, lifetime, leeway }, req): Promise<Saving> {
      const values = [grant, token, text, endsAt, lifetime];
      const isSaved = presented
        ? [statements.SAVE_NEXT, [...values, presented.generation, presented.number, presented.kind, leeway]]
        : [statements.SAVE_FIRST, [...values, user]];
      if (hasRow(await query(...(isSaved as [string, unknown[]]), req))) return 'saved';
      const generation = presented ? presented.generation + 1 : 0;
      const row = await findOne(statements.EXPLAIN, [grant, token, generation], req);
      const saving = SAVINGS.find((each) => each === row?.saving);
      if (saving) return saving;
      throw wrongColumn('saving', row?.saving, `one of ${SAVINGS.join(', ')}`);
    },

    async findToken(digest, req): Promise<FoundToken | null> {
      const row = await findOne(statements.FIND_TOKEN, [digest], req);
      if (!row) return null;
      const numberIn = (column: string) => parseNumber(column, row[column]);
      return {
        place: {
          grant: String(row.grant),
          generation: numberIn('token_generation'),
          number: numberIn('number'),
        },
        text: String(row.record),
        endsAt: numberIn('ends_at'),
        rotation: {
          generation: numberIn('generation'),
          floor: numberIn('floor'),
          late: numberIn('late'),
          spentFor: parseAge(row.spent_for),
          spender: numberIn('spender'),
          spentFloor: numberIn('spent_floor'),
          sibling: numberIn('sibling'),
          run: numberIn('run'),
        },
      };
    },

    async consumeToken({ grant, generation, number }, req) {
      return hasRow(await query(statements.CONSUME, [grant, generation, number], req));
    },

    extendToken: ({ grant, generation, number }, endsAt, req) =>
      change(statements.EXTEND, [grant, generation, number, endsAt], req),

    async findGrant(grant, req) {
      const row = await findOne(statements.FIND_GRANT, [grant], req);
      if (!row) return null;
      if (typeof row.is_revoked === 'boolean') return { isRevoked: row.is_revoked };
      throw wrongColumn('is_revoked', row.is_revoked, 'true or false');
    },

    revoke: (grant, lifetime, req) => change(statements.REVOKE, [grant, lifetime], req),

    revokeUser: (user, lifetime, req) => change(statements.REVOKE_USER, [user, lifetime], req),
  };
}

function parseAge(value: unknown): number | null {
  return value === null ? null : parseNumber('spent_for', value);
}
