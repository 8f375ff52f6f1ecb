import type { Request, Response } from 'express';
import type { Awaitable, TokenRouterOptions } from '../types';
import { isThenable } from './adapters';
import { createAddressKey } from './address-key';
import type { Deadline } from './deadline';
import { type Bounds, createInFlight } from './in-flight';
import type { Place } from './place';
import type { RateLimit } from './rate-limit';
import type { GivenLimit } from './rate-limit-options';

/** Takes a place among the requests in flight. Throws or rejects with 503 if there is none. */
export type Enter = (req: Request, res: Response) => Awaitable<Place>;

type Settings = Bounds & { rateLimit: NonNullable<TokenRouterOptions['rateLimit']> };

const exempt = () => true;

/**
 * Limits the requests in flight. Without `rateLimit`, and for requests that it skips, there is no limit per address.
 */
export function createEntrance(
  { rateLimit, ...bounds }: Settings,
  { limit, deadlineOf }: { limit: RateLimit | undefined; deadlineOf: (req: Request) => Deadline },
): Enter {
  const inFlight = createInFlight(bounds);
  const { ipv6Subnet }: GivenLimit = rateLimit || {};
  const addressKeyOf = createAddressKey(ipv6Subnet);

  return function enter(req, res) {
    // No limit per address. Senders still take turns, by the remote address of the connection.
    if (!limit) return inFlight.enter(req.socket?.remoteAddress ?? '', exempt);
    const entered = inFlight.enter(addressKeyOf(req), () => limit.exempts(req, res));
    return isThenable(entered) ? deadlineOf(req).look('rateLimit', () => entered) : entered;
  };
}
