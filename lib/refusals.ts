import { OAuthError } from './errors';
import type { Reason } from './reasons';

/** The same refusal for everything that is wrong with a client, so that nobody learns what it was. */
export const invalidClient = (reason: Reason, options: { cause?: unknown } = {}) =>
  new OAuthError('invalid_client', 'Client authentication failed', { reason, ...options });

/** The refusal if nothing was spent and the client may try again after some seconds. It does not count against the client. */
export const unavailable = (reason: Reason, options: { cause?: unknown } = {}, seconds = 1) =>
  new OAuthError('temporarily_unavailable', 'The authorization server is not available now, try again', {
    reason,
    headers: { 'Retry-After': String(seconds) },
    ...options,
  });
