import { parse as parseQuery } from 'node:querystring';
import type { Request } from 'express';
import { OAuthError } from '../errors';
import type { Reason } from '../reasons';

/** The parameters as the request sent them: names and values of any kind. */
export type Body = Readonly<Record<string, unknown>>;

/** Parameters that the endpoint reads itself, whatever the grant. No grant of the host's can have one of these. */
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

/** What tells nothing that is secret: hosts route by it, and clients send it in both places. */
const HARMLESS_IN_QUERY = ['grant_type', 'client_id', 'redirect_uri', 'scope', 'resource'];
const PRINTABLE_ASCII = /^[\x20-\x7E]*$/;

/** Reads one parameter that we know: its value, or `undefined` where it is absent or empty (RFC 6749 §3.2). */
export type ReadParameter = (name: string) => string | undefined;

const refuse = (reason: Reason, description: string) => new OAuthError('invalid_request', description, { reason });

/**
 * Every value of a header field. Node's `headers` joins or drops what is repeated, so `headersDistinct` counts; a request
 * that no socket brought, as serverless adapters make them, has nothing but `headers`.
 */
export function readFields(req: Request, name: string): readonly string[] {
  const joined = req.headers[name];
  if (joined === undefined) return [];
  // Node makes `headersDistinct` of all the fields when it is first read.
  if (typeof joined === 'string' && isSingle(req.rawHeaders, name)) return [joined];
  return req.headersDistinct?.[name] ?? [joined].flat();
}

/** Whether the request has one such field, by the names as they came: the even members of `rawHeaders`. */
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
 * Parameters of the query string are never read. One that belongs into the body is refused there, for it is in somebody's
 * log by now. `more` are the names that the host has declared.
 */
export function checkQuery(req: Request, more: readonly string[] = []): void {
  const start = req.url.indexOf('?');
  if (start === -1) return;
  const query = parseQuery(req.url.slice(start + 1), '&', '=', { maxKeys: 0 });
  // `code[]` and `code[a]` are the parameter code for the parsers that most hosts use.
  const names = new Set(Object.keys(query).map((name) => name.replace(/\[.*$/s, '')));
  const isRefused = (name: string) => names.has(name) && !HARMLESS_IN_QUERY.includes(name);
  if ([...OWN_PARAMETERS, ...more].some(isRefused)) {
    throw refuse('parameter_in_query', 'Parameters belong into the request body, not into the URL');
  }
}

/** A reader over the body that turns what is repeated, no string or not ASCII away (RFC 6749 §3.2, appendix A). */
export function createParameterReader(body: Body): ReadParameter {
  return function readParameter(name) {
    const value = Object.hasOwn(body, name) ? body[name] : undefined;
    if (value === undefined || value === '') return undefined;
    if (Array.isArray(value)) throw refuse('parameter_repeated', `The parameter ${name} must be sent once`);
    if (typeof value !== 'string') throw refuse('parameter_no_string', `The parameter ${name} must be a string`);
    return checkCharacters(name, value);
  };
}

/** The value, if it is nothing but printable ASCII. */
export function checkCharacters(name: string, value: string): string {
  if (PRINTABLE_ASCII.test(value)) return value;
  throw refuse('parameter_characters', `The parameter ${name} has characters that are not allowed`);
}

/** The parameter's value, which must be there. */
export function requireParameter(readParameter: ReadParameter, name: string): string {
  const value = readParameter(name);
  if (value === undefined) throw missingParameter(name);
  return value;
}

export const missingParameter = (name: string) => refuse('parameter_missing', `Missing required parameter: ${name}`);
