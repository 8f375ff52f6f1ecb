/** The error of a task that nobody waited for any more. */
export class Dropped extends Error {}

/** How many tasks may run at once. */
export interface QueueBounds {
  /** This many tasks, however long they take. */
  limit: number;
  /** More than that, if all of them together take at most this many milliseconds. */
  busyMs: number;
}

/** How long a task will probably take, in milliseconds, when it begins. */
type ExpectMs = () => number;

interface Waiting {
  expectMs: ExpectMs;
  begin: (expectedMs: number) => void;
}

/**
 * Runs tasks in order, as many at once as the bounds allow. Drops a task if nobody waits for it any more when its turn
 * comes.
 */
export function createQueue({ limit, busyMs }: QueueBounds) {
  const waiting: Waiting[] = [];
  let running = 0;
  let runningMs = 0;

  /** Starts a task if there is room. Returns how long it will probably take. */
  function start(expectMs: ExpectMs): number | undefined {
    const expectedMs = expectMs();
    if (running >= limit && runningMs + expectedMs > busyMs) return undefined;
    running += 1;
    runningMs += expectedMs;
    return expectedMs;
  }

  /** Ends a task, and starts those that have waited longest. */
  function end(ofMs: number): void {
    running -= 1;
    runningMs -= ofMs;
    for (let next = waiting[0]; next; next = waiting[0]) {
      const expectedMs = start(next.expectMs);
      if (expectedMs === undefined) return;
      waiting.shift();
      next.begin(expectedMs);
    }
  }

  return async function enqueue<T>(task: () => Promise<T>, isAwaited: () => boolean, expectMs: ExpectMs): Promise<T> {
    const atOnce = waiting.length === 0 ? start(expectMs) : undefined;
    const expectedMs = atOnce ?? (await new Promise<number>((begin) => waiting.push({ expectMs, begin })));
    try {
      if (!isAwaited()) throw new Dropped('Nobody waits for this task any more');
      return await task();
    } finally {
      end(expectedMs);
    }
  };
}
