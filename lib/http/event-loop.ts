// Captured here, because tests of the host may fake the global ones, and a clock that jumps would look like a late
// loop.
import { setTimeout } from 'node:timers';

const startTimer = setTimeout;
const uptime = process.uptime;

const TICK_MS = 50;
const LATE_SECONDS = 0.5;
/**
 * How many ticks in a row must be late. A single long block, such as a garbage collection, is over when it is noticed.
 */
const LATE_TICKS = 2;
/** For how many seconds a late tick counts if no other one follows. */
const MAX_LATE_SECONDS = 5;

/** Watches whether the event loop is late. */
export interface EventLoopWatch {
  /** Starts to watch, unless it is watching already. */
  start(): void;
  isLate(): boolean;
}

/** Watches while there is work, with one timer that does not keep the process alive. */
export function createEventLoopWatch(isIdle: () => boolean): EventLoopWatch {
  let isTicking = false;
  let lateTicks = 0;
  let seenAt = 0;

  function tick(dueAt: number): void {
    seenAt = uptime();
    lateTicks = seenAt - dueAt > LATE_SECONDS ? lateTicks + 1 : 0;
    if (isIdle()) {
      isTicking = false;
      lateTicks = 0;
    } else arm();
  }

  function arm(): void {
    startTimer(tick, TICK_MS, uptime() + TICK_MS / 1000).unref();
  }

  return {
    start() {
      if (isTicking) return;
      isTicking = true;
      arm();
    },
    isLate: () => lateTicks >= LATE_TICKS && uptime() - seenAt < MAX_LATE_SECONDS,
  };
}
