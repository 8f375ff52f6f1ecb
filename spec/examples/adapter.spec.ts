import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import express from 'express';
import initSqlJs from 'sql.js';
import request from 'supertest';
import { sqliteCodes, sqliteSchema } from '../../examples/adapter/sqlite-codes';
import { createTokenRouter } from '../../lib';
import { codeStoreConformance, createCode, createCodeRecord, createPkcePair } from '../../lib/testing';

type Value = string | number;
type Row = Record<string, Value | null>;

/** A file of this repository, without the blanks that its place in the file brings. */
const readFlat = (path: string) => readFileSync(join(__dirname, '../..', path), 'utf8').replace(/\s+/g, ' ');

/** SQLite as WebAssembly, by the function that the adapter asks for. */
async function openDatabase(bytes?: Uint8Array) {
  const { Database } = await initSqlJs();
  const db = new Database(bytes);
  if (!bytes) db.run(sqliteSchema);
  const query = (text: string, values: Value[]): Row[] => {
    const statement = db.prepare(text);
    try {
      // `all` of better-sqlite3 refuses a statement that brings no rows.
      expect(statement.getColumnNames()).not.toEqual([]);
      statement.bind(values);
      const rows: Row[] = [];
      while (statement.step()) rows.push(statement.getAsObject());
      return rows;
    } finally {
      statement.free();
    }
  };
  return { db, query };
}

describe('sqliteCodes', () => {
  codeStoreConformance(test, async () => {
    let { db, query } = await openDatabase();
    return {
      stores: [sqliteCodes({ query })],
      // The file as it would be on disk.
      dump: () => Buffer.from(db.export()).toString('latin1'),
      async restart() {
        const bytes = db.export();
        db.close();
        ({ db, query } = await openDatabase(bytes));
        return [sqliteCodes({ query })];
      },
      close: async () => db.close(),
    };
  });

  test('a grant is live until it is revoked, and one that is not known is dead', async () => {
    const { query } = await openDatabase();
    const { saveCode, findCode, revokeTokens, isRevoked } = sqliteCodes({ query });
    await saveCode('a code', createCodeRecord());
    const found = await findCode('a code');
    await expect(isRevoked(found.grantId)).resolves.toBe(false);
    await revokeTokens(found);
    await expect(isRevoked(found.grantId)).resolves.toBe(true);
    await expect(isRevoked('unknown')).resolves.toBe(true);
  });

  test('purge removes what is over, and a revoked grant outlives its code', async () => {
    const { query } = await openDatabase();
    const over = sqliteCodes({ query, spentLifetime: -60_000 });
    const { findCode, revokeTokens, purge } = sqliteCodes({ query });
    for (const code of ['forgotten', 'revoked']) await over.saveCode(code, createCodeRecord({ expiresAt: new Date() }));
    await revokeTokens(await findCode('revoked'));
    await expect(purge()).resolves.toBe(1);
    expect([await findCode('forgotten'), (await findCode('revoked'))?.clientId]).toEqual([null, 'spa']);
  });

  test('what is revoked again keeps its row as it is', async () => {
    const { query } = await openDatabase();
    const { saveCode, findCode, revokeTokens } = sqliteCodes({ query });
    await saveCode('a code', createCodeRecord());
    const found = await findCode('a code');
    await revokeTokens(found);
    const before = query('SELECT * FROM oauth_codes', []);
    await sleep(10);
    await sqliteCodes({ query, spentLifetime: 1 }).revokeTokens(found);
    expect(query('SELECT * FROM oauth_codes', [])).toEqual(before);
  });

  test('behind the router a code works once, its replay revokes the grant, and each step is one statement', async () => {
    const { query } = await openDatabase();
    const sent: string[] = [];
    const { saveCode, findCode, consumeCode, revokeTokens, isRevoked } = sqliteCodes({
      query: (text, values) => {
        sent.push(String(text.trim().split(/\s/)[0]));
        return query(text, values);
      },
    });
    const issueTokens = () => ({ access_token: 'an access token', expires_in: 60 });
    const app = express().use(createTokenRouter({ findCode, consumeCode, revokeTokens, issueTokens }));
    const { codeVerifier, ...challenge } = createPkcePair();
    const code = createCode();
    await saveCode(code, createCodeRecord(challenge));
    const form = { grant_type: 'authorization_code', client_id: 'spa', code, code_verifier: codeVerifier };
    const redeem = () =>
      request(app)
        .post('/oauth/token')
        .type('form')
        .send({ ...form, redirect_uri: 'https://app.example/callback' });

    sent.length = 0;
    expect((await redeem()).status).toBe(200);
    expect(sent.splice(0)).toEqual(['SELECT', 'UPDATE']);
    expect((await redeem()).body.error).toBe('invalid_grant');
    expect(sent.splice(0)).toEqual(['SELECT', 'UPDATE', 'UPDATE']);
    await expect(isRevoked((await findCode(code)).grantId)).resolves.toBe(true);
  });
});

describe('docs/guides/adapters.md', () => {
  const guide = readFileSync(join(__dirname, '../../docs/guides/adapters.md'), 'utf8');
  const blocks = [...guide.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, text]) => ({
    language,
    text: String(text).replace(/\s+/g, ' ').trim(),
  }));

  it('walks through the adapter as it is', () => {
    const adapter = readFlat('examples/adapter/sqlite-codes.js');
    const shown = blocks.filter(({ language, text }) => language === 'js' && adapter.includes(text.slice(0, 20)));
    expect(shown.length).toBeGreaterThanOrEqual(7);
    for (const { text } of shown) expect(adapter).toContain(text);
  });

  it('has the recipe for a transaction that the specs of PostgreSQL hold', () => {
    const recipe = blocks.find(({ language }) => language === 'ts')?.text;
    expect(readFlat('spec/stores/postgres.spec.ts')).toContain(`from here: ${recipe} // to here.`);
  });
});
