import type { Request, Response } from 'express';
import { ERROR_STATUS, fault, isOAuthError, OAuthError, toOAuthError } from '../errors';
import type { ErrorStatus, Outcome } from '../types';
import { answer } from './answer';

/** The endpoints, by their names in a sentence. */
export type EndpointName = 'token' | 'revocation' | 'introspection';

/** Answers a refusal, and returns what is to be reported of it. */
export type AnswerRefusal = (
  req: Request,
  res: Response,
  refusal: OAuthError,
) => Omit<Outcome, 'clientId' | 'durationMs'>;

/** The one place that answers refusals (RFC 6749 §5.2). `name` is that of the endpoint. */
export function createRefusalAnswer(errorStatus: ErrorStatus, name: EndpointName): AnswerRefusal {
  const statuses: Readonly<Record<string, number>> = { ...ERROR_STATUS, ...errorStatus };

  return function answerRefusal(req, res, refusal) {
    const { error, error_description, reason, headers, members } = refusal;
    const status = refusal.status ?? (statuses[error] as number);
    // RFC 9110 wants a challenge on every 401. Clients in use do not read the body once they see one they did not ask for.
    const isChallenged = error === 'invalid_client' && req.headers.authorization !== undefined;
    try {
      answer(res, status, JSON.stringify({ error, error_description, ...members }), {
        ...headers,
        ...(isChallenged && { 'WWW-Authenticate': `Basic realm="${name} endpoint"` }),
      });
    } catch (thrown) {
      // A middleware that hooks into writeHead threw. Nobody is left to catch it, and the client must not wait for ever.
      res.destroy();
      return { outcome: 'failed', reason: 'unexpected', status: 500, error: 'server_error', fault: thrown };
    }
    return {
      outcome: status >= 500 ? 'failed' : 'refused',
      reason,
      status,
      error,
      ...behind(refusal),
    };
  };
}

/** Whatever was thrown, as a refusal. A value that is no `OAuthError` is a fault. */
export function toRefusal(thrown: unknown): OAuthError {
  return toOAuthError(thrown) ?? fault('unexpected', thrown);
}

function behind(refusal: OAuthError): { fault?: unknown; cause?: unknown } {
  const { error, cause } = refusal;
  if (error === 'server_error' || error === 'temporarily_unavailable' || isOAuthError(cause)) {
    return { fault: rootOf(refusal) };
  }
  return cause === undefined ? {} : { cause };
}

/** What was thrown first: an adapter's own value, or the `OAuthError` that has nothing behind it. */
function rootOf(refusal: OAuthError): unknown {
  const passed = new Set<unknown>();
  let root: unknown = refusal;
  // A chain may end where it began.
  while (isOAuthError(root) && root.cause !== undefined && !passed.has(root)) {
    passed.add(root);
    root = root.cause;
  }
  return root;
}

/** Another method than POST (RFC 9110 §15.5.6). */
export const methodNotAllowed = (name: EndpointName) =>
  new OAuthError('invalid_request', `The ${name} endpoint takes POST requests only`, {
    reason: 'method_not_allowed',
    status: 405,
    headers: { Allow: 'POST' },
  });
