import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for what must become true, on a busy machine too. Fails if it does not in half a minute. */
export async function untilTrue(isTrue: () => boolean): Promise<void> {
  const until = Date.now() + 30_000;
  while (!isTrue() && Date.now() < until) await sleep(5);
  expect(isTrue()).toBe(true);
}
