// Not the global one: a host's tests may fake that, and a tick that is faked away would never come again.
import { setTimeout } from 'node:timers';

interface Pending {
  /** Where it stands in the list; `undefined` once it has ended. */
  place: number | undefined;
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
  // Not a Set: a table that a Set has grown out of still holds what was in it, and where the collector has put it among the
  // old, all of that outlives the collections of the young. It was half of what a redemption left behind.
  const pending: Pending[] = [];
  let isTicking = false;

  function tick(): void {
    const now = performance.now();
    for (const { dueAt, giveUp } of [...pending]) if (dueAt <= now) giveUp();
    isTicking = pending.length > 0;
    if (isTicking) setTimeout(tick, TICK_MS);
  }

  function add(call: Pending): void {
    call.place = pending.push(call) - 1;
    if (isTicking) return;
    isTicking = true;
    setTimeout(tick, TICK_MS);
  }

  /** The last one takes its place. */
  function remove(call: Pending): void {
    if (call.place === undefined) return;
    const last = pending.pop() as Pending;
    if (last !== call) {
      pending[call.place] = last;
      last.place = call.place;
    }
    call.place = undefined;
  }

  return {
    until: (dueAt, promise, tooLate) =>
      new Promise((resolve, reject) => {
        const call: Pending = { place: undefined, dueAt, giveUp: () => end(() => reject(tooLate())) };
        const end = (settle: () => void) => {
          remove(call);
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
