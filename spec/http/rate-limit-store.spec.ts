import { type LegacyStore, MemoryStore, type Store } from 'express-rate-limit';
import { completeLimit } from '../../lib/http/rate-limit-options';
import { createAnsweringStore, createCountStore } from '../../lib/http/rate-limit-store';

const gone = new Error('redis gone');
const soon = () => new Date(Date.now() + 60_000);

const storeOf = (store: Partial<Store> | LegacyStore) =>
  createCountStore(completeLimit({ store: { decrement() {}, resetKey() {}, ...store } as Store }));

/** A store without `get`, whose answers come when they are told to. */
function createSlowStore() {
  let total = 0;
  const pending: (() => void)[] = [];
  const answer = () => new Promise<void>((resolve) => pending.push(resolve));
  return {
    pending,
    total: () => total,
    store: {
      async increment() {
        total += 1;
        const totalHits = total;
        await answer();
        return { totalHits, resetTime: soon() };
      },
      async decrement() {
        total -= 1;
        await answer();
      },
    },
  };
}

const settle = () => new Promise(setImmediate);

describe('The count of a store with get', () => {
  it.each<[string, unknown, number]>([
    ['a count', { totalHits: 7, resetTime: soon() }, 7],
    ['a count without a time', { totalHits: 7, resetTime: undefined }, 7],
    ['nothing, for an unknown key', undefined, 0],
    ['no number, for an unknown key', { totalHits: Number.NaN, resetTime: new Date(Date.now() - 2) }, 0],
    ['no number at all', { totalHits: null, resetTime: soon() }, 0],
    ['a count whose time is over', { totalHits: 7, resetTime: new Date(Date.now() - 1) }, 0],
    ['a count with a time that is none', { totalHits: 7, resetTime: new Date(Number.NaN) }, 0],
    ['less than nothing', { totalHits: -1, resetTime: soon() }, 0],
  ])('is read where it answers %s', async (_what, answered, failures) => {
    for (const get of [() => answered, async () => answered]) {
      const { read } = storeOf({ get: get as never, increment: () => Promise.reject(gone) });
      expect((await read('key')).failures).toBe(failures);
    }
  });

  it('has an end of the window where it has failures, and none where it has none', async () => {
    const resetTime = soon();
    for (const [totalHits, expected] of [
      [1, resetTime],
      [0, undefined],
    ] as const) {
      const { read } = storeOf({ get: async () => ({ totalHits, resetTime }), increment: () => Promise.reject(gone) });
      expect(await read('key')).toEqual({ failures: totalHits, resetTime: expected });
    }
  });

  it('is over at the very end of its window', async () => {
    jest.useFakeTimers();
    const { read } = storeOf({
      get: () => ({ totalHits: 7, resetTime: new Date(Date.now()) }),
      increment: () => Promise.reject(gone),
    });
    const { failures } = await read('key');
    jest.useRealTimers();
    expect(failures).toBe(0);
  });

  it('is not there where it throws or rejects', async () => {
    const fails = () => {
      throw gone;
    };
    for (const get of [fails, () => Promise.reject(gone)]) {
      const { read } = storeOf({ get, increment: async () => ({ totalHits: 1, resetTime: soon() }) });
      await expect(read('key')).rejects.toBe(gone);
    }
  });

  it('calls the methods on the store', async () => {
    class OwnStore extends MemoryStore {}
    const { read, increment } = createCountStore(completeLimit({ store: new OwnStore() }));
    await increment('key');
    expect((await read('key')).failures).toBe(1);
  });
});

describe('The total of a store', () => {
  it.each([undefined, null, Number.NaN, '7'])('is a fault where it is %p', async (totalHits) => {
    const { increment } = storeOf({ increment: async () => ({ totalHits, resetTime: soon() }) as never });
    await expect(increment('key')).rejects.toThrow(
      /^increment of rateLimit\.store returned .+; it must return \{ totalHits: a number \}$/,
    );
  });

  it('is that of each failure where a store in memory hands out its own record', async () => {
    const { increment } = createCountStore(completeLimit({}));
    const totals = await Promise.all(Array.from({ length: 5 }, () => increment('key')));
    expect(totals.map(({ failures }) => failures)).toEqual([1, 2, 3, 4, 5]);
  });

  it('is counted by a store in memory that failed before', async () => {
    let isFirst = true;
    const { increment } = storeOf({
      localKeys: true,
      async increment() {
        if (!isFirst) return { totalHits: 1, resetTime: soon() };
        isFirst = false;
        throw gone;
      },
    });
    await expect(increment('key')).rejects.toBe(gone);
    await expect(increment('key')).resolves.toMatchObject({ failures: 1 });
  });
});

describe('A store of another process', () => {
  it('is asked to count several failures at once', async () => {
    const { store, pending } = createSlowStore();
    const { increment } = storeOf(store);
    const counted = [increment('a'), increment('b')];
    await settle();
    expect(pending.length).toBe(2);
    for (const answer of pending) answer();
    expect((await Promise.all(counted)).map(({ failures }) => failures)).toEqual([1, 2]);
  });
});

describe('A store without get', () => {
  it('is counted up and down, and asked once for all that come meanwhile', async () => {
    const { store, pending, total } = createSlowStore();
    const { read } = storeOf(store);
    const reads = [read('key'), read('key'), read('key')];
    await settle();
    expect([total(), pending.length]).toEqual([1, 1]);
    pending[0]?.();
    await settle();
    expect([total(), pending.length]).toEqual([0, 2]);
    pending[1]?.();
    expect((await Promise.all(reads)).map(({ failures }) => failures)).toEqual([0, 0, 0]);
    void read('key');
    await settle();
    expect([total(), pending.length]).toEqual([1, 3]);
  });

  it('counts a failure behind those who look, also where that fails', async () => {
    const { store, pending, total } = createSlowStore();
    const { read, increment } = storeOf(store);
    const reading = read('key');
    const counting = increment('key');
    await settle();
    expect(pending.length).toBe(1);
    pending[0]?.();
    await settle();
    pending[1]?.();
    await reading;
    await settle();
    pending[2]?.();
    expect([(await counting).failures, total()]).toEqual([1, 1]);

    const failing = storeOf({
      increment: async () => ({ totalHits: 1, resetTime: soon() }),
      decrement: () => Promise.reject(gone),
    });
    const failed = expect(failing.read('key')).rejects.toBe(gone);
    await expect(failing.increment('key')).resolves.toMatchObject({ failures: 1 });
    await failed;
  });

  it('counts what failed, and not those who look', async () => {
    const counts = new Map<string, number>();
    const change = (key: string, by: number) => counts.set(key, (counts.get(key) ?? 0) + by);
    const { read, increment } = storeOf({
      increment: (key) => ({ totalHits: Number(change(key, 1).get(key)), resetTime: soon() }),
      decrement: (key) => void change(key, -1),
    });
    await increment('key');
    await increment('key');
    for (let i = 0; i < 3; i += 1) expect((await read('key')).failures).toBe(2);
    expect((await read('another')).failures).toBe(0);
  });

  it('is not read where it fails, and is asked again', async () => {
    let asked = 0;
    const { read } = storeOf({
      increment: async () => {
        asked += 1;
        return { totalHits: 1, resetTime: soon() };
      },
      decrement: () => Promise.reject(gone),
    });
    await expect(read('key')).rejects.toBe(gone);
    await expect(read('key')).rejects.toBe(gone);
    expect(asked).toBe(2);
  });
});

describe('A store of the first generation', () => {
  it('counts by its callbacks', async () => {
    let total = 0;
    const store: LegacyStore = {
      incr: (key, callback) => {
        total += 1;
        if (key === 'broken') callback(gone, 0, undefined);
        else callback(undefined, total, soon());
      },
      decrement: () => {
        total -= 1;
      },
      resetKey() {},
    };
    const { read, increment } = createCountStore(completeLimit({ store }));
    await increment('key');
    expect([(await read('key')).failures, total]).toEqual([1, 1]);
    await expect(increment('broken')).rejects.toBe(gone);
  });
});

describe('A store that has to be started', () => {
  it('is started with the complete options', () => {
    const init = jest.fn();
    storeOf({ init, increment: async () => ({ totalHits: 1, resetTime: soon() }) });
    expect(init).toHaveBeenCalledWith(expect.objectContaining({ windowMs: 60_000, limit: 100, ipv6Subnet: 56 }));
  });
});

describe('A store that answers what is known already', () => {
  it('keeps nothing', async () => {
    const answer = () => ({ totalHits: 7, resetTime: undefined });
    const store = createAnsweringStore(answer);
    expect([await store.decrement('key'), await store.resetKey('key'), await store.increment('key')]).toEqual([
      undefined,
      undefined,
      answer(),
    ]);
  });
});

describe('A store that two routers share is checked by the library', () => {
  /** What it prints when two limits are made on one store, the second of them by what is known of the first. */
  function printed(validate?: object | boolean): string[] {
    const print = jest.spyOn(console, 'error').mockImplementation(() => {});
    // A key that tells the addresses of one IPv6 subnet apart, which the library warns of.
    const keyGenerator = (req: { ip: string }) => req.ip;
    const given = { store: new MemoryStore(), keyGenerator, ...(validate !== undefined && { validate }) };
    const [first, second] = [0, 1].map(() => {
      print.mockClear();
      createCountStore(completeLimit(given as never));
      return print.mock.calls.map(([error]) => String((error as { code?: string }).code));
    });
    print.mockRestore();
    return [...(first as string[]), 'and', ...(second as string[])];
  }
  const WRONG = 'ERR_ERL_KEY_GEN_IPV6';

  it.each<[string, object | boolean | undefined, string[]]>([
    ['each time, with all checks but that of sharing', undefined, [WRONG, 'and', WRONG]],
    ['the same where all checks are asked for', true, [WRONG, 'and', WRONG]],
    ['never where no check is asked for', false, ['and']],
    ['but for the check that is left out', { keyGeneratorIpFallback: false }, ['and']],
    ['with a check that alone is asked for', { default: false, keyGeneratorIpFallback: true }, [WRONG, 'and', WRONG]],
  ])('%s', (_what, validate, expected) => {
    expect(printed(validate)).toEqual(expected);
  });
});
