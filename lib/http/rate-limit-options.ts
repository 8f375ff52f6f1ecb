import { type LegacyStore, MemoryStore, type Options, type Store } from 'express-rate-limit';
import { addressOf } from '../address';
import type { TokenRouterOptions } from '../types';
import { keyOfAddress } from './address-key';

/** What a host may set. */
export type GivenLimit = Exclude<TokenRouterOptions['rateLimit'], false | undefined>;

/** The options of express-rate-limit, with the defaults that the limit needs. */
export type LimitOptions = Partial<Options> & {
  windowMs: number;
  limit: NonNullable<Options['limit']>;
  store: Store | LegacyStore;
};

/** Logs that the limit failed, and what that means for the request. */
export type LogFailure = (thrown: unknown, consequence: string) => void;

/** Adds the defaults: 100 failures per minute. */
export function completeLimit(given: GivenLimit): LimitOptions {
  const { ipv6Subnet, ...others } = given;
  const defaults = {
    windowMs: 60_000,
    limit: 100,
    standardHeaders: 'draft-8' as const,
    legacyHeaders: false,
    store: new MemoryStore(),
  };
  if (typeof ipv6Subnet !== 'function') return { ...defaults, ...given };
  const keyGenerator: Options['keyGenerator'] = async (req, res) =>
    keyOfAddress(addressOf(req), await ipv6Subnet(req, res));
  return { ...defaults, keyGenerator, ...others };
}

export function createFailureLog({ logger }: LimitOptions): LogFailure {
  return function logFailure(thrown, consequence) {
    const message = `express-token-router: rateLimit failed, ${consequence}`;
    if (logger) logger.error(thrown, message);
    else console.error(message, thrown);
  };
}
