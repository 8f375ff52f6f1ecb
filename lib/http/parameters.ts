import { parse as parseQuery } from 'node:querystring';
import type { Request } from 'express';
import { OAuthError } from '../errors';
import type { Reason } from '../reasons';

/** The parameters as the request sent them: any names, and values of any type. */
export type Body = Readonly<Record<string, unknown>>;

/** Parameters that the endpoint reads itself, for every grant. A grant of the host cannot declare them. */
export const OWN_PARAMETERS: ReadonlySet<string> = new Set([
  'grant_type',
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
  'code',
  'code_verifier',
  'redirect_uri',
  'refresh_token',
  'resource',
]);

/** Those, and the other parameters of RFC 6749, 7636 and 7521. A host cannot declare them for the built-in grants. */
export const RESERVED_PARAMETERS: ReadonlySet<string> = new Set([
  ...OWN_PARAMETERS,
  'access_token',
  'assertion',
  'code_challenge',
  'code_challenge_method',
  'error',
  'error_description',
  'error_uri',
  'expires_in',
  'password',
  'response_type',
  'scope',
  'state',
  'token_type',
  'username',
]);

/** Parameters that are not secret: hosts route by them, and some clients send them in both places. */
const HARMLESS_IN_QUERY = ['grant_type', 'client_id', 'redirect_uri', 'scope', 'resource'];
const PRINTABLE_ASCII = /^[\x20-\x7E]*$/;

/** Reads a known parameter. Returns `undefined` if it is absent or empty (RFC 6749 §3.2). */
export type ReadParameter = (name: string) => string | undefined;

const refuse = (reason: Reason, description: string) => new OAuthError('invalid_request', description, { reason });

/**
 * Reads every value of a header field. Uses `headersDistinct`, because `headers` joins or drops repeated fields.
 * Requests of function hosts have only `headers`.
 */
export function readFields(req: Request, name: string): readonly string[] {
  const joined = req.headers[name];
  if (joined === undefined) return [];
  // Avoids `headersDistinct` if possible: Node builds it from all fields when it is first read.
  if (typeof joined === 'string' && isSingle(req.rawHeaders, name)) return [joined];
  return req.headersDistinct?.[name] ?? [joined].flat();
}

/** Whether the request has exactly one such field, by the names in `rawHeaders`, which are its even members. */
function isSingle(rawHeaders: readonly string[] | undefined, name: string): boolean {
  if (rawHeaders === undefined) return false;
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const field = rawHeaders[index] as string;
    if (field.length === name.length && field.toLowerCase() === name) count += 1;
  }
  return count === 1;
}

/**
 * Refuses known parameters in the query string, because they are in logs by now. Parameters of the query string are
 * never read. `more`: names that the host has declared.
 */
export function checkQuery(req: Request, more: readonly string[]): void {
  const start = req.url.indexOf('?');
  if (start === -1) return;
  const query = parseQuery(req.url.slice(start + 1), undefined, undefined, { maxKeys: 0 });
  // `code[]` and `code[a]` are the parameter code for the parsers that most hosts use.
  const names = new Set(Object.keys(query).map((name) => name.replace(/\[.*/s, '')));
  const isRefused = (name: string) => names.has(name) && !HARMLESS_IN_QUERY.includes(name);
  if ([...OWN_PARAMETERS, ...more].some(isRefused)) {
    throw refuse('parameter_in_query', 'Parameters belong in the request body, not in the URL');
  }
}

/**
 * Creates a reader of the body. It refuses parameters that are repeated, no string or not printable ASCII
 * (RFC 6749 §3.2, appendix A).
 */
export function createParameterReader(body: Body): ReadParameter {
  return function readParameter(name) {
    const value = Object.hasOwn(body, name) ? body[name] : undefined;
    if (value === undefined || value === '') return undefined;
    if (Array.isArray(value)) throw refuse('parameter_repeated', `The parameter ${name} must be sent once`);
    if (typeof value !== 'string') throw refuse('parameter_no_string', `The parameter ${name} must be a string`);
    return checkCharacters(name, value);
  };
}

/** Returns the value if it is printable ASCII, and refuses it otherwise. */
export function checkCharacters(name: string, value: string): string {
  if (PRINTABLE_ASCII.test(value)) return value;
  throw refuse('parameter_characters', `The parameter ${name} has characters that are not allowed`);
}

/** Reads a parameter that must be there. */
export function requireParameter(readParameter: ReadParameter, name: string): string {
  const value = readParameter(name);
  if (value === undefined) throw missingParameter(name);
  return value;
}

export const missingParameter = (name: string) => refuse('parameter_missing', `Missing required parameter: ${name}`);
