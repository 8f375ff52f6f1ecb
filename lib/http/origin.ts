import type { RequestHandler } from 'express';
import { OAuthError } from '../errors';

/**
 * Refuses a request of another origin's page that could not read the answer, before anything is spent: the page would
 * try again, and that replay would end the login. Browsers say so by Fetch Metadata. No page reads the answer to a form
 * that navigates, or to a request without CORS. It reads one with CORS only if the answer has
 * `Access-Control-Allow-Origin`, which the host may have set itself. Without `allowedOrigins`, a proxy may add it
 * later.
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
