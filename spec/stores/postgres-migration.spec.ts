import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { digestOf } from '../../lib/stores/digest';
import { postgresSchema, postgresStore, type Query } from '../../lib/stores/postgres';
import { describeWith, startPostgres, type TestServer } from '../support/servers';
import { type Connection, connectPg } from './backends';

/** Made by version 0.1 with what the specs below name. */
const VERSION_1 = readFileSync(join(__dirname, 'postgres-0.1.sql'), 'utf8');

const END = new Date('2199-01-01T00:00:00.000Z');

describeWith('postgres', 'The migration of PostgreSQL', () => {
  let server: TestServer;
  let connection: Connection<Query>;

  beforeAll(async () => {
    server = await startPostgres();
    connection = connectPg(server);
  }, 300_000);
  afterAll(async () => {
    await connection?.close();
    await server?.stop();
  });
  beforeEach(() => connection.send('DROP SCHEMA public CASCADE; CREATE SCHEMA public', []));

  const storeOf = () => postgresStore({ query: connection.send, leeway: 60_000 });

  async function migrated() {
    await connection.send(VERSION_1, []);
    const store = storeOf();
    await store.migrate();
    return store;
  }

  const find = async (store: ReturnType<typeof storeOf>, token: string) => {
    const found = await store.findRefreshToken(token);
    if (!found) throw new Error(`${token} is not there`);
    return found;
  };

  it('makes the tables where there are none, again and again, on ten nodes at once', async () => {
    await Promise.all(Array.from({ length: 10 }, () => storeOf().migrate()));
    const { grantId } = await storeOf().saveCode('a code', {
      clientId: 'spa',
      redirectUri: null,
      codeChallenge: 'a challenge',
      codeChallengeMethod: 'S256',
      expiresAt: END,
      userId: 'alice',
      audience: null,
    });
    await storeOf().migrate();
    await connection.send(postgresSchema, []);
    expect(await storeOf().findGrant(grantId)).toEqual({ isRevoked: false });
  });

  it('waits for a node that makes the tables in a transaction of its own', async () => {
    const other = new Client({ host: '127.0.0.1', port: server.port, user: 'postgres', database: 'postgres' });
    await other.connect();
    await other.query('BEGIN');
    await other.query(postgresSchema);
    const migrating = storeOf().migrate();
    migrating.catch(() => undefined);
    const areWaiting = 'SELECT 1 FROM pg_locks WHERE NOT granted';
    while ((await other.query(areWaiting)).rows.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await other.query('COMMIT');
    await other.end();
    await expect(migrating).resolves.toBeUndefined();
  });

  /** What the database says of the tables, but for the order of columns. */
  const describeTables = async () => {
    const { rows } = await connection.send(
      `SELECT indexdef AS line FROM pg_indexes WHERE schemaname = 'public'
      UNION ALL SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default)
        FROM information_schema.columns WHERE table_schema = 'public'
      UNION ALL SELECT concat_ws(' ', relname, reloptions) FROM pg_class WHERE relname ~ '^oauth_' AND relkind = 'r'`,
      [],
    );
    return rows.map((row) => (row as { line: string }).line).sort();
  };

  it('makes the same tables of those of 0.1 as where there are none, and notes the version once', async () => {
    await storeOf().migrate();
    const made = await describeTables();
    expect(made.filter((line) => line.startsWith('CREATE'))).toEqual([
      'CREATE INDEX oauth_grants_kept_until ON public.oauth_grants USING btree (kept_until)',
      'CREATE INDEX oauth_grants_user ON public.oauth_grants USING btree (user_digest) WHERE (user_digest IS NOT NULL)',
      'CREATE INDEX oauth_jtis_kept_until ON public.oauth_jtis USING btree (kept_until)',
      'CREATE INDEX oauth_refresh_tokens_kept_until ON public.oauth_refresh_tokens USING btree (kept_until)',
      'CREATE UNIQUE INDEX oauth_grants_pkey ON public.oauth_grants USING btree (digest)',
      'CREATE UNIQUE INDEX oauth_jtis_pkey ON public.oauth_jtis USING btree (digest)',
      'CREATE UNIQUE INDEX oauth_refresh_tokens_pkey ON public.oauth_refresh_tokens USING btree (digest)',
    ]);
    await connection.send('DROP SCHEMA public CASCADE; CREATE SCHEMA public', []);
    const store = await migrated();
    await store.migrate();
    expect(await describeTables()).toEqual(made);
    expect((await connection.send('SELECT version FROM oauth_schema', [])).rows).toEqual([{ version: 2 }]);
  });

  it('keeps the codes of 0.1, live, spent and revoked', async () => {
    const store = await migrated();
    const live = await store.findCode('a live code');
    expect(live).toMatchObject({ clientId: 'spa', userId: 'alice', expiresAt: END, nonce: 'text:date:nonce' });
    expect(live).toMatchObject({ device: 'date:phone', spentAt: null, spentBy: null });
    expect(live && (await store.consumeCode(live))).toBe(true);
    const spent = await store.findCode('a spent code');
    expect(spent?.spentAt).toBeInstanceOf(Date);
    expect(spent && (await store.consumeCode(spent))).toBe(false);
    const revoked = await store.findCode('a revoked code');
    expect(revoked && [await store.consumeCode(revoked), await store.isRevoked(revoked.grantId)]).toEqual([
      false,
      true,
    ]);
  });

  it('keeps the logins of 0.1: the live token refreshes, spent ones are seen, one record serves them all', async () => {
    const store = await migrated();
    const spent = await find(store, 'alice 2');
    expect(spent).toMatchObject({ clientId: 'spa', userId: 'alice', dpopJkt: 'a key', isRepeatable: true });
    expect(spent).toMatchObject({ repeatedAs: 'at_once', grantExpiresAt: END, expiresAt: END, device: 'date:phone' });
    expect(await find(store, 'alice 1')).toMatchObject({ isRepeatable: false });
    const found = await find(store, 'alice 3');
    expect(found).toMatchObject({ spentAt: null, isRepeatable: false });
    expect(found.grantId).toBe((await store.findCode('a spent code'))?.grantId);
    expect(await store.consumeRefreshToken(found)).toBe(true);
    await store.saveRefreshToken('alice 4', found);
    expect(await find(store, 'alice 3 again')).toMatchObject({ repeatedAs: 'sibling' });
    expect(await store.consumeRefreshToken(await find(store, 'alice 4'))).toBe(true);
    expect(await find(store, 'alice 3')).toMatchObject({ isRepeatable: false });
  });

  it('keeps what was revoked, imported logins, and a login whose answer was lost', async () => {
    const store = await migrated();
    expect(await store.findRefreshToken('bob 1')).toBeNull();
    expect(await store.findGrant('never seen')).toEqual({ isRevoked: true });
    const imported = await find(store, 'imported 1');
    expect(imported).toMatchObject({ userId: 'text:carol', grantId: '6f1b7c1e-0000-4000-8000-000000000000' });
    const lost = await find(store, 'lost 1');
    expect(lost).toMatchObject({ repeatedAs: 'at_once' });
    await store.saveRefreshToken('lost 2', lost);
    expect(await store.consumeRefreshToken(await find(store, 'lost 2'))).toBe(true);
  });

  it('finds the logins of a user, but for names that PostgreSQL cannot read as text', async () => {
    const store = await migrated();
    for (const user of ['alice', 'text:carol', 'a NUL \0 and half \ud83d']) await store.revokeUser(user);
    expect(await store.findRefreshToken('alice 3')).toBeNull();
    expect(await store.isRevoked(String((await store.findCode('a live code'))?.grantId))).toBe(true);
    expect(await store.findRefreshToken('imported 1')).toBeNull();
    expect(await store.findRefreshToken('lost 1')).not.toBeNull();
    const odd = await find(store, 'odd 1');
    expect(odd.userId).toBe('a NUL \0 and half \ud83d');
    await store.revokeGrant(odd.grantId);
    expect(await store.findRefreshToken('odd 1')).toBeNull();
  });

  it.each([
    ['whose name looks like a date', 'date:2030-01-01T00:00:00.000Z', true],
    ['whose name begins with text:', 'text:carol', true],
    ['whose name has a NUL', 'a NUL \0', false],
    ['whose name has half a surrogate pair', 'half \ud83d', false],
  ])('keeps the code and the login of a user %s', async (_what, userId, isFound) => {
    await connection.send(VERSION_1, []);
    const written = JSON.stringify(/^(?:text|date):/.test(userId) ? `text:${userId}` : userId);
    const digestOfCode = digestOf('a live code');
    for (const [table, digest] of [
      ['oauth_codes', digestOfCode],
      ['oauth_refresh_tokens', digestOf('lost 1')],
    ]) {
      await connection.send(
        `UPDATE ${table} SET record = regexp_replace(record, '"userId":"[^"]*"', $2) WHERE digest = decode($1, 'hex')`,
        [digest, `"userId":${written}`.replaceAll('\\', '\\\\')],
      );
    }
    const store = storeOf();
    await store.migrate();
    const [code, login] = [await store.findCode('a live code'), await find(store, 'lost 1')];
    expect([code?.userId, login.userId]).toEqual([userId, userId]);
    await store.revokeUser(userId);
    const areRevoked = [await store.isRevoked(String(code?.grantId)), await store.isRevoked(login.grantId)];
    expect(areRevoked).toEqual([isFound, isFound]);
  });

  it.each(['alice 3', 'alice 3 again'])('numbers a new token after those of 0.1, such as %s', async (other) => {
    const store = await migrated();
    await store.saveRefreshToken('alice 3 new', await find(store, 'alice 2'));
    expect(await store.consumeRefreshToken(await find(store, other))).toBe(true);
    expect(await find(store, 'alice 3 new')).toMatchObject({ repeatedAs: 'sibling' });
    expect(await find(store, other)).toMatchObject({ repeatedAs: 'at_once' });
  });

  it.each([
    ['alice 2', 48],
    ['lost 1', 50],
  ])('lets the generation after %s have %d more tokens, fifty with those of 0.1', async (before, more) => {
    const store = await migrated();
    const spent = await find(store, before);
    for (let nth = 1; nth <= more; nth += 1) await store.saveRefreshToken(`more ${nth}`, spent);
    await expect(store.saveRefreshToken('one too many', spent)).rejects.toMatchObject({
      reason: 'refresh_token_repeated_too_often',
    });
  });

  /** The same after a change to what 0.1 has left. */
  async function migratedAfter(change: string, values: unknown[]) {
    await connection.send(VERSION_1, []);
    await connection.send(change, values);
    const store = storeOf();
    await store.migrate();
    return store;
  }
  const ALICE = { oauth_codes: digestOf('a spent code'), oauth_grants: digestOf(digestOf('a spent code')) };

  it.each(['alice 2', 'lost 1'])(
    'knows that %s spent its generation, and not the older one beside it',
    async (spender) => {
      const store = await migratedAfter(
        `INSERT INTO oauth_refresh_tokens SELECT decode($2, 'hex'), grant_digest, generation, record, NULL, '2150-01-01'
      FROM oauth_refresh_tokens WHERE digest = decode($1, 'hex')`,
        [digestOf(spender), digestOf('beside')],
      );
      expect(await find(store, spender)).toMatchObject({ repeatedAs: 'at_once' });
      expect(await find(store, 'beside')).toMatchObject({ repeatedAs: 'sibling' });
    },
  );

  it('takes the record of the newest token for the login', async () => {
    const [, newest] = ['alice 3', 'alice 3 again'].map(digestOf).sort();
    const store = await migratedAfter(
      `UPDATE oauth_refresh_tokens SET record = replace(record, 'openid offline_access', 'openid')
      WHERE digest = decode($1, 'hex')`,
      [newest],
    );
    expect(await find(store, 'alice 3')).toMatchObject({ scope: 'openid' });
  });

  it.each(Object.entries(ALICE))('keeps a login revoked that is revoked in %s only', async (table, digest) => {
    const store = await migratedAfter(`UPDATE ${table} SET revoked_at = now() WHERE digest = decode($1, 'hex')`, [
      digest,
    ]);
    expect(await store.findRefreshToken('alice 3')).toBeNull();
  });

  it.each([
    ['oauth_codes', 'digest', ALICE.oauth_codes],
    ['oauth_refresh_tokens', 'grant_digest', ALICE.oauth_grants],
  ])('finds the user of a login where the record in %s has none', async (table, column, digest) => {
    const store = await migratedAfter(
      `UPDATE ${table} SET record = replace(record, '"userId":"alice",', '') WHERE ${column} = decode($1, 'hex')`,
      [digest],
    );
    await store.revokeUser('alice');
    expect(await store.isRevoked(digestOf('a spent code'))).toBe(true);
  });

  it.each(Object.entries(ALICE))(
    'keeps a login for as long as %s says, where the other says less',
    async (table, digest) => {
      await migratedAfter(`UPDATE ${table} SET kept_until = '2300-01-01' WHERE digest = decode($1, 'hex')`, [digest]);
      const { rows } = await connection.send(
        `SELECT kept_until = '2300-01-01' AS "isKept" FROM oauth_grants WHERE digest = decode($1, 'hex')`,
        [ALICE.oauth_grants],
      );
      expect(rows).toEqual([{ isKept: true }]);
    },
  );

  it('leaves no table of 0.1 behind, and a jti used', async () => {
    const store = await migrated();
    const { rows } = await connection.send("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", []);
    const tables = rows.map((row) => (row as { tablename: string }).tablename).sort();
    expect(tables).toEqual(['oauth_grants', 'oauth_jtis', 'oauth_refresh_tokens', 'oauth_schema']);
    expect(await store.consumeJti({ jti: 'a jti', jkt: 'a key', expiresAt: END })).toBe(false);
    await store.migrate();
    expect(await store.findRefreshToken('alice 3')).not.toBeNull();
  });
});
