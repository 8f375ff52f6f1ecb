import { unavailable } from '../refusals';
import type { Awaitable } from '../types';
import type { Caller, Waiter } from './callers';

/** How many requests of one address may be in `authenticateClient` with a credential at once. */
const MAX_TURNS = 20;

const NO_TURN = unavailable('too_many_in_flight_of_address', {
  cause: new Error(`${MAX_TURNS} requests of this address are in authenticateClient`),
});

/** What a turn needs from the place of its request. */
interface Surroundings {
  isExempt: () => Awaitable<boolean>;
  /** Takes back places, and their turns, from adapters that do not settle. */
  letGo(): void;
}

/** The turn of one request to authenticate, among those of its address. */
export class Turn {
  readonly #caller: Caller;
  readonly #surroundings: Surroundings;
  #waiter: Waiter | undefined = undefined;
  #isTaken = false;
  #isGivenUp = false;

  constructor(caller: Caller, surroundings: Surroundings) {
    this.#caller = caller;
    this.#surroundings = surroundings;
  }

  take<T>(call: () => Awaitable<T>): Awaitable<T> {
    return this.#tryToTake() ? this.#run(call) : this.#wait(call);
  }

  /** The request has its answer. If it still waits, it does not begin any more. */
  giveUp(): void {
    this.#isGivenUp = true;
    const waiter = this.#waiter;
    if (!waiter) return;
    this.#waiter = undefined;
    this.#caller.waiting.remove(waiter);
    waiter.abandon();
  }

  leave(): void {
    this.giveUp();
    this.#end();
  }

  #tryToTake(): boolean {
    this.#isTaken = this.#caller.turns < MAX_TURNS;
    if (this.#isTaken) this.#caller.turns += 1;
    return this.#isTaken;
  }

  async #wait<T>(call: () => Awaitable<T>): Promise<T> {
    const isExempt = await this.#surroundings.isExempt();
    if (this.#isGivenUp) throw NO_TURN;
    if (isExempt) return call();
    this.#surroundings.letGo();
    if (!this.#tryToTake()) {
      await new Promise<void>((resolve, reject) => {
        const begin = () => {
          this.#waiter = undefined;
          this.#isTaken = true;
          resolve();
        };
        this.#waiter = { previous: undefined, next: undefined, begin, abandon: () => reject(NO_TURN) };
        this.#caller.waiting.push(this.#waiter);
      });
    }
    return this.#run(call);
  }

  async #run<T>(call: () => Awaitable<T>): Promise<T> {
    try {
      return await call();
    } finally {
      this.#end();
    }
  }

  /** Passes the turn on to the request that has waited longest. */
  #end(): void {
    if (!this.#isTaken) return;
    this.#isTaken = false;
    const waiter = this.#caller.waiting.shift();
    if (waiter) waiter.begin();
    else this.#caller.turns -= 1;
  }
}
