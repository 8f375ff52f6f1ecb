import { randomBytes } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { Client } from 'pg';
import { postgresStore, type Query } from '../../lib/stores/postgres';
import { createRefreshToken } from '../../lib/testing';
import { migrate } from '../stores/backends';
import { type HostCode, hostCode, refreshRecord } from '../support/issuer';
import { describeWith, startPostgres, type TestServer } from '../support/servers';

type Store = ReturnType<typeof postgresStore<HostCode>>;
type Found = NonNullable<Awaited<ReturnType<Store['findRefreshToken']>>>;

interface Login {
  code: string;
  grantId: string;
  userId: string;
  token: string;
  found: Found;
  /** A token of the next generation, which the operation `save` saves. */
  next: string;
}

type Operation = (store: Store, login: Login) => Promise<unknown>;

/** What changes a grant: each is one statement, which locks its row. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  'spend the code': (store, { grantId }) => store.consumeCode({ grantId }),
  'spend the refresh token': (store, { found }) => store.consumeRefreshToken(found),
  'save its successor': (store, login) => {
    const { grantId, found } = login;
    const record = refreshRecord({ grantId, userId: login.userId, tokenId: found.tokenId });
    return store.saveRefreshToken(`${login.next}${randomBytes(4).toString('hex')}`, record as never).then(
      () => 'saved',
      (thrown: Error) => thrown.message,
    );
  },
  revoke: (store, { grantId }) => store.revokeGrant(grantId),
  'revoke the user': (store, { userId }) => store.revokeUser(userId),
  'keep the refresh token': (store, { found }) => store.extendRefreshToken(found, new Date(Date.now() + 20_000)),
};
const NAMES = Object.keys(OPERATIONS);

describeWith('postgres', 'Two statements of postgresStore that overlap end as if one had waited for the other:', () => {
  let server: TestServer;
  let [holder, other, watcher] = [] as unknown as [Client, Client, Client];
  const storeOn = (client: Client) =>
    postgresStore<HostCode>({ query: ((text, values) => client.query(text, values)) as Query });

  beforeAll(async () => {
    server = await startPostgres();
    const connect = async () => {
      const client = new Client({ host: '127.0.0.1', port: server.port, user: 'postgres', database: 'postgres' });
      await client.connect();
      return client;
    };
    [holder, other, watcher] = [await connect(), await connect(), await connect()];
    await migrate((text, values) => watcher.query(text, values));
  }, 120_000);
  afterAll(async () => {
    await Promise.all([holder.end(), other.end(), watcher.end()]);
    await server.stop();
  });

  async function createLogin(isSpent: boolean): Promise<Login> {
    const store = storeOn(watcher);
    const [code, token] = [createRefreshToken(), createRefreshToken()];
    const userId = randomBytes(8).toString('hex');
    const { grantId } = await store.saveCode(code, hostCode({ userId }));
    await store.saveRefreshToken(token, refreshRecord({ grantId, userId }) as never);
    const found = (await store.findRefreshToken(token)) as Found;
    if (isSpent) await store.consumeRefreshToken(found);
    return { code, grantId, userId, token, found, next: createRefreshToken() };
  }

  /** What is left, as far as it shows. */
  async function describeEnd({ code, grantId, token }: Login) {
    const store = storeOn(watcher);
    const isSpent = (await store.findCode(code))?.spentAt instanceof Date;
    const found = await store.findRefreshToken(token);
    return [isSpent, await store.isRevoked(grantId), found && [found.spentAt instanceof Date, found.isRepeatable]];
  }

  /** Waits until the second statement has its answer, or waits for a lock of the first. */
  async function untilBlocked(pending: Promise<unknown>): Promise<'answered' | 'blocked'> {
    let isAnswered = false;
    const settle = () => {
      isAnswered = true;
    };
    pending.then(settle, settle);
    const { processID } = other as unknown as { processID: number };
    for (;;) {
      const { rows } = await watcher.query(
        "SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND wait_event_type = 'Lock'",
        [processID],
      );
      await turn();
      if (isAnswered) return 'answered';
      if (rows.length > 0) return 'blocked';
    }
  }

  test.each(NAMES)('%s, and each of all of them meanwhile', async (first) => {
    let blocked = 0;
    for (const second of NAMES) {
      const [one, two] = [OPERATIONS[first], OPERATIONS[second]] as [Operation, Operation];
      for (const isSpent of [false, true]) {
        const ends: unknown[] = [];
        for (const isReversed of [false, true]) {
          const serial = await createLogin(isSpent);
          const store = storeOn(watcher);
          const early = isReversed ? await two(store, serial) : undefined;
          const firstResult = await one(store, serial);
          const secondResult = isReversed ? early : await two(store, serial);
          ends.push([firstResult, secondResult, await describeEnd(serial)]);
        }
        const login = await createLogin(isSpent);
        await holder.query('BEGIN');
        const firstResult = await one(storeOn(holder), login);
        const pending = two(storeOn(other), login);
        if ((await untilBlocked(pending)) === 'blocked') blocked += 1;
        await holder.query('COMMIT');
        expect({ second, isSpent, ends }).toEqual({
          second,
          isSpent,
          ends: expect.arrayContaining([[firstResult, await pending, await describeEnd(login)]]),
        });
      }
    }
    // Where nobody ever waits, nothing overlaps.
    expect(blocked).toBeGreaterThan(NAMES.length / 2);
  });
});
