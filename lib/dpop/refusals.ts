import { OAuthError } from '../errors';
import type { Reason } from '../reasons';

/** The one answer to whatever is wrong with a proof (RFC 9449 §5), so that nobody learns what it was. */
export const invalidProof = (reason: Reason, options: { cause?: unknown } = {}) =>
  new OAuthError('invalid_dpop_proof', 'The DPoP proof is invalid', { reason, ...options });
