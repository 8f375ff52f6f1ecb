// Not the global ones: tests of the host may fake those, and a tick that is lost would never come again.
import { setImmediate, setTimeout } from 'node:timers';

/** Something that must end by its time. The owner may change `dueAt` while it is pending. */
export interface Pending {
  /** Its index in the list of the watch; `undefined` while it is not watched. Only the watch writes it. */
  place: number | undefined;
  /** Of `performance.now()`. */
  dueAt: number;
  /** Called when `dueAt` has passed, until it is removed. */
  giveUp(): void;
}

/** Gives up what is overdue. */
export interface OverdueWatch {
  add(pending: Pending): void;
  remove(pending: Pending): void;
  /** Waits for the promise until `dueAt` (of `performance.now()`). Then it rejects with what `tooLate` returns. */
  until<T>(dueAt: number, promise: PromiseLike<T>, tooLate: () => Error): Promise<T>;
}

/** How late an overdue promise may be noticed, in milliseconds. */
const TICK_MS = 10;

/** One timer for everything that is pending. A timer for each step cost 7 % of a request. */
export function createOverdueWatch(): OverdueWatch {
  // Not a Set: the old table of a Set that has grown still references its entries. Once the garbage collector has moved
  // that table to the old generation, they all survive with it. That was half of the garbage of a redemption.
  const pending: Pending[] = [];
  let isTicking = false;

  function tick(): void {
    const now = performance.now();
    for (const call of [...pending]) if (call.dueAt <= now) call.giveUp();
    isTicking = pending.length > 0;
    if (isTicking) arm();
  }

  /** Ticks after pending I/O events: answers that arrived while the event loop was blocked must not count as late. */
  function arm(): void {
    setTimeout(() => setImmediate(tick), TICK_MS);
  }

  function add(call: Pending): void {
    call.place = pending.push(call) - 1;
    if (isTicking) return;
    isTicking = true;
    arm();
  }

  /** Moves the last one into its place. */
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
    add,
    remove,
    until: (dueAt, promise, tooLate) =>
      new Promise((resolve, reject) => {
        const call: Pending = { place: undefined, dueAt, giveUp: () => end(() => reject(tooLate())) };
        const end = (settle: () => void) => {
          remove(call);
          settle();
        };
        add(call);
        // A native promise: a thenable could resolve with another thenable, and wait for it beyond the deadline.
        Promise.resolve(promise).then(
          (value) => end(() => resolve(value)),
          (thrown) => end(() => reject(thrown)),
        );
      }),
  };
}
