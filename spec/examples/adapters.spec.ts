import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express, { type Express } from 'express';
import knex, { type Knex } from 'knex';
import request from 'supertest';
import { knexStore } from '../../examples/adapters/knex';
import { down, up } from '../../examples/adapters/knex-migration';
import { sqliteSchema, sqliteStore } from '../../examples/adapters/sqlite';
import { sqliteJtis, sqliteJtisSchema } from '../../examples/adapters/sqlite-jtis';
import { createTokenRouter } from '../../lib';
import { memoryStore } from '../../lib/stores/memory';
import { codeStoreConformance, jtiStoreConformance, refreshTokenStoreConformance } from '../../lib/testing';
import { createTokenIssuer } from '../../lib/tokens';
import { describeWith, startMariadb, type TestServer } from '../support/servers';
import { runSuite } from '../testing/model-stores';
import { holdStore } from './adapters/holds';
import { type Database, openDatabase } from './adapters/sqlite';

const root = join(__dirname, '../..');
const runner = { describe, test };

const postTo =
  (app: Express, clientId = 'spa') =>
  (form: object) =>
    request(app)
      .post('/oauth/token')
      .type('form')
      .send({ client_id: clientId, ...form });

/** The blocks of code of a page, each with the section that it stands in. */
function blocksOf(page: string): { section: string; language: string; text: string }[] {
  const sections = readFileSync(join(root, page), 'utf8').split(/^## /m);
  return sections.flatMap((section) =>
    Array.from(section.matchAll(/^```(\w+)[^\n]*\n(.*?)^```$/gms), ([, language, text]) => ({
      section: String(section.split('\n')[0]),
      language: String(language),
      text: String(text),
    })),
  );
}

describe('SQLite, by node:sqlite', () => {
  let folder: string;
  let bytes: Uint8Array | undefined;
  let db: Database & { save(): Uint8Array | undefined };
  const path = () => join(folder, 'codes.db');
  const open = async () => {
    db = await openDatabase(path(), () => bytes);
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'token-router-sqlite-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  holdStore(runner, {
    createBench: async () => {
      rmSync(path(), { force: true });
      bytes = undefined;
      await open();
      db.exec(sqliteSchema);
      return {
        stores: [sqliteStore(db)],
        // The file as it is on disk.
        dump: () => Buffer.from(db.save() ?? readFileSync(path())).toString('latin1'),
        async restart() {
          bytes = db.save();
          db.close();
          await open();
          return [sqliteStore(db)];
        },
        close: () => db.close(),
      };
    },
    createStore: (options) => sqliteStore(db, options),
  });

  describe('the jti of proofs', () => {
    const createBench = async () => {
      rmSync(path(), { force: true });
      bytes = undefined;
      await open();
      db.exec(sqliteJtisSchema);
      return {
        stores: [sqliteJtis(db)] as const,
        async restart() {
          bytes = db.save();
          db.close();
          await open();
          return [sqliteJtis(db)] as const;
        },
        close: () => db.close(),
      };
    };
    jtiStoreConformance(test, createBench);

    test('purge removes those that cannot come again, and no others', async () => {
      const { stores, close } = await createBench();
      const [{ consumeJti, purge }] = stores;
      const jti = (name: string, age: number) => ({ jkt: 'a', jti: name, expiresAt: new Date(Date.now() - age) });
      consumeJti(jti('over', 61_000));
      consumeJti(jti('may come', 59_000));
      expect([purge(), consumeJti(jti('over', 0)), consumeJti(jti('may come', 0))]).toEqual([1, true, false]);
      close();
    });
  });

  describe('docs/guides/adapters.md, to start with', () => {
    /** The code of a block, as the body of a function that takes what the block imports. */
    const bodyOf = (mark: string) => {
      const ofStart = blocksOf('docs/guides/adapters.md').filter(({ section, language }) => {
        return section === 'Start' && language === 'js';
      });
      const [block, ...more] = ofStart.filter(({ text }) => text.includes(mark));
      expect(more).toEqual([]);
      return String(block?.text).replace(/^import .*$/gm, '');
    };
    const run = (body: string, given: object) => new Function(...Object.keys(given), body)(...Object.values(given));

    test('has a server that issues, refreshes, and ends the login at a reuse', async () => {
      rmSync(path(), { force: true });
      bytes = undefined;
      await open();
      const app = express();
      const listen = jest.fn();
      run(bodyOf('createTokenIssuer('), {
        createTokenIssuer,
        createTokenRouter,
        generateKeyPairSync,
        sqliteSchema,
        sqliteStore,
        DatabaseSync: jest.fn(() => db),
        express: () => Object.assign(app, { listen }),
      });
      expect(listen).toHaveBeenCalledWith(3000, expect.any(Function));

      const post = postTo(app, 'my-app');
      // What the guide sends with curl.
      const codeVerifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
      const first = await post({ grant_type: 'authorization_code', code: 'a-code', code_verifier: codeVerifier });
      const second = await post({ grant_type: 'refresh_token', refresh_token: first.body.refresh_token });
      expect([first.status, second.status]).toEqual([200, 200]);
      const third = await post({ grant_type: 'refresh_token', refresh_token: second.body.refresh_token });
      const reused = await post({ grant_type: 'refresh_token', refresh_token: first.body.refresh_token });
      const after = await post({ grant_type: 'refresh_token', refresh_token: third.body.refresh_token });
      expect([third.status, reused.status, after.status]).toEqual([200, 400, 400]);
      db.close();
    });

    test('has suites that the adapter passes', async () => {
      const empty = await Promise.all(Array.from({ length: 100 }, () => openDatabase(':memory:', () => undefined)));
      const { broken, passed } = await runSuite((test) =>
        run(bodyOf('codeStoreConformance('), {
          codeStoreConformance,
          refreshTokenStoreConformance,
          sqliteSchema,
          sqliteStore,
          DatabaseSync: jest.fn(() => empty.pop()),
          // The two suites have rules of the same name.
          test: (name: string, body: () => Promise<void>) => test(`${empty.length} ${name}`, body),
        }),
      );
      // The four that the guide announces. node:test skips them.
      const skipped = [...broken.values()].filter(({ message }) => /^This rule needs (?:dump|restart)/.test(message));
      expect([broken.size, skipped.length]).toEqual([4, 4]);
      expect(passed).toBeGreaterThan(40);
      for (const left of empty) left.close();
    });
  });
});

describeWith('mariadbd', 'MariaDB, by Knex', () => {
  let server: TestServer;
  const open: Knex[] = [];
  const connect = () => {
    const { port } = server;
    const made = knex({
      client: 'mysql2',
      connection: { host: '127.0.0.1', port, user: 'root', database: 'test' },
      pool: { min: 0, max: 5 },
    });
    open.push(made);
    return made;
  };
  const closeAll = async () => {
    await Promise.all(open.splice(0).map((each) => each.destroy()));
  };

  beforeAll(async () => {
    server = await startMariadb();
    const db = connect();
    await db.schema.createTable('users', (table) => void table.string('id', 191).primary());
    await db('users').insert({ id: 'u1' });
    await up(db);
  }, 120_000);
  afterAll(async () => {
    await down(connect());
    await closeAll();
    await server.stop();
  }, 120_000);

  holdStore(runner, {
    createBench: async () => {
      const db = connect();
      await db('oauth_grants').delete();
      return {
        stores: [knexStore(db), knexStore(connect()), knexStore(connect())],
        async dump() {
          const tables = ['oauth_grants', 'oauth_codes', 'oauth_refresh_tokens'];
          return JSON.stringify(await Promise.all(tables.map((table) => db(table).select())));
        },
        async restart() {
          await server.kill();
          await server.restart();
          return [knexStore(connect())];
        },
        close: closeAll,
      };
    },
    createStore: (options) => knexStore(connect(), options),
    options: { record: { userId: 'u1' } },
  });
});

describe('PostgreSQL, by Drizzle on PGlite', () => {
  // PGlite does not run inside jest.
  test('holds all of it, in a process of its own', async () => {
    const args = ['--test', '--test-reporter=tap', 'spec/examples/adapters/drizzle.mjs'];
    const env = { ...process.env, NODE_OPTIONS: '' };
    const said = await new Promise<string>((resolve) => {
      execFile(process.execPath, args, { cwd: root, env }, (_error, stdout, stderr) => resolve(`${stdout}${stderr}`));
    });
    const [passed, failed, skipped] = ['pass', 'fail', 'skipped'].map((word) =>
      Number(new RegExp(`^# ${word} (\\d+)$`, 'm').exec(said)?.[1]),
    );
    // The two rules of a restart: what is in memory has none.
    expect({ passed, failed, skipped, said: failed === 0 ? '' : said }).toEqual({
      passed: 68,
      failed: 0,
      skipped: 2,
      said: '',
    });
  }, 300_000);
});

describe('docs/guides/adapters.md', () => {
  const flat = (text: string) => text.replace(/\s+/g, '');
  const blocks = blocksOf('docs/guides/adapters.md');
  const folder = join(root, 'examples/adapters');
  const adapters = readdirSync(folder).map((file) => flat(readFileSync(join(folder, file), 'utf8')));
  const NOT_RUN = ['MongoDB', 'Prisma'];

  it('shows the adapters as they are: every block but those to start with, the call of the suites and two recipes', () => {
    // The same code in TypeScript stands below some of them.
    const ofJavaScript = blocks.filter(({ language }) => language === 'js');
    const others = ofJavaScript.filter(({ text }) => !adapters.some((adapter) => adapter.includes(flat(text))));
    expect(others.map(({ section }) => section)).toEqual(['Start', 'Start', 'Run the suites', ...NOT_RUN]);
    expect(ofJavaScript.length).toBeGreaterThanOrEqual(14);
  });

  it.each(NOT_RUN)('says of the recipe for %s that it is not run', (name) => {
    const guide = readFileSync(join(root, 'docs/guides/adapters.md'), 'utf8');
    expect(guide).toMatch(new RegExp(`^## ${name}\\n\\n\\*\\*Not run by our CI`, 'm'));
  });

  it('calls the suites in a way that works', async () => {
    const snippet = blocks
      .find(({ section, language }) => section === 'Run the suites' && language === 'js')
      ?.text.replace(/^import .*$/gm, '');
    const { broken, passed } = await runSuite((runnersTest) => {
      const store = memoryStore();
      const given = {
        codeStoreConformance,
        refreshTokenStoreConformance,
        test: (name: string, body: () => Promise<void>) => runnersTest(`${passedTo(name)}`, body),
        knexStore: () => store,
        emptyTheTables: async () => undefined,
        readAllRows: async () => ['all rows'],
        restartTheServer: async () => undefined,
        closeConnections: async () => undefined,
        one: {},
        another: {},
      };
      let count = 0;
      function passedTo(name: string) {
        count += 1;
        return `${count} ${name}`;
      }
      new Function(...Object.keys(given), String(snippet))(...Object.values(given));
    });
    expect([passed, [...broken]]).toEqual([62, []]);
  });

  it('has its adapters in files of fewer than 120 lines', () => {
    const lengths = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8').split('\n').length);
    expect(lengths.filter((length) => length >= 120)).toEqual([]);
  });
});
