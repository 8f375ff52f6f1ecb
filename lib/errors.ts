import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { Reason } from './reasons';

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

/** A member that an answer may have beside `error`: any JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** What an `OAuthError` may carry besides its code and its description. */
export interface OAuthErrorOptions {
  /** A stable word for the operator: yours, or one of the catalogue. Never sent. @default 'adapter_refused' */
  reason?: Reason | (string & {});
  /** Header fields of the answer, such as `DPoP-Nonce`. Fields that the endpoint sets itself are refused. @default {} */
  headers?: Readonly<Record<string, string>>;
  /** What caused the refusal. Goes to the observer, never to the client. */
  cause?: unknown;
  /** The HTTP status, 400 to 499. Required for a code that has none here. @default the status of the code, or `errorStatus` */
  status?: number | undefined;
  /** Members of the answer beside `error`, such as `mfa_token`. @default {} */
  members?: Readonly<Record<string, Json>>;
  /** Whether the refusal counts against the rate limit of the address. @default true, but for codes that are no verdict */
  counts?: boolean;
}

/** Codes that keep their status: clients look for a 400 with those of DPoP (RFC 9449 §5, §8). */
export const FIXED_STATUS = Object.freeze([
  'invalid_dpop_proof',
  'use_dpop_nonce',
  'too_many_requests',
  'server_error',
  'temporarily_unavailable',
] as const satisfies OAuthErrorCode[]);

/** Codes that say "not yet", or that tell of the server: no verdict against the client. */
const UNCOUNTED: readonly string[] = [
  'use_dpop_nonce',
  'authorization_pending',
  'slow_down',
  'too_many_requests',
  'server_error',
  'temporarily_unavailable',
];

/** Two copies of the package in one app know each other's errors by this mark. */
const MARK = Symbol.for('express-token-router.OAuthError');

const ERROR_CODE = /^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/;

const OWN_FIELDS =
  /^(?:access-control-.*|cache-control|connection|content-.*|etag|pragma|transfer-encoding|vary|www-authenticate)$/i;

/** Names that would turn a refusal into something else. */
const OWN_MEMBERS = /^(?:error.*|access_token|token_type|expires_in|refresh_token|id_token|scope|__proto__|toJSON)$/;

/**
 * A refusal in the words of RFC 6749 §5.2. Adapters throw it to refuse a request. Everything else they throw is a fault.
 *
 * @throws TypeError where the code, the status, a header field or a member is not one that can be sent.
 */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly error: OAuthErrorCode | (string & {});
  /** For the client. Characters that RFC 6749 §5.2 does not allow are replaced by `?`. */
  readonly error_description: string;
  readonly reason: Reason | (string & {});
  readonly headers: Readonly<Record<string, string>>;
  readonly status: number | undefined;
  readonly members: Readonly<Record<string, Json>>;
  /** Whether the refusal counts against the rate limit. */
  readonly counts: boolean;

  constructor(error: OAuthErrorCode, description: string, options?: OAuthErrorOptions);
  constructor(error: string, description: string, options: OAuthErrorOptions & { status: number });
  constructor(error: string, description: string, options: OAuthErrorOptions = {}) {
    const { status, headers = {}, members = {}, counts = !UNCOUNTED.includes(error) } = options;
    checkCode(error, status);
    checkHeaders(headers);
    super(description, 'cause' in options ? { cause: options.cause } : undefined);
    this.error = error;
    this.error_description = String(description).replace(/[^\x20-\x21\x23-\x5B\x5D-\x7E]/g, '?');
    this.reason = options.reason ?? 'adapter_refused';
    this.headers = Object.freeze({ ...headers });
    this.status = status;
    this.members = Object.freeze(parseMembers(members));
    this.counts = counts;
  }
}

Object.defineProperty(OAuthError.prototype, MARK, { value: true });

/** Whether this was thrown to refuse, by this copy of the package or by another. */
export function isOAuthError(thrown: unknown): thrown is OAuthError {
  return thrown instanceof OAuthError || (Object(thrown) as Record<symbol, unknown>)[MARK] === true;
}

function checkCode(error: string, status: number | undefined): void {
  const isKnown = Object.hasOwn(ERROR_STATUS, error);
  const isFixed = FIXED_STATUS.some((fixed) => fixed === error);
  if (!isKnown && (typeof error !== 'string' || !ERROR_CODE.test(error))) {
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

function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (OWN_FIELDS.test(name)) throw new TypeError(`OAuthError: ${name} is set by the endpoint, leave it out`);
    validateHeaderName(name);
    validateHeaderValue(name, value);
  }
}

/** A copy, as JSON has it: what the answer will say is what was checked here. */
function parseMembers(members: Readonly<Record<string, Json>>): Record<string, Json> {
  const refused = Object.keys(members).find((name) => OWN_MEMBERS.test(name));
  if (refused !== undefined) throw new TypeError(`OAuthError: the member ${refused} is not yours to set, rename it`);
  const text = JSON.stringify(members);
  return JSON.parse(text);
}

/** A fault of the host's or of ours: the client gets one fixed sentence, the observer gets what was thrown. */
export function fault(reason: Reason, cause: unknown): OAuthError {
  return new OAuthError('server_error', 'The authorization server met an unexpected condition', { reason, cause });
}
