import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { Reason } from './reasons';

/** The `error` codes in use and their statuses: RFC 6749 §5.2, RFC 9449 §5 and §8, and HTTP's own for the last three. */
export const ERROR_STATUS = Object.freeze({
  invalid_request: 400,
  invalid_client: 401,
  invalid_grant: 400,
  unauthorized_client: 400,
  unsupported_grant_type: 400,
  invalid_scope: 400,
  invalid_dpop_proof: 400,
  use_dpop_nonce: 400,
  too_many_requests: 429,
  server_error: 500,
  temporarily_unavailable: 503,
});

/** An `error` code that this endpoint answers with. */
export type OAuthErrorCode = keyof typeof ERROR_STATUS;

/** What an `OAuthError` may carry besides its code and its description. */
export interface OAuthErrorOptions {
  /** For the operator: a stable word of yours, or one of the catalogue. Never sent. @default 'adapter_refused' */
  reason?: Reason | (string & {});
  /** Fields for the answer, such as `DPoP-Nonce`. The fields that the endpoint itself sets are refused. @default {} */
  headers?: Readonly<Record<string, string>>;
  /** What lies behind the refusal. Goes to the observer, never to the client. */
  cause?: unknown;
  /** The HTTP status where it is not the one of the code: 400 to 499, and only for a code whose status is not fixed. @default the status of RFC 6749 §5.2, or `errorStatus` */
  status?: number;
}

/** Codes that keep their status: clients look for a 400 with those of DPoP (RFC 9449 §5, §8). */
export const FIXED_STATUS = Object.freeze([
  'invalid_dpop_proof',
  'use_dpop_nonce',
  'too_many_requests',
  'server_error',
  'temporarily_unavailable',
] as const satisfies OAuthErrorCode[]);

const isStatusFor = (error: OAuthErrorCode, status: number) =>
  Number.isInteger(status) && status >= 400 && status <= 499 && !FIXED_STATUS.some((fixed) => fixed === error);

const OWN_FIELDS =
  /^(?:access-control-.*|cache-control|connection|content-.*|etag|pragma|transfer-encoding|vary|www-authenticate)$/i;

/**
 * A refusal in the words of RFC 6749 §5.2. Adapters throw it to refuse a request; whatever else they throw is a fault.
 *
 * @throws TypeError where `error` is not a code in use, or a header is malformed or belongs to the endpoint.
 */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly error: OAuthErrorCode;
  /** For the client. Characters that RFC 6749 §5.2 does not allow stand as `?`. */
  readonly error_description: string;
  readonly reason: Reason | (string & {});
  readonly headers: Readonly<Record<string, string>>;
  readonly status: number | undefined;

  constructor(error: OAuthErrorCode, description: string, options: OAuthErrorOptions = {}) {
    if (!Object.hasOwn(ERROR_STATUS, error)) {
      throw new TypeError(`OAuthError: write one of ${Object.keys(ERROR_STATUS).join(', ')} as the error`);
    }
    const { status } = options;
    if (status !== undefined && !isStatusFor(error, status)) {
      throw new TypeError(`OAuthError: leave the status of ${error} out, or write a whole number from 400 to 499`);
    }
    for (const [name, value] of Object.entries(options.headers ?? {})) {
      if (OWN_FIELDS.test(name)) throw new TypeError(`OAuthError: ${name} is set by the endpoint, leave it out`);
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
    super(description, 'cause' in options ? { cause: options.cause } : undefined);
    this.error = error;
    this.error_description = String(description).replace(/[^\x20-\x21\x23-\x5B\x5D-\x7E]/g, '?');
    this.reason = options.reason ?? 'adapter_refused';
    this.headers = Object.freeze({ ...options.headers });
    this.status = status;
  }
}

/** A fault of the host's or of ours: the client gets one fixed sentence, the observer gets what was thrown. */
export function fault(reason: Reason, cause: unknown): OAuthError {
  return new OAuthError('server_error', 'The authorization server met an unexpected condition', { reason, cause });
}
