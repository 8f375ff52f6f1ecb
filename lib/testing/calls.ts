import { clearInterval, setInterval } from 'node:timers';
import type { Awaitable } from '../types';

// Captured, because tests of the host may fake timers.
const startTicks = setInterval;
const stopTicks = clearInterval;

const TICK_MS = 500;

/** Less than the 5 s after which jest and vitest end a test without saying which call hangs. */
const TICKS = 9;

const ADVICE =
  'Return a promise that resolves or rejects in every case. A lock, a pool without a free connection or a faked timer can hold it back.';

/** A failure that names its cause better than the rule in which it shows. */
export class Failure extends Error {
  readonly advice: string;
  readonly anchor: string;

  constructor(message: string, advice: string, anchor: string) {
    super(message);
    this.advice = advice;
    this.anchor = anchor;
  }
}

/** The calls of one rule. */
export interface Watch {
  /** Calls a function of the host. What it throws is known by its name. */
  call<T>(name: string, call: () => Awaitable<T>): Promise<T>;
  /** The same, for a function that has to settle within seconds. */
  watched<T>(name: string, call: () => Awaitable<T>): Promise<T>;
  /** Rejects as soon as a watched call has not settled for some seconds. */
  silence: Promise<never>;
  /** The function that threw this. */
  throwerOf(thrown: unknown): string | undefined;
  end(): void;
}

/** Watches the calls of a rule. It counts ticks: a process that stood still for a while proves nothing. */
export function watchCalls(): Watch {
  const pending = new Set<{ name: string; ticks: number }>();
  const faults: { name: string; thrown: unknown }[] = [];
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = startTicks(() => {
      for (const each of pending) {
        each.ticks += 1;
        if (each.ticks === TICKS)
          reject(new Failure(`${each.name} did not settle within 4 seconds`, ADVICE, 'run-the-suites'));
      }
    }, TICK_MS);
  });
  silence.catch(() => undefined);

  async function call<T>(name: string, run: () => Awaitable<T>): Promise<T> {
    try {
      return await run();
    } catch (thrown) {
      faults.push({ name, thrown });
      throw thrown;
    }
  }

  return {
    silence,
    call,
    async watched(name, run) {
      const entry = { name, ticks: 0 };
      pending.add(entry);
      try {
        return await call(name, run);
      } finally {
        pending.delete(entry);
      }
    },
    throwerOf: (thrown) => faults.find((each) => Object.is(each.thrown, thrown))?.name,
    end: () => stopTicks(timer),
  };
}

/** Waits until all have settled, also where one has failed, so that nothing goes on after its rule. */
export async function settle<const Calls extends readonly unknown[]>(calls: Calls) {
  await Promise.allSettled(calls);
  return Promise.all(calls);
}
