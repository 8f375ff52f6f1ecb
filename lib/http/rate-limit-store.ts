import { type ClientRateLimitInfo, type LegacyStore, type Options, rateLimit, type Store } from 'express-rate-limit';
import type { LimitOptions } from './rate-limit-options';

/** How many failures of an address are counted, and when they are forgotten. */
export interface Count {
  failures: number;
  resetTime: Date | undefined;
}

/** A store of express-rate-limit, as the limit uses it. */
export interface CountStore {
  /** Reads the count, and leaves it as it is. */
  read(key: string): Promise<Count>;
  /** Counts one more, and brings the total. */
  increment(key: string): Promise<Count>;
}

/** What the limit calls of a store. */
type Counting = Pick<Store, 'get' | 'increment' | 'decrement' | 'localKeys'>;

/** Uses any store of express-rate-limit, one without `get` or of its first generation included. */
export function createCountStore(options: LimitOptions): CountStore {
  startStore(options);
  const store: Counting = 'increment' in options.store ? options.store : promisify(options.store);

  const increment = async (key: string) => toTotal(await store.increment(key));
  const count = store.localKeys === true ? inTurn(store, increment) : increment;
  const { get } = store;
  if (get === undefined) return countWithoutGet(store, count);
  return { read: async (key) => toCount(await get.call(store, key)), increment: count };
}

const started = new WeakSet<object>();

/** The library checks the options and the store, and starts it. Routers that are given one store share its count: no warning. */
function startStore(options: LimitOptions): void {
  const { store, validate = true } = options;
  const given = typeof validate === 'boolean' ? { default: validate } : validate;
  const shared: Partial<Options> = started.has(store) ? { validate: { ...given, unsharedStore: false } } : {};
  rateLimit({ ...options, ...shared });
  started.add(store);
}

const turns = new WeakMap<object, Promise<unknown>>();

/** A store in memory hands out its own record: the total must be read before the next request changes it. */
function inTurn(store: object, increment: (key: string) => Promise<Count>): (key: string) => Promise<Count> {
  return function incrementInTurn(key) {
    const counted = Promise.resolve(turns.get(store)).then(() => increment(key));
    turns.set(
      store,
      counted.catch(() => {}),
    );
    return counted;
  };
}

/**
 * Reads by counting, which is taken back. Requests that come in the meantime wait for the same answer, and so do failures:
 * otherwise each would count the others that are only looking.
 */
function countWithoutGet(store: Counting, increment: CountStore['increment']): CountStore {
  const reading = new Map<string, Promise<Count>>();

  async function readOnce(key: string): Promise<Count> {
    try {
      const { failures, resetTime } = await increment(key);
      await store.decrement(key);
      return toCount({ totalHits: failures - 1, resetTime });
    } finally {
      reading.delete(key);
    }
  }

  return {
    read(key) {
      const known = reading.get(key);
      if (known) return known;
      const counted = readOnce(key);
      reading.set(key, counted);
      return counted;
    },
    async increment(key) {
      await reading.get(key)?.catch(() => {});
      return increment(key);
    },
  };
}

/** An unknown key, a number that is none and a count whose time is over are 0. */
function toCount(info: ClientRateLimitInfo | undefined): Count {
  const { totalHits = 0, resetTime } = info ?? {};
  const isOver = resetTime !== undefined && !(resetTime.getTime() > Date.now());
  return totalHits > 0 && !isOver ? { failures: totalHits, resetTime } : { failures: 0, resetTime: undefined };
}

function toTotal({ totalHits, resetTime }: ClientRateLimitInfo): Count {
  if (Number.isFinite(totalHits)) return { failures: totalHits, resetTime };
  throw new TypeError('The increment of the rate limit store returns { totalHits: a number }');
}

function promisify(store: LegacyStore): Counting {
  return {
    increment: (key) =>
      new Promise((resolve, reject) => {
        store.incr(key, (error, totalHits, resetTime) => (error ? reject(error) : resolve({ totalHits, resetTime })));
      }),
    decrement: (key) => store.decrement(key),
  };
}

/** A store that answers what is known already, and keeps nothing. */
export function createAnsweringStore(answer: Store['increment']): Store {
  return { increment: answer, decrement: keepNothing, resetKey: keepNothing, localKeys: true };
}

function keepNothing(): void {}
