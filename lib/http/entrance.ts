import type { Request, Response } from 'express';
import type { Awaitable, TokenRouterOptions } from '../types';
import { isThenable } from './adapters';
import { createAddressKey } from './address-key';
import type { Deadline } from './deadline';
import { type Bounds, createInFlight } from './in-flight';
import type { Place } from './place';
import type { RateLimit } from './rate-limit';

/** Takes a place among the requests in flight. Throws 503, or rejects with it, where there is none. */
export type Enter = (req: Request, res: Response) => Awaitable<Place>;

type Settings = Bounds & { rateLimit: NonNullable<TokenRouterOptions['rateLimit']> };

const exempt = () => true;

/** Bounds what is in flight. Without a limit, and for requests that it skips, an address has no bound of its own. */
export function createEntrance(
  { rateLimit, ...bounds }: Settings,
  { limit, deadlineOf }: { limit: RateLimit | undefined; deadlineOf: (req: Request) => Deadline },
): Enter {
  const inFlight = createInFlight(bounds);
  const addressKeyOf = createAddressKey(rateLimit ? rateLimit.ipv6Subnet : undefined);

  return function enter(req, res) {
    // Without a limit no address has a bound. Senders still take turns, by who holds the connection.
    if (!limit) return inFlight.enter(req.socket?.remoteAddress ?? '', exempt);
    const entered = inFlight.enter(addressKeyOf(req), () => limit.exempts(req, res));
    return isThenable(entered) ? deadlineOf(req).look('rateLimit', () => entered) : entered;
  };
}
