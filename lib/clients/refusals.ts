import { OAuthError } from '../errors';
import { JwsError, type JwsProblem } from '../jws/error';
import type { Reason } from '../reasons';

/** The same refusal for everything that is wrong with a client, so that nobody learns what it was. */
export const invalidClient = (reason: Reason, options: { cause?: unknown } = {}) =>
  new OAuthError('invalid_client', 'Client authentication failed', { reason, ...options });

/** The refusal if there is too much to do at once. It does not count against the client. */
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

/** Maps an error of lib/jws to a reason of assertions. */
export function toInvalidClient(thrown: unknown): unknown {
  return thrown instanceof JwsError ? invalidClient(REASONS[thrown.problem], { cause: thrown }) : thrown;
}
