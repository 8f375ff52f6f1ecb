import type { Awaitable } from '../types';
import { createCallers, type Held } from './callers';
import { createEventLoopWatch } from './event-loop';
import { List } from './list';
import { createPace } from './pace';
import { Place, type Room } from './place';
import { createSenders } from './senders';
import { unavailable } from './too-late';

/** Places for requests whose body is not whole. */
const MAX_SENDING = 4000;
/** Milliseconds that a place is held at most by adapters that do not settle. */
const MAX_HELD_MS = 60_000;

// One error for all: a stack for each would be most of what such an answer costs.
const FULL = unavailable('too_many_in_flight', new Error('As many requests are in flight as maxInFlight allows'));
const FULL_OF_ADDRESS = unavailable(
  'too_many_in_flight_of_address',
  new Error('As many requests of this address are in flight as maxInFlightPerAddress allows'),
);
const CONGESTED = unavailable(
  'too_many_in_flight',
  new Error('The requests in flight wait for each other: more of them would have no time left to be answered'),
);
const DISPLACED = unavailable(
  'sender_displaced',
  new Error(`${MAX_SENDING} requests still send, and this is the oldest of the address with the most of them`),
);
const LATE = unavailable('event_loop_late', new Error('The event loop is more than 500 ms late'));

export interface Bounds {
  maxInFlight: number;
  maxInFlightPerAddress: number;
}

/** Whether the host exempts the request from the bounds of its address. Asked only once a bound is reached. */
export type IsExempt = () => Awaitable<boolean>;

/** The requests that one router works on. */
export interface InFlight {
  /** Takes a place for a request that arrives. Throws 503 where there is none. */
  enter(address: string, isExempt: IsExempt): Awaitable<Place>;
}

/** Bounds what is in flight, in all and of one address. Each step takes the same time, however much is in flight. */
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
        // Who attacks waits for turns of its own, and must not look like a crowd.
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

  /** Adapters that never settle do not hold their places for ever. */
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
      // Guesses wait for turns of their own, and must not look like a crowd.
      if (pace.isCongested(performance.now(), whole.length - room.authenticating)) throw CONGESTED;
      if (isFullOf(address)) return enterIfExempt(address, isExempt);
      return take(address, isExempt);
    },
  };
}
