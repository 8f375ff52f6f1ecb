import { OAuthError } from '../errors';
import { JwsError, type JwsProblem } from '../jws/error';
import type { Reason } from '../reasons';

/** The same refusal for everything that is wrong with a proof (RFC 9449 §5), so that nobody learns what it was. */
export const invalidProof = (reason: Reason, options: { cause?: unknown } = {}) =>
  new OAuthError('invalid_dpop_proof', 'The DPoP proof is invalid', { reason, ...options });

const REASONS: Readonly<Record<JwsProblem, Reason>> = {
  too_large: 'dpop_proof_too_large',
  malformed: 'dpop_proof_malformed',
  extension_unsupported: 'dpop_extension_unsupported',
  algorithm_unsupported: 'dpop_algorithm_unsupported',
  key_malformed: 'dpop_key_malformed',
  key_private: 'dpop_key_private',
  key_size: 'dpop_key_size',
  key_unsuitable: 'dpop_key_unsuitable',
};

/** Maps an error of lib/jws to a reason of DPoP. */
export function toInvalidProof(thrown: unknown): unknown {
  if (!(thrown instanceof JwsError)) return thrown;
  return invalidProof(REASONS[thrown.problem], 'cause' in thrown ? { cause: thrown.cause } : {});
}
