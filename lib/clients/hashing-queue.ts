import { unavailable } from '../refusals';

const AT_ONCE = 2;
const MAX_WAITING = 50;
const OF_ONE_NETWORK = 2;
/** Milliseconds after which nobody waits for the answer any more. */
const MAX_WAIT_MS = 3000;

interface Waiting {
  since: number;
  begin: () => void;
  giveUp: () => void;
}

/** Runs slow hashes, few at a time, so that the thread pool stays free for signatures. */
export type EnqueueHash = <T>(network: string, work: () => Promise<T>) => Promise<T>;

/**
 * Runs two at a time, lets 50 wait, and takes two per network, including those that wait. Networks take turns, so that
 * one network cannot keep others waiting. Refuses the rest with 503.
 */
export function createHashingQueue(now: () => number = () => performance.now()): EnqueueHash {
  const waiting = new Map<string, Waiting[]>();
  const held = new Map<string, number>();
  let running = 0;
  let waits = 0;

  function takeNext(): Waiting | undefined {
    const [next] = waiting;
    if (next === undefined) return undefined;
    const [network, [first, ...others]] = next as [string, [Waiting, ...Waiting[]]];
    waiting.delete(network);
    if (others.length > 0) waiting.set(network, others);
    waits -= 1;
    return first;
  }

  function beginNext(): void {
    while (running < AT_ONCE) {
      const next = takeNext();
      if (next === undefined) return;
      if (now() - next.since > MAX_WAIT_MS) next.giveUp();
      else {
        running += 1;
        next.begin();
      }
    }
  }

  function hold(network: string, change: 1 | -1): void {
    const count = Number(held.get(network) ?? 0) + change;
    if (count === 0) held.delete(network);
    else held.set(network, count);
  }

  return async function enqueueHash(network, work) {
    if (waits >= MAX_WAITING || Number(held.get(network) ?? 0) >= OF_ONE_NETWORK)
      throw unavailable('client_secret_queue_full');
    hold(network, 1);
    try {
      await new Promise<void>((begin, reject) => {
        const giveUp = () => reject(unavailable('client_secret_queue_full'));
        waiting.set(network, [...(waiting.get(network) ?? []), { since: now(), begin, giveUp }]);
        waits += 1;
        beginNext();
      });
      try {
        return await work();
      } finally {
        running -= 1;
        beginNext();
      }
    } finally {
      hold(network, -1);
    }
  };
}
