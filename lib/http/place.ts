import type { Request } from 'express';
import type { OAuthError } from '../errors';
import type { Awaitable } from '../types';
import { interruptBody } from './body';
import type { Caller, Held, Waiter } from './callers';
import { closeAfterAnswer } from './connection';
import { unavailable } from './too-late';

/** How many requests of one address may be in `authenticateClient` with a credential at once. */
const MAX_TURNS = 20;

const NO_TURN = unavailable('too_many_in_flight_of_address', new Error('20 of this address are in authenticateClient'));

/** What the places of a router have in common. */
export interface Room {
  /** Throws where as many requests as may be are in flight with their body whole. */
  toWhole(place: Place): void;
  leave(place: Place): void;
  /** Takes back the places that adapters hold which do not settle. */
  letGo(): void;
}

/** What one request in flight holds, until its last adapter has settled. */
export class Place implements Held {
  previous: Held | undefined = undefined;
  next: Held | undefined = undefined;
  readonly caller: Caller;
  /** Which of the lists it is in. */
  state: 'sending' | 'whole' | 'lost' | 'left' = 'sending';
  /** When the body was whole, of `performance.now()`. */
  wholeAt = 0;
  /** Whether the request was served: what a refusal waits for is its own, such as its turn. */
  isServed = false;
  readonly #room: Room;
  readonly #isExempt: () => Awaitable<boolean>;
  #req: Request | undefined = undefined;
  #refusal: OAuthError | undefined = undefined;
  #waiter: Waiter | undefined = undefined;
  #hasTurn = false;

  constructor(caller: Caller, room: Room, isExempt: () => Awaitable<boolean>) {
    this.caller = caller;
    this.#room = room;
    this.#isExempt = isExempt;
  }

  /** Waits for the body. Rejects if the place is lost to a newcomer meanwhile, or if there is no room for a whole one. */
  async receive<T>(reading: Promise<T>, req: Request): Promise<T> {
    this.#req = req;
    if (this.#refusal) this.lose(this.#refusal);
    try {
      const body = await reading;
      if (this.#refusal) throw this.#refusal;
      this.becomeWhole();
      return body;
    } catch (thrown) {
      throw this.#refusal ?? thrown;
    }
  }

  /** Nothing more is to come. Throws where there is no room for another one. */
  becomeWhole(): void {
    if (this.state === 'sending') this.#room.toWhole(this);
  }

  lose(refusal: OAuthError): void {
    this.state = 'lost';
    this.#refusal = refusal;
    if (!this.#req) return;
    closeAfterAnswer(this.#req);
    interruptBody(this.#req);
  }

  /** Calls `authenticateClient` with a credential, in turn with the others of this address. */
  authenticate<T>(call: () => Awaitable<T>): Awaitable<T> {
    return this.#takeTurn() ? this.#inTurn(call) : this.#waitForTurn(call);
  }

  /** The request has its answer: what waits for its turn does not begin any more. */
  giveUp(): void {
    const waiter = this.#waiter;
    if (!waiter) return;
    this.#waiter = undefined;
    this.caller.waiting.remove(waiter);
    waiter.abandon();
  }

  leave(): void {
    if (this.state === 'left') return;
    this.giveUp();
    this.#endTurn();
    this.#room.leave(this);
    this.state = 'left';
  }

  #takeTurn(): boolean {
    this.#hasTurn = this.caller.turns < MAX_TURNS;
    if (this.#hasTurn) this.caller.turns += 1;
    return this.#hasTurn;
  }

  async #waitForTurn<T>(call: () => Awaitable<T>): Promise<T> {
    if (await this.#isExempt()) return call();
    this.#room.letGo();
    if (!this.#takeTurn()) {
      await new Promise<void>((resolve, reject) => {
        const begin = () => {
          this.#waiter = undefined;
          this.#hasTurn = true;
          resolve();
        };
        this.#waiter = { previous: undefined, next: undefined, begin, abandon: () => reject(NO_TURN) };
        this.caller.waiting.push(this.#waiter);
      });
    }
    return this.#inTurn(call);
  }

  async #inTurn<T>(call: () => Awaitable<T>): Promise<T> {
    try {
      return await call();
    } finally {
      this.#endTurn();
    }
  }

  /** The turn goes to the one that has waited longest. */
  #endTurn(): void {
    if (!this.#hasTurn) return;
    this.#hasTurn = false;
    const waiter = this.caller.waiting.shift();
    if (waiter) waiter.begin();
    else this.caller.turns -= 1;
  }
}
