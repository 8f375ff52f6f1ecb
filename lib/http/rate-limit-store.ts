import { type ClientRateLimitInfo, type LegacyStore, type Options, rateLimit, type Store } from 'express-rate-limit';
import { wrongReturn } from '../received';
import type { LimitOptions } from './rate-limit-options';

/** How many failures of an address are counted, and when they are forgotten. */
export interface Count {
  failures: number;
  resetTime: Date | undefined;
}

/** A store of express-rate-limit, as the limit uses it. */
export interface CountStore {
  /** Reads the count and does not change it. */
  read(key: string): Promise<Count>;
  /** Adds one, and returns the total. */
  increment(key: string): Promise<Count>;
}

/** What the limit calls of a store. */
type Counting = Pick<Store, 'get' | 'increment' | 'decrement' | 'localKeys'>;

/** Adapts any store of express-rate-limit, also one without `get` or of the legacy interface. */
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

/**
 * Lets the library check and start the store. Several routers may share one store on purpose, so this gives no warning.
 */
function startStore(options: LimitOptions): void {
  const { store, validate = true } = options;
  const given = typeof validate === 'boolean' ? { default: validate } : validate;
  const shared: Partial<Options> = started.has(store) ? { validate: { ...given, unsharedStore: false } } : {};
  rateLimit({ ...options, ...shared });
  started.add(store);
}

const turns = new WeakMap<object, Promise<unknown>>();

/** Increments one after another: a store in memory returns its own record, which the next increment would change. */
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
 * Reads by adding one and taking it back. Reads and failures that come meanwhile wait for that. Otherwise each would
 * count the reads of the others.
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

/** An unknown key, NaN and a count whose window is over are 0. */
function toCount(info: ClientRateLimitInfo | undefined): Count {
  const { totalHits = 0, resetTime } = info ?? {};
  const isOver = resetTime !== undefined && !(resetTime.getTime() > Date.now());
  return totalHits > 0 && !isOver ? { failures: totalHits, resetTime } : { failures: 0, resetTime: undefined };
}

function toTotal({ totalHits, resetTime }: ClientRateLimitInfo): Count {
  if (Number.isFinite(totalHits)) return { failures: totalHits, resetTime };
  throw wrongReturn('increment of rateLimit.store', totalHits, '{ totalHits: a number }');
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

/** A store that returns what is known already, and keeps nothing. */
export function createAnsweringStore(answer: Store['increment']): Store {
  return { increment: answer, decrement: keepNothing, resetKey: keepNothing };
}

function keepNothing(): void {}
