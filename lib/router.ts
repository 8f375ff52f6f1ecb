import { type RequestHandler, Router } from 'express';
import { OAuthError } from './errors';
import { createCors } from './http/cors';
import { createDeadlines } from './http/deadline';
import { createObserver } from './http/observer';
import { createRateLimit } from './http/rate-limit';
import { createRefusal } from './http/refusal';
import { parseOptions } from './options';
import { createTokenEndpoint } from './token-endpoint';
import type { AuthorizationCode, Client, RefreshToken, TokenRouterOptions } from './types';

/**
 * The token endpoint of an OAuth 2.0 authorization server (RFC 6749 §3.2) as an Express router: `POST /oauth/token`,
 * authorization code with PKCE, refresh tokens where `refresh` is given, DPoP where `verifyDpop` is.
 *
 * @throws TypeError that lists every mistake in the options.
 */
export function createTokenRouter<
  Code extends AuthorizationCode,
  RequestingClient extends Client = Client,
  Token extends RefreshToken = never,
>(options: TokenRouterOptions<Code, RequestingClient, Token>): Router {
  const configuration = parseOptions(options);
  const { path, allowedOrigins, rateLimit, adapterTimeout, errorStatus, onOutcome } = configuration;
  const observer = createObserver(onOutcome);
  const deadlineOf = createDeadlines(adapterTimeout);

  const noStore: RequestHandler = (req, res, next) => {
    observer.begin(req);
    res.setHeader('Cache-Control', 'no-store').setHeader('Pragma', 'no-cache');
    next();
  };
  const browsers = allowedOrigins ? [createCors(allowedOrigins, deadlineOf)] : [];
  const limiter = rateLimit ? [createRateLimit(rateLimit, { deadlineOf, observer })] : [];
  const tokenEndpoint = createTokenEndpoint(configuration, { deadlineOf, observer });

  const router = Router({ caseSensitive: true, strict: true });
  router
    .route(path)
    .all(noStore, ...browsers)
    .post(...limiter, tokenEndpoint)
    .all(methodNotAllowed);
  router.use(createRefusal(errorStatus, observer));
  return router;
}

const methodNotAllowed: RequestHandler = (_req, _res, next) => {
  const headers = { Allow: 'POST' };
  next(
    new OAuthError('invalid_request', 'The token endpoint takes POST requests only', {
      reason: 'method_not_allowed',
      status: 405,
      headers,
    }),
  );
};
