/** How long the signatures of a key take now. */
export interface SigningTime {
  expectedMs(): number;
  /** Milliseconds from one signature to the next while others wait: what each of them adds to the wait. */
  intervalMs(): number;
  /** Signs, and learns from it. */
  measure<T>(sign: () => Promise<T>): Promise<T>;
  /** Runs a trial, which measures a signature that nobody gets. Once a second at most. */
  tryOut(trial: () => Promise<unknown>): void;
}

/** What is signed to learn how long it takes, or whether it can be done at all: no JWT, and no part of one. */
export const TRIAL = Buffer.from('a trial signature of express-token-router');

/** What one measurement leaves of the weight of those before it: about the last thirty count. */
const MEMORY = 0.97;
/** An interval counts for so many times the usual one at most: a machine that slept must not refuse for long. */
const MAX_INTERVAL = 10;
const BETWEEN_TRIALS_MS = 1000;
/** A signer that hangs is asked once a second for as long as that goes on. */
const MAX_PENDING = 100;

/**
 * Learns by what it measures, beginning with a guess or, without one, with the first measurement. A signature that is not made yet takes as long at least as it has been waited for, unless one
 * that was begun later is made by now: so a signer that hangs is noticed.
 */
export function createSigningTime(guessMs?: number): SigningTime {
  let isKnown = guessMs !== undefined;
  let expected = guessMs ?? 0;
  /** The mean of the intervals, and how many it stands for. Several end in one turn of the event loop: only their mean tells. */
  let interval = expected;
  let intervals = 1;
  let endedAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  /** When they were begun, in this order. */
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
      // Slowly up, quickly down: a machine that slept must not refuse for long.
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
      // What is wrong with the key is told by the next request.
      trial().catch(() => {});
    },
  };
}
