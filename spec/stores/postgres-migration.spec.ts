import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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
