/** What a task that nobody waited for any more ended with. */
export class Dropped extends Error {}

/** What may run at once. */
export interface QueueBounds {
  /** So many tasks, however long they take. */
  limit: number;
  /** More than that, as long as all of them together take no longer than so many milliseconds. */
  busyMs: number;
}

/** What a task is expected to take, as far as is known when it begins. */
type ExpectMs = () => number;

interface Waiting {
  expectMs: ExpectMs;
  begin: (expectedMs: number) => void;
}

/**
 * Runs tasks in the order they come, as many at once as the bounds allow. One that nobody waits for when its turn comes is
 * dropped.
 */
export function createQueue({ limit, busyMs }: QueueBounds) {
  const waiting: Waiting[] = [];
  let running = 0;
  let runningMs = 0;

  /** What the task is expected to take, if there is room for it now. */
  function start(expectMs: ExpectMs): number | undefined {
    const expectedMs = expectMs();
    if (running >= limit && runningMs + expectedMs > busyMs) return undefined;
    running += 1;
    runningMs += expectedMs;
    return expectedMs;
  }

  /** The room goes to those that wait longest. */
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
