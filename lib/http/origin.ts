import type { RequestHandler } from 'express';
import { OAuthError } from '../errors';

/**
 * Refuses what a page of another origin sends and cannot read the answer of, before anything is spent: its retry would be a
 * replay, and would end the login. Browsers tell by Fetch Metadata. A form that navigates, or a request without CORS, is
 * never read by a page. One with CORS is read only where an `Access-Control-Allow-Origin` says so, which the host may have
 * set itself; without `allowedOrigins` a proxy may add it behind us.
 */
export function createOriginCheck({ knowsOrigins }: { knowsOrigins: boolean }): RequestHandler {
  const unreadable = knowsOrigins ? ['navigate', 'no-cors', 'cors'] : ['navigate', 'no-cors'];

  return function checkOrigin(req, res, next) {
    const { 'sec-fetch-site': site, 'sec-fetch-mode': mode } = req.headers;
    const isForeign = site === 'cross-site' || site === 'same-site';
    const isUnreadable = isForeign && unreadable.some((each) => each === mode);
    if (!isUnreadable || req.method !== 'POST' || res.hasHeader('Access-Control-Allow-Origin')) next();
    else next(originNotAllowed());
  };
}

const originNotAllowed = () =>
  new OAuthError('invalid_request', 'The origin of the page is not allowed', {
    reason: 'origin_not_allowed',
    status: 403,
    counts: false,
  });
