import type { Request, RequestHandler } from 'express';
import { MemoryStore, type Options, rateLimit } from 'express-rate-limit';
import { OAuthError } from '../errors';
import type { TokenRouterOptions } from '../types';
import type { Deadline } from './deadline';
import type { Observer } from './observer';

type RateLimit = Exclude<TokenRouterOptions['rateLimit'], false | undefined>;

/** The limit per client address, counted before the body is read (CONTRACT R1 to R3). */
export function createRateLimit(
  options: RateLimit,
  { deadlineOf, observer }: { deadlineOf: (req: Request) => Deadline; observer: Observer },
): RequestHandler {
  const settings: Partial<Options> = {
    windowMs: 60_000,
    limit: 100,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // Only failures of the client's count: a success, a nonce challenge and a fault of ours are taken back.
    skipSuccessfulRequests: true,
    requestWasSuccessful: (req) => !isFailureOfClient(observer, req),
    ...options,
    handler: (_req, _res, next) => next(tooManyRequests()),
  };
  const limitByAddress = rateLimit(settings);
  // Over a Unix socket nobody has an address, and neither has a client that is gone: they share one count.
  const { ipv6Subnet: _byAddress, ...alike } = settings;
  const limitTogether = rateLimit({
    ...alike,
    store: new MemoryStore(),
    keyGenerator: () => 'no address',
  });

  return function limitRate(req, res, next) {
    // `req.ip` parses the header of the proxies each time: whoever has a socket with an address has one.
    const hasAddress = req.socket.remoteAddress !== undefined || req.ip !== undefined;
    const limit = hasAddress || settings.keyGenerator ? limitByAddress : limitTogether;
    deadlineOf(req)
      .look(
        'rateLimit',
        () =>
          new Promise<void>((resolve, reject) => {
            limit(req, res, (error?: unknown) => (error === undefined ? resolve() : reject(error)));
          }),
      )
      .then(
        () => next(),
        (refusal: OAuthError) => next(toUnavailable(refusal)),
      );
  };
}

function isFailureOfClient(observer: Observer, req: Request): boolean {
  const ended = observer.outcomeOf(req);
  return ended?.outcome === 'refused' && ended.error !== 'use_dpop_nonce';
}

const tooManyRequests = () =>
  new OAuthError('too_many_requests', 'Too many requests, try again later', { reason: 'rate_limited' });

/** A store that fails refuses: whoever can break it must not get more guesses by that. */
function toUnavailable(refusal: OAuthError): OAuthError {
  if (refusal.reason !== 'rate_limit_store_failed') return refusal;
  return new OAuthError('temporarily_unavailable', 'The authorization server is not available now, try again', {
    reason: refusal.reason,
    headers: { 'Retry-After': '1' },
    cause: refusal.cause,
  });
}
