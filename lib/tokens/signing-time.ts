/** How long the signatures of a key take now. */
export interface SigningTime {
  expectedMs(): number;
  /** Milliseconds from one signature to the next while others wait, which each one adds to the wait. */
  intervalMs(): number;
  /** Signs, and measures how long it takes. */
  measure<T>(sign: () => Promise<T>): Promise<T>;
  /** Runs a trial signature that nobody gets. At most once per second. */
  tryOut(trial: () => Promise<unknown>): void;
}

/** The data of trial signatures. It is not a JWT, and not a part of one. */
export const TRIAL = Buffer.from('a trial signature of express-token-router');

/** By how much a new measurement reduces the weight of the older ones. About the last thirty count. */
const MEMORY = 0.97;
/**
 * An interval counts as this many times the average at most, so that a machine that was suspended does not refuse for
 * long.
 */
const MAX_INTERVAL = 10;
const BETWEEN_TRIALS_MS = 1000;
/** The limit for pending signatures: a signer that hangs is asked once per second. */
const MAX_PENDING = 100;

/**
 * Measures signatures. Begins with a guess or, without one, with the first measurement. A signature that is not finished
 * counts with the time that it has taken so far, unless a later one is finished. So a signer that hangs is noticed.
 */
export function createSigningTime(guessMs?: number): SigningTime {
  let isKnown = guessMs !== undefined;
  let expected = guessMs ?? 0;
  /**
   * The mean of the intervals, and the weight of this mean. Only the mean is useful, because several signatures end in
   * one turn of the event loop.
   */
  let interval = expected;
  let intervals = 1;
  let endedAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  /** The unfinished signatures, the oldest first. */
  let pending: { startedAt: number }[] = [];

  function learnInterval(now: number, startedAt: number): void {
    const measured = Math.min(now - Math.max(startedAt, endedAt), interval * MAX_INTERVAL);
    endedAt = now;
    intervals = intervals * MEMORY + 1;
    interval += (measured - interval) / intervals;
  }

  async function measure<T>(sign: () => Promise<T>): Promise<T> {
    const mine = { startedAt: performance.now() };
    pending.push(mine);
    if (pending.length > MAX_PENDING) pending.shift();
    try {
      const signature = await sign();
      const now = performance.now();
      const took = now - mine.startedAt;
      learnInterval(now, mine.startedAt);
      // Rises slowly and falls quickly, so that a machine that was suspended does not refuse for long.
      const share = took < expected ? 0.5 : 0.3;
      expected += (took - expected) * (isKnown ? share : 1);
      isKnown = true;
      pending = pending.filter(({ startedAt }) => startedAt > mine.startedAt);
      return signature;
    } finally {
      pending = pending.filter((each) => each !== mine);
    }
  }

  return {
    expectedMs() {
      const [oldest] = pending;
      return oldest ? Math.max(expected, performance.now() - oldest.startedAt) : expected;
    },
    intervalMs: () => interval,
    measure,
    tryOut(trial) {
      const now = performance.now();
      if (now - triedAt < BETWEEN_TRIALS_MS) return;
      triedAt = now;
      // The next request reports what is wrong with the key.
      trial().catch(() => {});
    },
  };
}
