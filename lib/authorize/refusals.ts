import { type ERROR_STATUS, OAuthError } from '../errors';
import type { Reason } from '../reasons';
import type { AuthorizationErrorCode } from './types';

/** A refusal of the authorization endpoint. The description is a fixed sentence, without values of the request. */
export function refusal(
  error: AuthorizationErrorCode | keyof typeof ERROR_STATUS,
  reason: Reason,
  description: string,
): OAuthError {
  return new OAuthError(error, description, { reason, status: 400 });
}

export const invalidRequest = (reason: Reason, description: string) => refusal('invalid_request', reason, description);
