import { unavailable } from '../refusals';
import { createOverdueWatch } from './overdue';
import type { Count } from './rate-limit-store';

/** Milliseconds after which a write counts as failed. */
const MAX_WRITING_MS = 4000;
/** Milliseconds between the requests that try to write while the store fails. */
const RETRY_MS = 1000;
/** Milliseconds for which a write that hangs may still be carried out. Repeating it before would count twice. */
const MAX_HANGING_MS = 60_000;
const MAX_KEYS = 10_000;

/**
 * Counts failures in a store that may fail. Keeps what it could not write, one number per address, and writes it later.
 */
export interface KeptCounts {
  /** Counts one more failure. Rejects if it could not be written; then it is kept. */
  write(key: string): Promise<Count>;
  /** The failures that are kept here and not in the store. */
  of(key: string): number;
  /** Throws 503 while the store cannot write. Once a second, a request first tries a write. */
  checkWritable(): Promise<void> | undefined;
}

export function createKeptCounts(increment: (key: string) => Promise<Count>): KeptCounts {
  const watch = createOverdueWatch();
  const kept = new Map<string, number>();
  let fault: unknown;
  let isFailing = false;
  let isWritingRest = false;
  let retryAt = 0;
  let hanging = 0;
  let hangsSince = 0;

  function keep(key: string): void {
    const number = kept.get(key) ?? 0;
    if (number > 0 || kept.size < MAX_KEYS) kept.set(key, number + 1);
  }

  function takeBack(key: string): void {
    const number = kept.get(key) ?? 0;
    if (number > 1) kept.set(key, number - 1);
    else kept.delete(key);
  }

  async function write(key: string): Promise<Count> {
    const writing = increment(key);
    const tooLate = () => new Error(`The rate limit store did not write a count within ${MAX_WRITING_MS} ms`);
    try {
      const count = await watch.until(performance.now() + MAX_WRITING_MS, writing, tooLate);
      succeed();
      return count;
    } catch (thrown) {
      keep(key);
      fault = thrown;
      isFailing = true;
      hanging += 1;
      hangsSince = performance.now();
      writing
        .then(() => {
          takeBack(key);
          succeed();
        }, ignore)
        .then(() => {
          hanging -= 1;
        });
      throw thrown;
    }
  }

  function succeed(): void {
    isFailing = false;
    if (!isWritingRest) writeRest().catch(ignore);
  }

  async function writeRest(): Promise<void> {
    isWritingRest = true;
    try {
      for (const key of kept.keys()) {
        while (kept.has(key)) {
          takeBack(key);
          await write(key);
        }
      }
    } finally {
      isWritingRest = false;
    }
  }

  async function retry(key: string): Promise<void> {
    takeBack(key);
    try {
      await write(key);
    } catch (thrown) {
      throw unavailable('rate_limit_store_failed', { cause: thrown });
    }
  }

  return {
    write,
    of: (key) => kept.get(key) ?? 0,
    checkWritable() {
      if (!isFailing) return undefined;
      const now = performance.now();
      const [key] = kept.keys();
      const mayBeWritten = hanging > 0 && now - hangsSince < MAX_HANGING_MS;
      if (now < retryAt || mayBeWritten || key === undefined)
        throw unavailable('rate_limit_store_failed', { cause: fault });
      retryAt = now + RETRY_MS;
      return retry(key);
    },
  };
}

const ignore = () => {};
