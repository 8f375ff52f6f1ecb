import { type ExpectedTokens, listTokenProblems } from './issued';
import type { TokenResponse } from './requester';

export type { TokenResponse };

const DESCRIPTION = /^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/;
const GUIDE = 'docs/guides/testing.md#what-checktokenresponse-says';

/** One check, and what is wrong if it fails. */
type Look = readonly [isRight: boolean, problem: string];

/**
 * Throws if an answer does not conform to RFC 6749 §5.1 or §5.2, or if a cache may store it. With `expected`, also
 * checks the tokens (RFC 9068 §2.2, OpenID Connect Core §2, RFC 9449 §6.1) and compares every member that you pass. One
 * error lists everything that is wrong, and what to do.
 *
 * @throws Error that lists all problems.
 */
export function checkTokenResponse(response: TokenResponse, expected?: ExpectedTokens): void {
  const problems = describeProblems(response, expected);
  if (problems === undefined) return;
  // jest prints "Expected value: undefined" around the message of an AssertionError.
  const error = new Error(`${problems}\nSee ${GUIDE}`);
  Error.captureStackTrace(error, checkTokenResponse);
  throw error;
}

/** Describes everything that is wrong with an answer. Returns `undefined` if nothing is. */
export function describeProblems(response: TokenResponse, expected?: ExpectedTokens): string | undefined {
  const problems = listProblems(response, expected);
  if (problems.length === 0) return undefined;
  const lines = problems.map((problem) => `\n  - ${problem}`).join('');
  return `${problems.length === 1 ? 'This is' : `These ${problems.length} things are`} wrong with the token response:${lines}`;
}

function listProblems({ status, headers, body }: TokenResponse, expected: ExpectedTokens | undefined): string[] {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  const members = (isObject ? body : {}) as Record<string, unknown>;
  const isIssued = status === 200;
  const looks: Look[] = [
    [
      /^application\/json(?:;|$)/.test(String(headers['content-type'])),
      `Content-Type is ${headers['content-type']}, not application/json: is this the router's answer?`,
    ],
    [
      /(?:^|[ ,])no-store(?:$|[ ,])/.test(String(headers['cache-control'])),
      'Cache-Control does not have no-store: let nothing of yours change it',
    ],
    [headers.pragma === 'no-cache', 'Pragma is not no-cache: let nothing of yours change it'],
    [
      headers.etag === undefined,
      'there is an ETag: an ETag is a digest of the tokens. Send answers with the router only',
    ],
    [isObject, 'the body must be a JSON object'],
  ];
  if (isObject) looks.push(...(isIssued ? lookAtTokens(members) : lookAtError(status, members)));
  const problems = looks.flatMap(([isRight, problem]) => (isRight ? [] : [problem]));
  if (expected === undefined) return problems;
  if (isIssued) return [...problems, ...listTokenProblems(members, expected)];
  return [
    ...problems,
    `status is ${status} (${String(members.error)}: ${String(members.error_description)}), and tokens were expected`,
  ];
}

function lookAtTokens(body: Record<string, unknown>): Look[] {
  return [
    [isText(body.access_token), 'access_token must be a string'],
    [body.token_type === 'Bearer' || body.token_type === 'DPoP', 'token_type must be Bearer or DPoP'],
    [Number.isSafeInteger(body.expires_in) && Number(body.expires_in) > 0, 'expires_in must be a whole number above 0'],
    ...['refresh_token', 'id_token', 'scope'].map(
      (name): Look => [!(name in body) || isText(body[name]), `${name} must be a string, or left out`],
    ),
    [!('error' in body), 'the body must have tokens or an error, never both'],
  ];
}

function lookAtError(status: number, body: Record<string, unknown>): Look[] {
  return [
    [status >= 400 && status <= 599, `status is ${status}: an error has a status from 400 to 599`],
    [isText(body.error), 'error must be a string'],
    [
      isText(body.error_description) && DESCRIPTION.test(String(body.error_description)),
      'error_description must be a string with the characters of RFC 6749 §5.2',
    ],
    [!('access_token' in body), 'the body must have tokens or an error, never both'],
  ];
}

const isText = (value: unknown) => typeof value === 'string' && value !== '';
