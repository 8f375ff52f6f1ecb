// Not the global one: a host's tests may fake that, and a tick that is faked away would never come again.
import { setTimeout } from 'node:timers';

interface Pending {
  dueAt: number;
  giveUp: () => void;
}

/** Waits for promises, each until its time. */
export interface OverdueWatch {
  /** What the promise brings, unless `dueAt` (of `performance.now()`) passes first: then what `tooLate` makes is thrown. */
  until<T>(dueAt: number, promise: PromiseLike<T>, tooLate: () => Error): Promise<T>;
}

/** How late it may be noticed that a promise is overdue, in milliseconds. */
const TICK_MS = 10;

/** One timer looks after all that is pending. A timer each, armed and disarmed several times a request, cost 7 % of it. */
export function createOverdueWatch(): OverdueWatch {
  const pending = new Set<Pending>();
  let isTicking = false;

  function tick(): void {
    const now = performance.now();
    for (const { dueAt, giveUp } of pending) if (dueAt <= now) giveUp();
    isTicking = pending.size > 0;
    if (isTicking) setTimeout(tick, TICK_MS);
  }

  function add(call: Pending): void {
    pending.add(call);
    if (isTicking) return;
    isTicking = true;
    setTimeout(tick, TICK_MS);
  }

  return {
    until: (dueAt, promise, tooLate) =>
      new Promise((resolve, reject) => {
        const call: Pending = { dueAt, giveUp: () => end(() => reject(tooLate())) };
        const end = (settle: () => void) => {
          pending.delete(call);
          settle();
        };
        add(call);
        // A promise of ours: a thenable could hand over another one, and wait for that past the deadline.
        Promise.resolve(promise).then(
          (value) => end(() => resolve(value)),
          (thrown) => end(() => reject(thrown)),
        );
      }),
  };
}
