import type { Count } from './rate-limit-store';

const MAX_KEYS = 10_000;
/** By how many milliseconds two answers of a store may differ on the end of the same window. */
const SAME_WINDOW_MS = 1000;

/** What this process has counted for an address lately. */
interface Known {
  failures: number;
  /** Failures whose total is not known yet. */
  pending: number;
  /** Of `Date.now()`. */
  resetAt: number;
  /** Grows with each failure. */
  version: number;
}

/** The failures that this process knows of without asking the store. */
export interface KnownFailures {
  of(key: string): Count;
  /**
   * Call it before a failure is counted. Then call the function that it returns: with the total, or with nothing if the
   * failure was not counted.
   */
  begin(key: string, seen: Count): (total?: Count) => void;
  /** Reads the count of the store. It replaces the known one, unless a failure was counted meanwhile. */
  refresh(key: string, read: () => Promise<Count>): Promise<Count>;
}

export function createKnownFailures(windowMs: number): KnownFailures {
  const known = new Map<string, Known>();
  const isLive = ({ resetAt }: Known) => resetAt > Date.now();

  function create(key: string): Known {
    const [oldest] = known.keys();
    if (known.size >= MAX_KEYS) known.delete(String(oldest));
    const created = { failures: 0, pending: 0, resetAt: 0, version: 0 };
    known.set(key, created);
    return created;
  }

  const failuresOf = (found: Known) => found.pending + (isLive(found) ? found.failures : 0);

  function learn(about: Known, { failures, resetTime }: Count): void {
    const now = Date.now();
    // It was read before the window ended.
    if (resetTime && resetTime.getTime() <= now) return;
    const isOver = !isLive(about);
    const resetAt = resetTime?.getTime() ?? (isOver ? now + windowMs : about.resetAt);
    const isNewWindow = isOver || resetAt - about.resetAt > SAME_WINDOW_MS;
    // The totals of a window may arrive out of order.
    about.failures = isNewWindow ? failures : Math.max(about.failures, failures);
    about.resetAt = resetAt;
  }

  return {
    of(key) {
      const found = known.get(key);
      if (!found) return { failures: 0, resetTime: undefined };
      // The window may be over while failures are on their way.
      return { failures: failuresOf(found), resetTime: isLive(found) ? new Date(found.resetAt) : undefined };
    },
    begin(key, seen) {
      const found = known.get(key) ?? create(key);
      found.pending += 1;
      found.version += 1;
      learn(found, seen);
      return function end(total) {
        found.pending -= 1;
        if (total) learn(found, total);
      };
    },
    async refresh(key, read) {
      const before = known.get(key)?.version;
      const count = await read();
      const found = known.get(key);
      if (!found) return count;
      if (found.version === before && found.pending === 0) {
        found.failures = 0;
        learn(found, count);
      }
      return { ...count, failures: Math.max(count.failures, failuresOf(found)) };
    },
  };
}
