// Captured here, and not the global ones: a host's tests may fake those, and a clock that jumps would look like a late loop.
import { setTimeout } from 'node:timers';

const startTimer = setTimeout;
const uptime = process.uptime;

const TICK_MS = 50;
const LATE_SECONDS = 0.5;
/** Ticks in a row that must be late: one long block, such as a collection of garbage, is over once it is seen. */
const LATE_TICKS = 2;
/** How long a late tick counts if no other one follows. */
const MAX_LATE_SECONDS = 5;

/** Sees whether the event loop comes late to what is due. */
export interface EventLoopWatch {
  /** Starts to look, unless it looks already. */
  start(): void;
  isLate(): boolean;
}

/** Looks while it is not idle, with one timer that keeps no process alive. */
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
