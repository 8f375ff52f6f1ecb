import type { Request, Response } from 'express';
import type { TokenRouterOptions } from '../types';
import { isThenable } from './adapters';
import { createAddressKey } from './address-key';
import type { Deadline } from './deadline';
import { type Bounds, createInFlight } from './in-flight';
import type { Place } from './place';
import type { RateLimit } from './rate-limit';

/** Takes a place among the requests in flight. Rejects with 503 where there is none. */
export type Enter = (req: Request, res: Response) => Promise<Place>;

type Settings = Bounds & { rateLimit: NonNullable<TokenRouterOptions['rateLimit']> };

/** Bounds what is in flight. Without a limit, and for requests that it skips, an address has no bound of its own. */
export function createEntrance(
  { rateLimit, ...bounds }: Settings,
  { limit, deadlineOf }: { limit: RateLimit | undefined; deadlineOf: (req: Request) => Deadline },
): Enter {
  const inFlight = createInFlight(bounds);
  const addressKeyOf = createAddressKey(rateLimit ? rateLimit.ipv6Subnet : undefined);

  return async function enter(req, res) {
    const isExempt = () => (limit ? limit.exempts(req, res) : true);
    const entered = inFlight.enter(addressKeyOf(req), isExempt);
    return isThenable(entered) ? deadlineOf(req).look('rateLimit', () => entered) : entered;
  };
}
