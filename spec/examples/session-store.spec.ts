import { SessionStore } from '../../examples/auth-server/session-store';

interface Session {
  userId?: string;
  signedInAt?: number;
  text?: string;
}

const MINUTE = 60_000;

describe('The sessions of examples/auth-server', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  const open = () =>
    new SessionStore({
      strangers: { lifetime: 15 * MINUTE, maxBytes: 1000 },
      users: { lifetime: 60 * MINUTE, maxBytes: 1000 },
    });
  type Store = ReturnType<typeof open>;
  const set = (store: Store, id: string, session: Session) =>
    new Promise((resolve) => store.set(id, session as never, resolve));
  const get = (store: Store, id: string) =>
    new Promise<Session | null | undefined>((resolve, reject) =>
      store.get(id, (error: unknown, session: unknown) => (error ? reject(error) : resolve(session as Session))),
    );
  const destroy = (store: Store, id: string) => new Promise((resolve) => store.destroy(id, resolve));
  const stranger = { text: 'x'.repeat(100) };
  const user = () => ({ userId: 'ada', signedInAt: Date.now() });

  it('are found as they were kept, until they are destroyed', async () => {
    const store = open();
    await set(store, 'a', stranger);
    await set(store, 'b', user());
    expect([await get(store, 'a'), await get(store, 'b')]).toEqual([stranger, user()]);
    await destroy(store, 'a');
    await destroy(store, 'b');
    expect([await get(store, 'a'), await get(store, 'b')]).toEqual([undefined, undefined]);
    expect([store.strangers.size(), store.users.size()]).toEqual([
      { entries: 0, bytes: 0 },
      { entries: 0, bytes: 0 },
    ]);
  });

  it('end after their time, and leave the memory within a minute', async () => {
    const store = open();
    await set(store, 'a', stranger);
    await set(store, 'b', user());
    jest.advanceTimersByTime(15 * MINUTE - 1);
    expect(await get(store, 'a')).toEqual(stranger);
    jest.advanceTimersByTime(1);
    expect([await get(store, 'a'), await get(store, 'b')]).toEqual([undefined, expect.anything()]);
    jest.advanceTimersByTime(MINUTE);
    expect(store.strangers.size()).toEqual({ entries: 0, bytes: 0 });
    jest.advanceTimersByTime(46 * MINUTE);
    expect(store.users.size()).toEqual({ entries: 0, bytes: 0 });
  });

  it('of users last no longer for being used', async () => {
    const store = open();
    const session = user();
    await set(store, 'b', session);
    jest.advanceTimersByTime(59 * MINUTE);
    await set(store, 'b', { ...session, text: 'used' });
    jest.advanceTimersByTime(MINUTE);
    expect(await get(store, 'b')).toBeUndefined();
  });

  it('of strangers push out the oldest strangers, and no users', async () => {
    const store = open();
    await set(store, 'user', user());
    for (let number = 0; number < 100; number += 1) await set(store, `stranger ${number}`, stranger);
    expect(store.strangers.size().bytes).toBeLessThanOrEqual(1000);
    expect(await get(store, 'user')).toBeDefined();
    expect(await get(store, 'stranger 99')).toEqual(stranger);
    expect(await get(store, 'stranger 0')).toBeUndefined();
  });

  it('are kept up to their bound, whatever has been written twice or destroyed before', async () => {
    const store = open();
    for (let number = 0; number < 50; number += 1) await set(store, 'same', stranger);
    await destroy(store, 'unknown');
    expect(store.strangers.size()).toEqual({ entries: 1, bytes: JSON.stringify(stranger).length });
  });

  it('move to the users with the login', async () => {
    const store = open();
    await set(store, 'a', stranger);
    await set(store, 'a', user());
    expect([store.strangers.size().entries, store.users.size().entries]).toEqual([0, 1]);
  });

  it('that are too large by themselves are not kept', async () => {
    const store = open();
    await set(store, 'a', { text: 'x'.repeat(2000) });
    expect([await get(store, 'a'), store.strangers.size()]).toEqual([undefined, { entries: 0, bytes: 0 }]);
  });
});
