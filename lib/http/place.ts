import type { Request } from 'express';
import type { OAuthError } from '../errors';
import type { Awaitable } from '../types';
import { interruptBody } from './body';
import type { Caller, Held } from './callers';
import { closeAfterAnswer } from './connection';
import { Turn } from './turn';

/** What all places of a router share. */
export interface Room {
  /** Throws if `maxInFlight` requests with a complete body are in flight. */
  toWhole(place: Place): void;
  leave(place: Place): void;
  /** Takes back places from adapters that do not settle. */
  letGo(): void;
  /** How many requests are in `authenticateClient` with a credential, or wait for their turn there. */
  authenticating: number;
}

/** The place of a request in flight. It holds it until its last adapter has settled. */
export class Place implements Held {
  previous: Held | undefined = undefined;
  next: Held | undefined = undefined;
  readonly caller: Caller;
  /** Which of the lists it is in. */
  state: 'sending' | 'whole' | 'lost' | 'left' = 'sending';
  /** When the body was complete, of `performance.now()`. */
  wholeAt = 0;
  /** Whether the request was served. Only the duration of served requests tells about congestion. */
  isServed = false;
  readonly #room: Room;
  readonly #isExempt: () => Awaitable<boolean>;
  #req: Request | undefined = undefined;
  #refusal: OAuthError | undefined = undefined;
  #turn: Turn | undefined = undefined;

  constructor(caller: Caller, room: Room, isExempt: () => Awaitable<boolean>) {
    this.caller = caller;
    this.#room = room;
    this.#isExempt = isExempt;
  }

  /** Waits for the body. Rejects if a newer request takes the place meanwhile, or if `maxInFlight` is reached. */
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

  /** Marks the body as complete. Throws if `maxInFlight` is reached. */
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

  /** Calls `authenticateClient` with a credential. The requests of one address take turns. */
  async authenticate<T>(call: () => Awaitable<T>): Promise<T> {
    this.#turn = new Turn(this.caller, { isExempt: this.#isExempt, letGo: this.#room.letGo });
    this.#room.authenticating += 1;
    try {
      return await this.#turn.take(call);
    } finally {
      this.#endAuthentication();
    }
  }

  /** The request has its answer. If it still waits for its turn, it does not begin any more. */
  giveUp(): void {
    this.#turn?.giveUp();
  }

  leave(): void {
    if (this.state === 'left') return;
    this.#turn?.leave();
    this.#endAuthentication();
    this.#room.leave(this);
    this.state = 'left';
  }

  /** Counts once: a place may be taken back before the adapter settles. */
  #endAuthentication(): void {
    if (!this.#turn) return;
    this.#turn = undefined;
    this.#room.authenticating -= 1;
  }
}
