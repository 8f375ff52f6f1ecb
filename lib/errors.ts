import { checkCode, type OAuthErrorCode, UNCOUNTED } from './error-codes';
import { type Json, parseHeaders, parseMembers } from './error-members';
import type { Reason } from './reasons';
import { describeKind } from './received';

export { ERROR_STATUS, FIXED_STATUS, type OAuthErrorCode } from './error-codes';
export type { Json } from './error-members';

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
  /** Members of the answer beside `error`, such as `mfa_token`: plain JSON, 16 KiB at most. @default {} */
  members?: Readonly<Record<string, Json>>;
  /** Whether the refusal counts against the rate limit of the address. @default true, but for codes that are no verdict */
  counts?: boolean;
}

/** Two copies of the package in one app know each other's errors by this mark. */
const MARK = Symbol.for('express-token-router.OAuthError');

const NONE = Object.freeze({});

let isOwn: (thrown: unknown) => thrown is OAuthError;

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
  readonly #isChecked = true;

  constructor(error: OAuthErrorCode, description: string, options?: OAuthErrorOptions);
  constructor(error: string, description: string, options: OAuthErrorOptions & { status: number });
  constructor(error: string, description: string, options: OAuthErrorOptions = {}) {
    const { status, reason, headers, members, counts } = options;
    checkCode(error, status ?? undefined);
    super(description, 'cause' in options ? { cause: options.cause } : undefined);
    this.error = error;
    this.error_description = parseDescription(description) || error;
    this.reason = parseReason(reason ?? 'adapter_refused');
    this.headers = headers ? parseHeaders(headers) : NONE;
    this.status = status ?? undefined;
    this.members = members ? parseMembers(members) : NONE;
    this.counts = parseCounts(counts ?? !UNCOUNTED.includes(error));
  }

  static {
    // A class of the host's may have put its own fields over those that were checked here.
    isOwn = (thrown): thrown is OAuthError =>
      #isChecked in Object(thrown) && Object.getPrototypeOf(thrown) === OAuthError.prototype;
  }
}

Object.defineProperty(OAuthError.prototype, MARK, { value: true });

/** Whether this was thrown to refuse, by this copy of the package or by another. */
export function isOAuthError(thrown: unknown): thrown is OAuthError {
  try {
    return isOwn(thrown) || (Object(thrown) as Record<symbol, unknown>)[MARK] === true;
  } catch {
    return false;
  }
}

/**
 * What was thrown, if it was thrown to refuse: an error of this copy of the package as it is, one of another copy or of a
 * class of the host's checked as the constructor does. `undefined` for all else, which is a fault.
 */
export function toOAuthError(thrown: unknown): OAuthError | undefined {
  if (isOwn(thrown)) return thrown;
  return isOAuthError(thrown) ? copy(thrown) : undefined;
}

function copy(foreign: OAuthError): OAuthError {
  try {
    const { error, error_description, reason, headers, status, members, counts } = foreign;
    const isFault = error === 'server_error' || error === 'temporarily_unavailable';
    const cause = foreign.cause ?? (isFault ? foreign : undefined);
    const options = { reason, headers, members, counts, ...(cause !== undefined && { cause }) };
    return new OAuthError(error, error_description, { ...options, status: status as number });
  } catch (thrown) {
    const cause = new TypeError('an OAuthError of another copy of the package, or of a class of yours, cannot be sent');
    return fault('unexpected', Object.assign(cause, { cause: thrown }));
  }
}

/** One that is longer than 1000 characters is a mistake: a page, a stack. */
function parseDescription(description: unknown): string {
  return String(description ?? '')
    .slice(0, 1000)
    .replace(/[^\x20-\x21\x23-\x5B\x5D-\x7E]/g, '?');
}

function parseReason(reason: unknown): string {
  if (typeof reason === 'string' && reason !== '') return reason;
  throw new TypeError(`OAuthError: reason must be a word for the operator, not ${describeKind(reason)}`);
}

function parseCounts(counts: unknown): boolean {
  if (typeof counts === 'boolean') return counts;
  throw new TypeError(`OAuthError: counts must be true or false, not ${describeKind(counts)}`);
}

/** A fault of the host's or of ours: the client gets one fixed sentence, the observer gets what was thrown. */
export function fault(reason: Reason, cause: unknown): OAuthError {
  return new OAuthError('server_error', 'The authorization server met an unexpected condition', { reason, cause });
}
