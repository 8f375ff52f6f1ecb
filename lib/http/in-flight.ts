import { unavailable } from '../refusals';
import type { Awaitable } from '../types';
import { createCallers, type Held } from './callers';
import { createEventLoopWatch } from './event-loop';
import { List } from './list';
import { createPace } from './pace';
import { Place, type Room } from './place';
import { createSenders } from './senders';

/** Places for requests whose body is not complete. */
const MAX_SENDING = 4000;
/** How long adapters that do not settle can hold a place, in milliseconds. */
const MAX_HELD_MS = 60_000;

// Made once, because the stack of a new error would be most of the cost of such an answer.
const FULL = unavailable('too_many_in_flight', {
  cause: new Error('As many requests are in flight as maxInFlight allows'),
});
const FULL_OF_ADDRESS = unavailable('too_many_in_flight_of_address', {
  cause: new Error('As many requests of this address are in flight as maxInFlightPerAddress allows'),
});
const CONGESTED = unavailable('too_many_in_flight', {
  cause: new Error('The requests in flight wait for each other: more of them would have no time left to be answered'),
});
const DISPLACED = unavailable('sender_displaced', {
  cause: new Error(`${MAX_SENDING} requests still send, and this is the oldest of the address with the most of them`),
});
const LATE = unavailable('event_loop_late', { cause: new Error('The event loop is more than 500 ms late') });

export interface Bounds {
  maxInFlight: number;
  maxInFlightPerAddress: number;
}

/** Whether the host exempts the request from the limit of its address. Called only if a limit is reached. */
export type IsExempt = () => Awaitable<boolean>;

/** The requests that one router works on. */
export interface InFlight {
  /** Takes a place for a request that arrives. Throws 503 if there is none. */
  enter(address: string, isExempt: IsExempt): Awaitable<Place>;
}

/** Limits the requests in flight, in total and per address. Each step takes constant time. */
export function createInFlight({ maxInFlight, maxInFlightPerAddress }: Bounds): InFlight {
  const callers = createCallers();
  const senders = createSenders(MAX_SENDING);
  const whole = new List<Held>();
  const pace = createPace();
  let held = 0;
  const loop = createEventLoopWatch(() => held === 0);

  const room: Room = {
    toWhole(place) {
      if (isFull()) throw FULL;
      senders.remove(place);
      place.state = 'whole';
      place.wholeAt = performance.now();
      whole.push(place);
    },
    letGo,
    authenticating: 0,
    leave(place) {
      if (place.state === 'sending') senders.remove(place);
      if (place.state === 'whole') {
        whole.remove(place);
        const now = performance.now();
        // Requests of an attacker wait for their own turns, which must not look like congestion.
        if (place.isServed) pace.ended(now, now - place.wholeAt);
      }
      callers.leave(place.caller);
      held -= 1;
    },
  };

  const isFull = () => {
    if (whole.length < maxInFlight) return false;
    letGo();
    return whole.length >= maxInFlight;
  };

  const isFullOf = (address: string) => {
    if (callers.inFlight(address) < maxInFlightPerAddress) return false;
    letGo();
    return callers.inFlight(address) >= maxInFlightPerAddress;
  };

  /** Takes back places from adapters that do not settle. */
  function letGo(): void {
    const now = performance.now();
    while (whole.first && now - whole.first.wholeAt >= MAX_HELD_MS) whole.first.leave();
  }

  function take(address: string, isExempt: IsExempt): Place {
    const place = new Place(callers.add(address), room, isExempt);
    held += 1;
    loop.start();
    senders.add(place)?.lose(DISPLACED);
    return place;
  }

  async function enterIfExempt(address: string, isExempt: IsExempt): Promise<Place> {
    if (await isExempt()) return take(address, isExempt);
    throw FULL_OF_ADDRESS;
  }

  return {
    enter(address, isExempt) {
      if (loop.isLate()) throw LATE;
      if (isFull()) throw FULL;
      // Guesses of secrets wait for their own turns, which must not look like congestion.
      if (pace.isCongested(performance.now(), whole.length - room.authenticating)) throw CONGESTED;
      if (isFullOf(address)) return enterIfExempt(address, isExempt);
      return take(address, isExempt);
    },
  };
}
