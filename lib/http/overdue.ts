// Not the global one: a host's tests may fake that, and a tick that is faked away would never come again.
import { setImmediate, setTimeout } from 'node:timers';

/** Something that must be over by its time. The owner may change `dueAt` while it is pending. */
export interface Pending {
  /** Its index in the list of the watch; `undefined` while it is not watched. Only the watch writes it. */
  place: number | undefined;
  /** Of `performance.now()`. */
  dueAt: number;
  /** Called when `dueAt` has passed, until it is removed. */
  giveUp(): void;
}

/** Waits for promises, each until its time. */
export interface OverdueWatch {
  add(pending: Pending): void;
  remove(pending: Pending): void;
  /** What the promise brings, unless `dueAt` (of `performance.now()`) passes first: then what `tooLate` makes is thrown. */
  until<T>(dueAt: number, promise: PromiseLike<T>, tooLate: () => Error): Promise<T>;
}

/** How late it may be noticed that a promise is overdue, in milliseconds. */
const TICK_MS = 10;

/** One timer looks after all that is pending. A timer each, armed and disarmed several times a request, cost 7 % of it. */
export function createOverdueWatch(): OverdueWatch {
  // Not a Set: a table that a Set has outgrown still references its old entries. Once the collector has moved that table to
  // the old generation, they all survive with it. That was half of what a redemption left behind.
  const pending: Pending[] = [];
  let isTicking = false;

  function tick(): void {
    const now = performance.now();
    for (const call of [...pending]) if (call.dueAt <= now) call.giveUp();
    isTicking = pending.length > 0;
    if (isTicking) arm();
  }

  /** Behind the answers that have come: a thread that stood still must not take them for late without looking at them. */
  function arm(): void {
    setTimeout(() => setImmediate(tick), TICK_MS);
  }

  function add(call: Pending): void {
    call.place = pending.push(call) - 1;
    if (isTicking) return;
    isTicking = true;
    arm();
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
        // A promise of ours: a thenable could resolve with another thenable, and wait for that past the deadline.
        Promise.resolve(promise).then(
          (value) => end(() => resolve(value)),
          (thrown) => end(() => reject(thrown)),
        );
      }),
  };
}
