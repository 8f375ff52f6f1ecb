import { describeValue } from './received';

/** The `error` codes in use and their statuses: RFC 6749 §5.2, 7009 §2.2.1, 8628 §3.5, 8707 §2, 9449 §5 and §8, Auth0's, HTTP's own. */
export const ERROR_STATUS = Object.freeze({
  invalid_request: 400,
  invalid_client: 401,
  invalid_grant: 400,
  unauthorized_client: 400,
  unsupported_grant_type: 400,
  unsupported_token_type: 400,
  invalid_scope: 400,
  invalid_target: 400,
  invalid_dpop_proof: 400,
  use_dpop_nonce: 400,
  access_denied: 400,
  authorization_pending: 400,
  slow_down: 400,
  expired_token: 400,
  mfa_required: 403,
  too_many_requests: 429,
  server_error: 500,
  temporarily_unavailable: 503,
});

/** An `error` code with a default status. */
export type OAuthErrorCode = keyof typeof ERROR_STATUS;

/** Codes whose status cannot be changed. Clients expect 400 with the codes of DPoP (RFC 9449 §5, §8). */
export const FIXED_STATUS = Object.freeze([
  'invalid_dpop_proof',
  'use_dpop_nonce',
  'too_many_requests',
  'server_error',
  'temporarily_unavailable',
] as const satisfies OAuthErrorCode[]);

/** Codes that are no verdict against the client: they mean "not yet", or the server is at fault. */
export const UNCOUNTED: readonly string[] = Object.freeze([
  'use_dpop_nonce',
  'authorization_pending',
  'slow_down',
  'too_many_requests',
  'server_error',
  'temporarily_unavailable',
]);

const ERROR_CODE = /^[\x20-\x21\x23-\x5B\x5D-\x7E]{1,100}$/;

/** @throws TypeError if the code cannot be sent, or not with this status. */
export function checkCode(error: string, status: number | undefined): void {
  if (typeof error !== 'string' || !ERROR_CODE.test(error)) {
    throw new TypeError(
      `OAuthError: error is ${describeValue(error)}. Write one of ${Object.keys(ERROR_STATUS).join(', ')}, or a code of your own.`,
    );
  }
  if (status === undefined && !Object.hasOwn(ERROR_STATUS, error)) {
    throw new TypeError(
      `OAuthError: status is missing, and ${error} has no default. Write { status }, a whole number from 400 to 499.`,
    );
  }
  const isFixed = FIXED_STATUS.some((fixed) => fixed === error);
  const isStatus = status === undefined || (Number.isInteger(status) && status >= 400 && status <= 499 && !isFixed);
  if (!isStatus) {
    const advice = isFixed
      ? `Leave it out: clients rely on the one of ${error}.`
      : 'Write a whole number from 400 to 499.';
    throw new TypeError(`OAuthError: status is ${describeValue(status)}. ${advice}`);
  }
}
