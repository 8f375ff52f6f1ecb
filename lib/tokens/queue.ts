/** Runs tasks in the order they come, so many at a time. */
export function createQueue(limit: number) {
  const waiting: (() => void)[] = [];
  let running = 0;

  return async function enqueue<T>(task: () => Promise<T>): Promise<T> {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await task();
    } finally {
      // The place goes to the one that waits longest, or is given up.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
