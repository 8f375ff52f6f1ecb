import { checkCode, type OAuthErrorCode, UNCOUNTED } from './error-codes';
import { type Json, parseHeaders, parseMembers } from './error-members';
import type { Reason } from './reasons';
import { describeKind } from './received';

export { ERROR_STATUS, FIXED_STATUS, type OAuthErrorCode } from './error-codes';
export type { Json } from './error-members';

/** The options of an `OAuthError`: everything but its code and its description. */
export interface OAuthErrorOptions {
  /** A stable word for the operator: yours, or one of docs/errors.md. Never sent. @default 'adapter_refused' */
  reason?: Reason | (string & {});
  /** Header fields of the answer, such as `DPoP-Nonce`. Fields that the endpoint sets itself are refused. @default {} */
  headers?: Readonly<Record<string, string>>;
  /** What caused the refusal. `onOutcome` gets it; the client never does. */
  cause?: unknown;
  /** The HTTP status, 400 to 499. Required for a code of your own. @default the usual one, or that of `errorStatus` */
  status?: number | undefined;
  /** Members of the answer beside `error`, such as `mfa_token`: plain JSON, 16 KiB at most. @default {} */
  members?: Readonly<Record<string, Json>>;
  /** Whether the refusal counts against the rate limit. @default true; false for `use_dpop_nonce` and "not yet" codes */
  counts?: boolean;
}

/** Marks the errors of every copy of this package in one app. */
const MARK = Symbol.for('express-token-router.OAuthError');

const NONE = Object.freeze({});

let isOwn: (thrown: unknown) => thrown is OAuthError;

/**
 * A refusal with an error code of RFC 6749 §5.2. Adapters throw it to refuse a request. Anything else that they throw
 * is a fault, and the answer is 500.
 *
 * @throws TypeError if the code, the status, a header field or a member cannot be sent.
 */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly error: OAuthErrorCode | (string & {});
  /** For the client, 1000 characters at most. Characters that RFC 6749 §5.2 does not allow are replaced by `?`. */
  readonly error_description: string;
  readonly reason: Reason | (string & {});
  readonly headers: Readonly<Record<string, string>>;
  readonly status: number | undefined;
  readonly members: Readonly<Record<string, Json>>;
  /** Whether the refusal counts against the rate limit. */
  readonly counts: boolean;
  readonly #isChecked: undefined;

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
    // A subclass may have replaced the fields that were checked here.
    isOwn = (thrown): thrown is OAuthError =>
      #isChecked in Object(thrown) && Object.getPrototypeOf(thrown) === OAuthError.prototype;
  }
}

Object.defineProperty(OAuthError.prototype, MARK, { value: true });

/** Whether this is an `OAuthError` of this copy of the package or of another. */
export function isOAuthError(thrown: unknown): thrown is OAuthError {
  try {
    return (Object(thrown) as Record<symbol, unknown>)[MARK] === true;
  } catch {
    return false;
  }
}

/**
 * Returns an `OAuthError` of this copy of the package as it is. Checks one of another copy, or of a subclass, as the
 * constructor does. Returns `undefined` for anything else, which is a fault.
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
    const cause = new TypeError(
      'An OAuthError of another copy of the package, or of a subclass, cannot be sent. Its cause says why.',
    );
    return fault('unexpected', Object.assign(cause, { cause: thrown }));
  }
}

/** Cut at 1000 characters: a longer text is a mistake, such as a page or a stack. */
function parseDescription(description: unknown): string {
  return String(description ?? '')
    .slice(0, 1000)
    .replace(/[^\x20-\x21\x23-\x5B\x5D-\x7E]/g, '?');
}

function parseReason(reason: unknown): string {
  if (typeof reason === 'string' && reason !== '') return reason;
  throw new TypeError(`OAuthError: reason is ${describeKind(reason)}. Write a word for the operator.`);
}

function parseCounts(counts: unknown): boolean {
  if (typeof counts === 'boolean') return counts;
  throw new TypeError(`OAuthError: counts is ${describeKind(counts)}. Write true or false.`);
}

/** Makes the refusal for a fault: the client gets a fixed sentence, the observer gets what was thrown. */
export function fault(reason: Reason, cause: unknown): OAuthError {
  return new OAuthError('server_error', 'The authorization server met an unexpected condition', { reason, cause });
}
