import type { OAuthError } from '../errors';
import { List, type Listed } from './list';

/** A request that is in flight. */
export interface Held extends Listed<Held> {
  readonly caller: Caller;
  /** Takes its place away for a newer request. */
  lose(refusal: OAuthError): void;
  /** When its body was complete, of `performance.now()`. */
  readonly wholeAt: number;
  leave(): void;
}

/** A request that waits for its turn to authenticate. */
export interface Waiter extends Listed<Waiter> {
  begin(): void;
  abandon(): void;
}

/** One address, while it has a request in flight. */
export class Caller implements Listed<Caller> {
  readonly address: string;
  previous: Caller | undefined = undefined;
  next: Caller | undefined = undefined;
  inFlight = 0;
  /** How many of its requests are in `authenticateClient` with a credential. */
  turns = 0;
  /** Its requests that are still sending their body, the oldest first. */
  readonly sending = new List<Held>();
  readonly waiting = new List<Waiter>();

  constructor(address: string) {
    this.address = address;
  }
}

/** The addresses that have requests in flight. */
export interface Callers {
  /** How many requests of this address are in flight. */
  inFlight(address: string): number;
  add(address: string): Caller;
  leave(caller: Caller): void;
}

export function createCallers(): Callers {
  const callers = new Map<string, Caller>();
  return {
    inFlight: (address) => callers.get(address)?.inFlight ?? 0,
    add(address) {
      let caller = callers.get(address);
      if (!caller) {
        caller = new Caller(address);
        callers.set(address, caller);
      }
      caller.inFlight += 1;
      return caller;
    },
    leave(caller) {
      caller.inFlight -= 1;
      if (caller.inFlight === 0) callers.delete(caller.address);
    },
  };
}
