/**
 * Milliseconds from the complete body to the last adapter. If requests take longer, they may be waiting for each other.
 */
const SLOW_MS = 1500;
/** This many requests may be in flight, however slow they are. */
const ALWAYS = 100;
const SECOND_MS = 1000;
/** For how many milliseconds the fastest request counts as the time that adapters need. */
const MEMORY_MS = 30_000;
/** The weight of one request in the average. */
const WEIGHT = 0.2;

/**
 * Finds out by the duration of requests whether they wait for each other, for example in a connection pool or for a CPU
 * core.
 */
export interface Pace {
  /** Call it when a request was served: at `now` (of `performance.now()`), after `tookMs` milliseconds. */
  ended(now: number, tookMs: number): void;
  /**
   * Whether one more request would wait too long. Then the act would run out of time, and the spent codes would be
   * lost.
   */
  isCongested(now: number, inFlight: number): boolean;
}

export function createPace(): Pace {
  let average = 0;
  /** The fastest request of this period, and of the one before it. */
  let fastest = Number.POSITIVE_INFINITY;
  let fastestBefore = Number.POSITIVE_INFINITY;
  let periodAt = 0;
  let ended = 0;
  let endedBefore = 0;
  let secondAt = 0;

  function advance(now: number): void {
    if (now - secondAt >= SECOND_MS) {
      endedBefore = now - secondAt < 2 * SECOND_MS ? ended : 0;
      ended = 0;
      secondAt = now;
    }
    if (now - periodAt >= MEMORY_MS) {
      fastestBefore = fastest;
      fastest = Number.POSITIVE_INFINITY;
      periodAt = now;
    }
  }

  return {
    ended(now, tookMs) {
      advance(now);
      ended += 1;
      average += (tookMs - average) * WEIGHT;
      if (tookMs < fastest) fastest = tookMs;
    },
    isCongested(now, inFlight) {
      if (inFlight <= ALWAYS || average <= SLOW_MS) return false;
      advance(now);
      // Slow adapters alone are no reason to refuse. Waiting is only the time beyond what they need.
      if (average <= 3 * Math.min(fastest, fastestBefore)) return false;
      return inFlight > (Math.max(ended, endedBefore) * SLOW_MS) / SECOND_MS;
    },
  };
}
