import { OAuthError } from '../errors';
import { JwsError, type JwsProblem } from '../jws/error';
import type { Reason } from '../reasons';

/** The one answer to whatever is wrong with a client, so that nobody learns what it was. */
export const invalidClient = (reason: Reason, options: { cause?: unknown } = {}) =>
  new OAuthError('invalid_client', 'Client authentication failed', { reason, ...options });

/** Too much is asked of us at once. No verdict against the client. */
export const unavailable = (reason: Reason) =>
  new OAuthError('temporarily_unavailable', 'The authorization server is not available now, try again', {
    reason,
    headers: { 'Retry-After': '1' },
  });

const REASONS: Readonly<Record<JwsProblem, Reason>> = {
  too_large: 'client_assertion_malformed',
  malformed: 'client_assertion_malformed',
  extension_unsupported: 'client_assertion_extension_unsupported',
  algorithm_unsupported: 'client_assertion_algorithm_unsupported',
  key_malformed: 'client_assertion_key_unknown',
  key_private: 'client_assertion_key_unknown',
  key_size: 'client_assertion_key_unknown',
  key_unsuitable: 'client_assertion_key_unknown',
};

/** What the floor below refused, in the words of assertions. */
export function toInvalidClient(thrown: unknown): unknown {
  return thrown instanceof JwsError ? invalidClient(REASONS[thrown.problem], { cause: thrown }) : thrown;
}
