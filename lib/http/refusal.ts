import type { Request, Response } from 'express';
import { ERROR_STATUS, fault, isOAuthError, OAuthError, toOAuthError } from '../errors';
import type { ErrorStatus, Outcome } from '../types';
import { answer } from './answer';

/** The endpoints, by their names in a sentence. */
export type EndpointName = 'token' | 'revocation' | 'introspection';

/** Answers a refusal, and returns the outcome to report. */
export type AnswerRefusal = (
  req: Request,
  res: Response,
  refusal: OAuthError,
) => Omit<Outcome, 'clientId' | 'durationMs'>;

/** Answers refusals (RFC 6749 §5.2). Nothing else does. `name`: the endpoint, for the realm. */
export function createRefusalAnswer(errorStatus: ErrorStatus, name: EndpointName): AnswerRefusal {
  const statuses: Readonly<Record<string, number>> = { ...ERROR_STATUS, ...errorStatus };

  return function answerRefusal(req, res, refusal) {
    const { error, error_description, reason, headers, members } = refusal;
    const status = refusal.status ?? (statuses[error] as number);
    // RFC 9110 requires a challenge on every 401. But many clients do not read the body if they see one that they did
    // not expect.
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

/** Makes a refusal of anything that was thrown. A value that is no `OAuthError` is a fault. */
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

/** The first cause: the value that an adapter threw, or an `OAuthError` without a cause. */
function rootOf(refusal: OAuthError): unknown {
  const passed = new Set<unknown>();
  let root: unknown = refusal;
  // A chain of causes may be circular.
  while (isOAuthError(root) && root.cause !== undefined && !passed.has(root)) {
    passed.add(root);
    root = root.cause;
  }
  return root;
}

/** The refusal of another method than POST (RFC 9110 §15.5.6). */
export const methodNotAllowed = (name: EndpointName) =>
  new OAuthError('invalid_request', `The ${name} endpoint takes POST requests only`, {
    reason: 'method_not_allowed',
    status: 405,
    headers: { Allow: 'POST' },
  });
