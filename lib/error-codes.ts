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

/** An `error` code that has a status here. */
export type OAuthErrorCode = keyof typeof ERROR_STATUS;

/** Codes that keep their status: clients look for a 400 with those of DPoP (RFC 9449 §5, §8). */
export const FIXED_STATUS = Object.freeze([
  'invalid_dpop_proof',
  'use_dpop_nonce',
  'too_many_requests',
  'server_error',
  'temporarily_unavailable',
] as const satisfies OAuthErrorCode[]);

/** Codes that say "not yet", or that tell of the server: no verdict against the client. */
export const UNCOUNTED: readonly string[] = Object.freeze([
  'use_dpop_nonce',
  'authorization_pending',
  'slow_down',
  'too_many_requests',
  'server_error',
  'temporarily_unavailable',
]);

const ERROR_CODE = /^[\x20-\x21\x23-\x5B\x5D-\x7E]{1,100}$/;

/** @throws TypeError where the code cannot be sent, or not with this status. */
export function checkCode(error: string, status: number | undefined): void {
  const isKnown = typeof error === 'string' && Object.hasOwn(ERROR_STATUS, error);
  const isFixed = FIXED_STATUS.some((fixed) => fixed === error);
  if (typeof error !== 'string' || !ERROR_CODE.test(error)) {
    throw new TypeError(`OAuthError: write one of ${Object.keys(ERROR_STATUS).join(', ')} as the error`);
  }
  if (status === undefined && !isKnown) {
    throw new TypeError(`OAuthError: ${error} needs a status: write { status }, a whole number from 400 to 499`);
  }
  const isStatus = status === undefined || (Number.isInteger(status) && status >= 400 && status <= 499 && !isFixed);
  if (!isStatus) {
    throw new TypeError(`OAuthError: leave the status of ${error} out, or write a whole number from 400 to 499`);
  }
}
