import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { finished } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import express, { type Express, type Request, type Response } from 'express';
import { Pool, type PoolClient } from 'pg';
import request from 'supertest';
import { type AuthorizationCode, createTokenRouter, type IssuedTokens } from '../../lib';
import {
  postgresCodes,
  postgresJtis,
  postgresRefreshTokens,
  postgresStore,
  type Query,
} from '../../lib/stores/postgres';
import { createCode, createCodeRecord, createPkcePair, createRefreshTokenRecord } from '../../lib/testing';
import { describeWith, startPostgres, type TestServer } from '../support/servers';
import { emptyTables, migrate } from './backends';

const never: Query = () => {
  throw new Error('never sent');
};

test.each<[unknown, string]>([
  [undefined, 'undefined'],
  [null, 'null'],
  [{}, 'an empty object'],
  ['SELECT 1', 'a string of 8 characters'],
])('A query that is %p is refused at construction', (query, received) => {
  const message = `query is ${received}. Write a function: (text, values) => pool.query(text, values).`;
  expect(() => postgresCodes({ query } as never)).toThrow(new TypeError(`postgresCodes: ${message}`));
  expect(() => postgresJtis({ query } as never)).toThrow(new TypeError(`postgresJtis: ${message}`));
  expect(() => postgresRefreshTokens({ query } as never)).toThrow(new TypeError(`postgresRefreshTokens: ${message}`));
});

test('A wrong lifetime is refused at construction', () => {
  expect(() => postgresCodes({ query: never, spentLifetime: -1 })).toThrow(
    new TypeError('postgresCodes: spentLifetime is -1. Write milliseconds, a whole number from 1 to 100000000000000.'),
  );
  expect(() => postgresRefreshTokens({ query: never, revokedLifetime: 0 })).toThrow(
    new TypeError(
      'postgresRefreshTokens: revokedLifetime is 0. Write milliseconds, a whole number from 1 to 100000000000000.',
    ),
  );
});

test.each([undefined, null, {}, { rowCount: 1 }, [], { rows: undefined }])(
  'A result that is %p is a fault, never a yes or a no',
  async (result) => {
    const query = () => result as never;
    const { saveCode, findCode, consumeCode, isRevoked, purge } = postgresCodes({ query });
    const tokens = postgresRefreshTokens({ query });
    const TOKEN_ID = `${'0'.repeat(64)}.0.0.live`;
    const jti = { jti: 'a jti', jkt: 'a key', expiresAt: new Date() };
    for (const call of [
      () => saveCode('a code', createCodeRecord()),
      () => findCode('a code'),
      () => consumeCode({ grantId: '00' }),
      () => isRevoked('00'),
      () => purge(),
      () => postgresJtis({ query }).consumeJti(jti),
      () => tokens.saveRefreshToken('a token', createRefreshTokenRecord()),
      () => tokens.findRefreshToken('a token'),
      () => tokens.consumeRefreshToken({ tokenId: TOKEN_ID }),
      () => tokens.extendRefreshToken({ tokenId: TOKEN_ID }, new Date()),
      () => postgresStore({ query }).revokeUser('a user'),
      () => postgresStore({ query }).revokeGrant('a grant'),
      () => postgresStore({ query }).findGrant('a grant'),
      () => postgresStore({ query }).migrate(),
      () => postgresStore({ query }).purge(),
      () => tokens.isRevoked('a grant'),
      () => tokens.purge(),
    ]) {
      await expect(call()).rejects.toThrow(/^query returned .+; it must return \{ rows \}, as pg and PGlite do$/);
    }
  },
);

const ROW = {
  grant: '0'.repeat(64),
  token_generation: 0,
  number: 0,
  record: '{"clientId":"spa"}',
  ends_at: 1000,
  generation: 1,
  floor: 0,
  late: 0,
  spent_for: 250,
  spender: 0,
  spent_floor: 0,
  sibling: -2,
  run: 0,
};

test.each([
  [250, 250],
  // As a driver brings it that leaves numbers to its host.
  ['250.4', 250],
])('A token that was spent for %p milliseconds was spent then by the clock of this node', async (spent_for, ago) => {
  const query = () => ({ rows: [{ ...ROW, spent_for }] });
  const before = Date.now();
  const found = await postgresRefreshTokens({ query }).findRefreshToken('a token');
  const spentAt = Number(found?.spentAt);
  const isThen = spentAt >= before - ago && spentAt <= Date.now() - ago;
  expect([found?.clientId, found?.repeatedAs, isThen]).toEqual(['spa', 'at_once', true]);
});

test.each([
  ...['token_generation', 'number', 'ends_at', 'generation', 'floor', 'late', 'spent_for', 'spender'],
  ...['spent_floor', 'sibling', 'run'],
])('A %s that is no number is a fault, which names the column', async (name) => {
  for (const [value, received] of [
    [undefined, 'undefined'],
    ['soon', 'a string of 4 characters'],
    [Number.NaN, 'NaN'],
    [{}, 'an empty object'],
  ]) {
    const query = () => ({ rows: [{ ...ROW, [name as string]: value }] });
    await expect(postgresRefreshTokens({ query }).findRefreshToken('a token')).rejects.toThrow(
      new TypeError(`query returned a row whose ${name} is ${received}; it must be a number`),
    );
  }
});

test('A code whose spent_for is no number is a fault', async () => {
  const query = () => ({ rows: [{ code: '{"clientId":"spa"}', spent_for: 'soon', spent_by: null }] });
  await expect(postgresCodes({ query }).findCode('a code')).rejects.toThrow(
    new TypeError('query returned a row whose spent_for is a string of 4 characters; it must be a number'),
  );
});

test.each<[unknown, string]>([
  [undefined, 'undefined'],
  [null, 'null'],
  ['f', 'a string of 1 characters'],
  [0, '0'],
])('A grant whose is_revoked is %p is a fault', async (is_revoked, received) => {
  const query = () => ({ rows: [{ is_revoked }] });
  await expect(postgresStore({ query }).isRevoked('a grant')).rejects.toThrow(
    new TypeError(`query returned a row whose is_revoked is ${received}; it must be true or false`),
  );
});

test('A token that was not saved for a reason that nobody knows is a fault', async () => {
  for (const rows of [[], [{}], [{ saving: 'SAVED' }]]) {
    const query = (text: string) => ({ rows: text.trim().startsWith('WITH') ? [] : rows });
    const saving = postgresRefreshTokens({ query }).saveRefreshToken('a token', createRefreshTokenRecord());
    const received = rows[0] && 'saving' in rows[0] ? 'a string of 5 characters' : 'undefined';
    await expect(saving).rejects.toThrow(
      new TypeError(
        `query returned a row whose saving is ${received}; it must be one of ` +
          'saved, revoked, known, overtaken, too_often, unspent, unknown',
      ),
    );
  }
});

describeWith('postgres', 'On a server', () => {
  let server: TestServer;
  let pool: Pool;
  const sent: string[] = [];
  const query: Query = (text, values) => {
    sent.push(String(text.trim().split(/\s/)[0]));
    return pool.query(text, values);
  };

  beforeAll(async () => {
    server = await startPostgres();
    pool = new Pool({ host: '127.0.0.1', port: server.port, user: 'postgres', max: 10 });
    pool.on('error', () => undefined);
    // While a connection is in use, pg leaves its errors to the host.
    pool.on('connect', (client) => client.on('error', () => undefined));
    await migrate((text, values) => pool.query(text, values));
  }, 300_000);
  afterAll(async () => {
    await pool.end();
    await server.stop();
  });
  beforeEach(async () => {
    await emptyTables((text, values) => pool.query(text, values));
    sent.length = 0;
  });

  /** One saved code and the form that redeems it. */
  async function createLiveCode(different: Partial<AuthorizationCode> = {}) {
    const pair = createPkcePair();
    const code = createCode();
    await postgresCodes({ query: (text, values) => pool.query(text, values) }).saveCode(
      code,
      createCodeRecord({ codeChallenge: pair.codeChallenge, ...different }),
    );
    const form = {
      grant_type: 'authorization_code',
      client_id: 'spa',
      code,
      code_verifier: pair.codeVerifier,
      redirect_uri: 'https://app.example/callback',
    };
    return { code, form };
  }

  test('a redemption costs one statement to find and one to spend, a replay two more', async () => {
    const { findCode, consumeCode, revokeTokens, isRevoked } = postgresCodes({ query, strictReplay: true });
    const issueTokens = () => ({ access_token: 'an access token', expires_in: 60 });
    const app = express().use(createTokenRouter({ findCode, consumeCode, issueTokens, revokeTokens }));
    const { code, form } = await createLiveCode();

    expect((await request(app).post('/oauth/token').type('form').send(form)).status).toBe(200);
    expect(sent.splice(0)).toEqual(['SELECT', 'UPDATE']);
    const grantId = String((await findCode(code))?.grantId);
    await expect(isRevoked(grantId)).resolves.toBe(false);
    sent.length = 0;

    expect((await request(app).post('/oauth/token').type('form').send(form)).body.error).toBe('invalid_grant');
    // It looks when and by whom the code was spent, if it does, and revokes.
    expect(sent.slice(0, 2)).toEqual(['SELECT', 'UPDATE']);
    expect(sent.splice(0).at(-1)).toBe('INSERT');
    await expect(isRevoked(grantId)).resolves.toBe(true);
  });

  test('a grant that is gone is revoked', async () => {
    const { consumeCode, revokeTokens, isRevoked } = postgresCodes({ query });
    await expect(consumeCode({ grantId: '00' })).resolves.toBe(false);
    await revokeTokens({ grantId: '00' });
    await expect(isRevoked('00')).resolves.toBe(true);
  });

  test('a code that was saved before is refused, in words', async () => {
    const { saveCode } = postgresCodes({ query });
    await saveCode('a code', createCodeRecord());
    await expect(saveCode('a code', createCodeRecord())).rejects.toThrow(
      'saveCode: this code was saved before; codes are random and used once',
    );
  });

  test('a refresh costs one statement a step', async () => {
    const tokens = postgresRefreshTokens({ query });
    await tokens.saveRefreshToken('a token', createRefreshTokenRecord());
    const tokenId = String((await tokens.findRefreshToken('a token'))?.tokenId);
    await expect(tokens.consumeRefreshToken({ tokenId })).resolves.toBe(true);
    expect(sent).toEqual(['WITH', 'SELECT', 'UPDATE']);
    await expect(tokens.saveRefreshToken('a token', createRefreshTokenRecord())).rejects.toThrow(
      'saveRefreshToken: this token was saved before; tokens are random and used once',
    );
  });

  test('a token and its grant are kept for as long as the family may live, where the record says so', async () => {
    const { saveRefreshToken } = postgresRefreshTokens({ query });
    const [expiresAt, grantExpiresAt] = [10_000, 50_000].map((inMs) => new Date(Date.now() + inMs));
    await saveRefreshToken('a token', { ...createRefreshTokenRecord({ expiresAt }), grantExpiresAt } as never);
    for (const table of ['oauth_refresh_tokens', 'oauth_grants']) {
      const { rows } = await pool.query(
        `SELECT round(extract(epoch FROM kept_until - now())) AS seconds FROM ${table}`,
      );
      expect(rows.map(({ seconds }) => Number(seconds))).toEqual([172_910]);
    }
  });

  describe('a grant is kept', () => {
    const MINUTE = 60_000;
    const DAYS = 1440;
    const user = { userId: 'alice', audience: null };
    const keptFor = async () => {
      const { rows } = await pool.query(
        'SELECT round(extract(epoch FROM kept_until - now()) / 60)::int AS minutes FROM oauth_grants',
      );
      return rows.map(({ minutes }) => minutes);
    };
    const keepFor = (minutes: number) =>
      pool.query(`UPDATE oauth_grants SET kept_until = now() + interval '${minutes} minutes'`);
    const loginUntil = (days: number, different: object) => {
      const end = new Date(Date.now() + days * DAYS * MINUTE);
      return { clientId: 'spa', scope: null, ...user, expiresAt: end, grantExpiresAt: end, ...different } as never;
    };
    const saveCode = () =>
      postgresStore({ query }).saveCode('a code', {
        ...createCodeRecord({ expiresAt: new Date(Date.now() + MINUTE) }),
        ...user,
      });

    test('for a day after the end of its code', async () => {
      await saveCode();
      expect(await keptFor()).toEqual([DAYS + 2]);
    });

    test.each([
      [5, DAYS],
      [9 * DAYS, 9 * DAYS],
    ])('for a day after its code is spent: %d minutes become %d', async (before, after) => {
      const grant = await saveCode();
      await keepFor(before);
      expect(await postgresStore({ query }).consumeCode(grant)).toBe(true);
      expect(await keptFor()).toEqual([after]);
    });

    test.each([
      [10, 12 * DAYS + 1],
      [0, 9 * DAYS],
    ])('until two days after its first token, which lives %d days, and for as long as before', async (days, after) => {
      const { grantId } = await saveCode();
      await keepFor(9 * DAYS);
      await postgresStore({ query }).saveRefreshToken('one', loginUntil(days, { grantId }));
      expect(await keptFor()).toEqual([after]);
    });

    test.each([
      [10, 12 * DAYS + 1],
      [0, 9 * DAYS],
    ])('until two days after its next token, which lives %d days, and for as long as before', async (days, after) => {
      const store = postgresStore({ query });
      const { grantId } = await saveCode();
      await store.saveRefreshToken('one', loginUntil(1, { grantId }));
      const tokenId = String((await store.findRefreshToken('one'))?.tokenId);
      await store.consumeRefreshToken({ tokenId });
      await keepFor(9 * DAYS);
      await store.saveRefreshToken('two', loginUntil(days, { grantId, tokenId }));
      expect(await keptFor()).toEqual([after]);
    });

    test.each([
      [5, DAYS],
      [9 * DAYS, 9 * DAYS],
    ])('for a day after it is revoked: %d minutes become %d', async (before, after) => {
      const store = postgresStore({ query });
      for (const revoke of [(id: string) => store.revokeGrant(id), () => store.revokeUser('alice')]) {
        await pool.query('TRUNCATE oauth_grants');
        const { grantId } = await saveCode();
        await keepFor(before);
        await revoke(grantId);
        expect(await keptFor()).toEqual([after]);
      }
    });

    test('for as long as it is revoked, where its code is saved after that', async () => {
      const { grantId } = await saveCode();
      await pool.query('TRUNCATE oauth_grants');
      await postgresStore({ query }).revokeGrant(grantId);
      await keepFor(9 * DAYS);
      await saveCode();
      expect(await keptFor()).toEqual([9 * DAYS]);
      await pool.query('TRUNCATE oauth_grants');
      await postgresStore({ query }).revokeGrant(grantId);
      await keepFor(5);
      await saveCode();
      expect(await keptFor()).toEqual([DAYS + 2]);
    });
  });

  test('a refresh purge removes tokens that are over and grants without tokens; revoked ones outlive theirs', async () => {
    const tokens = postgresRefreshTokens({ query, revokedLifetime: 4 * 86_400_000 });
    const record = createRefreshTokenRecord();
    const revoked = createRefreshTokenRecord();
    await tokens.saveRefreshToken('a token', record);
    await tokens.saveRefreshToken('another', revoked);
    await expect(tokens.isRevoked(record.grantId)).resolves.toBe(false);
    await tokens.revokeTokens(revoked);
    await expect(tokens.purge()).resolves.toBe(0);
    // The revoked one is kept for revokedLifetime from now.
    await pool.query(`UPDATE oauth_refresh_tokens SET kept_until = now()`);
    await pool.query(`UPDATE oauth_grants SET kept_until = now() WHERE revoked_at IS NULL`);
    await expect(tokens.purge()).resolves.toBe(3);
    await expect(tokens.isRevoked(record.grantId)).resolves.toBe(true);
    await tokens.saveRefreshToken('late', { ...revoked, expiresAt: new Date(Date.now() + 60_000) });
    await expect(tokens.findRefreshToken('late')).resolves.toBeNull();
  });

  test('purge removes what is over, found by its index, and nothing else', async () => {
    const codes = postgresCodes({ query, spentLifetime: 1 });
    const jtis = postgresJtis({ query });
    for (const name of ['one', 'two', 'three']) await codes.saveCode(name, createCodeRecord());
    await jtis.consumeJti({ jti: 'a', jkt: 'b', expiresAt: new Date() });
    await expect(codes.purge()).resolves.toBe(0);

    await pool.query(`INSERT INTO oauth_grants (digest, code, kept_until)
      SELECT decode(md5(i::text), 'hex'), '{}', now() - interval '1 second' FROM generate_series(1, 25000) i`);
    await pool.query(`UPDATE oauth_jtis SET kept_until = now()`);
    await pool.query('ANALYZE oauth_grants');
    sent.length = 0;
    await expect(codes.purge()).resolves.toBe(25_000);
    expect(sent).toEqual(['DELETE', 'DELETE', 'DELETE']);
    await expect(jtis.purge()).resolves.toBe(1);
    const { rows } = await pool.query('SELECT count(*)::int AS left FROM oauth_grants');
    expect(rows).toEqual([{ left: 3 }]);

    const plan = await pool.query('EXPLAIN SELECT digest FROM oauth_grants WHERE kept_until <= now() LIMIT 10000');
    expect(JSON.stringify(plan.rows)).toMatch(/oauth_grants_kept_until|Seq Scan/);
  });

  test('purge keeps a jti while its proof may come again', async () => {
    const { consumeJti, purge } = postgresJtis({ query });
    const jti = { jti: 'a', jkt: 'b', expiresAt: new Date(Date.now() + 10_000) };
    expect([await consumeJti(jti), await purge(), await consumeJti(jti)]).toEqual([true, 0, false]);
  });

  test('purge passes over a row that another node has locked', async () => {
    const { saveCode, purge } = postgresCodes({ query });
    for (const name of ['one', 'two', 'three']) await saveCode(name, createCodeRecord());
    await pool.query('UPDATE oauth_grants SET kept_until = now()');
    const [other, client] = [await pool.connect(), await pool.connect()];
    await other.query('BEGIN');
    await other.query('SELECT 1 FROM oauth_grants LIMIT 1 FOR UPDATE');
    await client.query("SET lock_timeout = '500ms'");
    const removed = await postgresCodes({ query: (text, values) => client.query(text, values) })
      .purge()
      .catch(({ message }) => message);
    await other.query('ROLLBACK');
    await client.query('RESET lock_timeout');
    for (const each of [other, client]) each.release();
    expect([removed, await purge()]).toEqual([2, 1]);
  });

  test('in a transaction, a code and a token are spent when the statement runs, and found with their age then', async () => {
    const client = await pool.connect();
    const store = postgresStore({ query: (text, values) => client.query(text, values) });
    const record = createRefreshTokenRecord();
    const grant = await store.saveCode('a code', { ...createCodeRecord(), userId: 'alice', audience: null });
    await store.saveRefreshToken('a token', record as never);
    const found = await store.findRefreshToken('a token');
    await client.query('BEGIN');
    await sleep(400);
    const before = Date.now();
    await store.consumeCode(grant);
    await store.consumeRefreshToken({ tokenId: String(found?.tokenId) });
    const after = Date.now();
    await sleep(400);
    const asked = Date.now();
    const ages = [await store.findCode('a code'), await store.findRefreshToken('a token')].map((each) => each?.spentAt);
    const answersMs = Date.now() - asked;
    await client.query('ROLLBACK');
    client.release();
    for (const spentAt of ages.map(Number)) {
      expect([spentAt >= before - 5, spentAt <= after + answersMs + 5]).toEqual([true, true]);
    }
  });

  test('spending a code rewrites its row in place and touches no index', async () => {
    const client = await pool.connect();
    const { saveCode, findCode, consumeCode } = postgresCodes({ query: (text, values) => client.query(text, values) });
    const count = async () => {
      await client.query('SELECT pg_stat_force_next_flush()');
      const { rows } = await client.query(
        `SELECT n_tup_upd::int AS spent, n_tup_hot_upd::int AS "inPlace"
        FROM pg_stat_user_tables WHERE relname = 'oauth_grants'`,
      );
      return rows[0];
    };
    for (let index = 0; index < 100; index += 1) await saveCode(`code ${index}`, createCodeRecord());
    const before = await count();
    for (let index = 0; index < 100; index += 1) {
      const found = await findCode(`code ${index}`);
      await consumeCode(found as NonNullable<typeof found>);
    }
    const after = await count();
    client.release();
    expect({ spent: after.spent - before.spent, inPlace: after.inPlace - before.inPlace }).toEqual({
      spent: 100,
      inPlace: 100,
    });
  });

  describe('in a transaction of the host', () => {
    type MakeTokens = (query: Query, req: Request) => Promise<IssuedTokens>;

    const TOKENS = { access_token: 'an access token', expires_in: 60 };

    function createHost(makeTokens: MakeTokens) {
      // The recipe of docs/guides/transactions.md, from here:
      const transactions = new WeakMap<Request, PoolClient | 'over'>();
      const query: Query = (text, values, req) => {
        const client = req && transactions.get(req);
        // Whatever still comes of a request that has ended must not be kept beside a transaction that was rolled back.
        if (client === 'over') throw new Error('The transaction is over, and was rolled back');
        return (client ?? pool).query(text, values);
      };
      const codes = postgresCodes({ query });

      async function begin(req: Request) {
        const client = await pool.connect();
        transactions.set(req, client);
        // However the request ends, as with a code that is over or a step that is late: what is open then is rolled back.
        finished(req.res as Response, () => {
          end(req, 'ROLLBACK').catch(() => undefined);
          transactions.set(req, 'over');
        });
        await client.query('BEGIN');
      }

      async function end(req: Request, command: 'COMMIT' | 'ROLLBACK') {
        const client = transactions.get(req);
        if (client === 'over') throw new Error('The transaction is over, and was rolled back');
        transactions.delete(req);
        if (!client) return;
        const result = await client.query(command).catch((thrown) => {
          // The connection ends, and the transaction with it.
          client.release(true);
          throw thrown;
        });
        client.release();
        // Where one of its statements has failed, PostgreSQL answers COMMIT with ROLLBACK, and without an error.
        if (result.command !== command) throw new Error('A statement of the transaction has failed');
      }

      const adapters = {
        findCode: codes.findCode,
        async consumeCode(code: AuthorizationCode & { grantId: string }, req: Request) {
          await begin(req);
          const isSpent = await codes.consumeCode(code, req);
          if (!isSpent) await end(req, 'ROLLBACK');
          return isSpent;
        },
        async issueTokens(_exchange: unknown, req: Request) {
          const tokens = await makeTokens(query, req);
          await end(req, 'COMMIT');
          return tokens;
        },
        revokeTokens: codes.revokeTokens,
      };
      // to here.
      return express().use(createTokenRouter({ ...adapters, actTimeout: 1000, onOutcome: ({ fault }) => void fault }));
    }

    const redeem = (app: Express | Server, form: object) => request(app).post('/oauth/token').type('form').send(form);

    const restartIfGone = async () => {
      const isThere = await pool.query('SELECT 1').then(
        () => true,
        () => false,
      );
      if (!isThere) await server.restart();
    };

    /** A host that makes tokens well from the second time on. */
    const createHostThatFirst = (fails: MakeTokens) => {
      let calls = 0;
      return createHost((...args) => {
        calls += 1;
        return calls === 1 ? fails(...args) : Promise.resolve(TOKENS);
      });
    };

    // No connection is kept, and so no lock.
    afterEach(async () => {
      for (const until = Date.now() + 5000; pool.idleCount < pool.totalCount && Date.now() < until; ) await sleep(10);
      expect([pool.totalCount - pool.idleCount, pool.waitingCount]).toEqual([0, 0]);
    });

    test.each<[string, MakeTokens]>([
      ['a key that is away', () => Promise.reject(new Error('the signing key is away'))],
      ['a step that is late', () => sleep(1500).then(() => TOKENS)],
      [
        'a statement that has failed, though nobody minds',
        async (query, req) => {
          await Promise.resolve(query('INSERT INTO nowhere VALUES (1)', [], req)).catch(() => undefined);
          return TOKENS;
        },
      ],
      [
        'a server that is killed meanwhile',
        async () => {
          await server.kill();
          return TOKENS;
        },
      ],
    ])('no code is burnt by %s', async (_what, fails) => {
      const app = createHostThatFirst(fails);
      const { form } = await createLiveCode();
      expect((await redeem(app, form)).status).toBe(500);
      await restartIfGone();
      expect((await redeem(app, form)).status).toBe(200);
      expect((await redeem(app, form)).body.error).toBe('invalid_grant');
    });

    test('what was saved together with the tokens is rolled back with the code', async () => {
      const grant = createRefreshTokenRecord();
      const app = createHostThatFirst(async (query, req) => {
        await postgresRefreshTokens({ query }).saveRefreshToken('a token', grant, req);
        throw new Error('the signing key is away');
      });
      const { form } = await createLiveCode();
      await redeem(app, form);
      await expect(postgresRefreshTokens({ query }).findRefreshToken('a token')).resolves.toBeNull();
    });

    test('what is saved for a request that has ended is not kept, and the code lives', async () => {
      const grant = createRefreshTokenRecord();
      let hasTried = (_tried: unknown) => {};
      const tried = new Promise((resolve) => {
        hasTried = resolve;
      });
      const app = createHostThatFirst(async (query, req) => {
        await sleep(1500);
        const save = postgresRefreshTokens({ query }).saveRefreshToken('late', grant, req);
        hasTried(save.catch(({ message }) => message));
        await save;
        return TOKENS;
      });
      const { form } = await createLiveCode();
      expect((await redeem(app, form)).status).toBe(500);
      await expect(tried).resolves.toBe('The transaction is over, and was rolled back');
      await expect(postgresRefreshTokens({ query }).findRefreshToken('late')).resolves.toBeNull();
      expect((await redeem(app, form)).status).toBe(200);
    });

    test('no code is burnt by a client that hangs up meanwhile', async () => {
      const hangUp = new AbortController();
      const app = createHostThatFirst(async (_query, req) => {
        hangUp.abort();
        await new Promise((resolve) => req.res?.once('close', resolve));
        return TOKENS;
      });
      const { form } = await createLiveCode();
      const listening = app.listen(0, '127.0.0.1');
      await new Promise((resolve) => listening.once('listening', resolve));
      const { port } = listening.address() as AddressInfo;
      const url = `http://127.0.0.1:${port}/oauth/token`;
      const hungUp = fetch(url, { method: 'POST', body: new URLSearchParams(form), signal: hangUp.signal });
      await expect(hungUp).rejects.toThrow('aborted');
      expect((await redeem(listening, form)).status).toBe(200);
      expect((await redeem(listening, form)).body.error).toBe('invalid_grant');
      listening.closeAllConnections();
      await new Promise((resolve) => listening.close(resolve));
    });

    test('a code that is over leaves nothing open', async () => {
      const { form } = await createLiveCode({ expiresAt: new Date(Date.now() - 1) });
      const answer = await redeem(
        createHost(async () => TOKENS),
        form,
      );
      expect([answer.status, answer.body.error]).toEqual([400, 'invalid_grant']);
    });

    test('a request that waits for the lock of another too long leaves nothing open', async () => {
      const { form, code } = await createLiveCode();
      const client = await pool.connect();
      await client.query('BEGIN');
      await client.query('SELECT 1 FROM oauth_grants FOR UPDATE');
      const app = createHost(async () => TOKENS);
      expect((await redeem(app, form)).status).toBe(500);
      await client.query('ROLLBACK');
      client.release();
      expect((await redeem(app, { ...form, code })).status).toBe(200);
    });

    test('ten at once get tokens once, also while the first attempts fail', async () => {
      let calls = 0;
      const app = createHost(async () => {
        calls += 1;
        const isLate = calls > 2;
        await sleep(20);
        if (!isLate) throw new Error('the signing key is away');
        return TOKENS;
      });
      const { form } = await createLiveCode();
      const listening = app.listen(0);
      const answers = await Promise.all(Array.from({ length: 10 }, () => redeem(listening, form)));
      await new Promise((resolve) => listening.close(resolve));
      const statuses = answers.map(({ status }) => status).sort();
      expect(statuses).toEqual([200, ...Array(7).fill(400), 500, 500]);
    });
  });
});
