/** Milliseconds from the whole body to the last adapter. Beyond them requests may be waiting for each other. */
const SLOW_MS = 1500;
/** So many may be in flight however slow they are. */
const ALWAYS = 100;
const SECOND_MS = 1000;
/** For how long the fastest request counts as what the adapters need. */
const MEMORY_MS = 30_000;
/** The weight of one request in the average. */
const WEIGHT = 0.2;

/** Tells from how long requests take whether they wait for each other: in a pool of connections, or for a core. */
export interface Pace {
  /** A request was served at `now` (of `performance.now()`), after so many milliseconds. */
  ended(now: number, tookMs: number): void;
  /**
   * Whether one request more would wait too long. The time to spend and to issue would run out for those that are let in,
   * and what they have spent would be lost.
   */
  isCongested(now: number, inFlight: number): boolean;
}

export function createPace(): Pace {
  let average = 0;
  /** Of this period, and of the one before it. */
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
      // Adapters that are slow by nature are no reason to refuse: only what they take longer than alone is waiting.
      if (average <= 3 * Math.min(fastest, fastestBefore)) return false;
      return inFlight > (Math.max(ended, endedBefore) * SLOW_MS) / SECOND_MS;
    },
  };
}
