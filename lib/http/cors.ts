import cors, { type CorsOptions } from 'cors';
import type { Request, RequestHandler, Response } from 'express';
import { fault } from '../errors';
import { wrongReturn } from '../received';
import type { TokenRouterOptions } from '../types';
import { isAnswered } from './answer';
import type { Deadline } from './deadline';
import type { Enter } from './entrance';

type AllowedOrigins = NonNullable<TokenRouterOptions['allowedOrigins']>;
type AllowsOrigin = Extract<AllowedOrigins, (...args: never) => unknown>;

/** What is needed to call the host's function. */
export interface AskingHost {
  deadlineOf(req: Request): Deadline;
  enter: Enter;
}

const ALLOWED: CorsOptions = Object.freeze({
  origin: true,
  methods: 'POST',
  // Pages can read only exposed fields. Without DPoP-Nonce a DPoP login fails.
  exposedHeaders: ['DPoP-Nonce', 'WWW-Authenticate', 'Retry-After', 'RateLimit', 'RateLimit-Policy'],
  maxAge: 7200,
});

const REFUSED: CorsOptions = Object.freeze({ origin: false });

/**
 * Answers preflights of allowed origins, and adds the CORS fields to their answers (Fetch standard). Serves other
 * origins without these fields, because same-origin pages send `Origin` as well. Never allows credentials, because the
 * endpoint reads no cookie.
 */
export function createCors(allowedOrigins: AllowedOrigins, host: AskingHost): RequestHandler {
  const isAllowed =
    typeof allowedOrigins === 'function' ? createHostCheck(allowedOrigins, host) : createOriginCheck(allowedOrigins);

  const allow = cors<Request>((req, done) => {
    const { origin } = req.headers;
    if (origin === undefined) return done(null, REFUSED);
    Promise.resolve(isAllowed(origin, req)).then((allowed) => {
      // If the request has been answered meanwhile, setting a header would throw an error that nobody catches.
      if (!(req.res && isAnswered(req.res))) done(null, allowed ? ALLOWED : REFUSED);
    }, done);
  });

  return function allowOrigin(req, res, next) {
    varyByOrigin(res);
    allow(req, res, next);
  };
}

/** What `res.vary` of Express does: a router without an app gets Node's own response. */
function varyByOrigin(res: Response): void {
  const fields = [res.getHeader('Vary') ?? []].flat().join(', ');
  if (/(?:^|[\s,])(?:origin|\*)(?:[\s,]|$)/i.test(fields)) return;
  res.setHeader('Vary', fields === '' ? 'Origin' : `${fields}, Origin`);
}

/**
 * Calls the host's function within the look budget, as one of the requests in flight: nothing else limits preflights.
 */
function createHostCheck(isAllowed: AllowsOrigin, { deadlineOf, enter }: AskingHost) {
  return async function askHost(origin: string, req: Request): Promise<boolean> {
    const place = await enter(req, req.res as Response);
    try {
      place.becomeWhole();
      return await deadlineOf(req).look('allowedOrigins', async () => parseVerdict(await isAllowed(origin, req)));
    } finally {
      place.leave();
    }
  };
}

function createOriginCheck(allowedOrigins: readonly string[]): (origin: string) => boolean {
  const allowed = new Set(allowedOrigins);
  return (origin) => allowed.has(origin);
}

function parseVerdict(verdict: unknown): boolean {
  if (typeof verdict === 'boolean') return verdict;
  throw fault('allowed_origins_failed', wrongReturn('allowedOrigins', verdict, 'true or false'));
}
