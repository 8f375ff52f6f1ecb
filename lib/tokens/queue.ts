/** What a task that nobody waited for any more ended with. */
export class Dropped extends Error {}

/** Runs tasks in the order they come, so many at a time. One that nobody waits for when its turn comes is dropped. */
export function createQueue(limit: number) {
  const waiting: (() => void)[] = [];
  let running = 0;

  return async function enqueue<T>(task: () => Promise<T>, isAwaited: () => boolean): Promise<T> {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      if (!isAwaited()) throw new Dropped('Nobody waits for this task any more');
      return await task();
    } finally {
      // The place goes to the one that waits longest, or is given up.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
