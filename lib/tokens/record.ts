import { types } from 'node:util';
import { describeValue } from '../received';
import { splitScope } from './scopes';
import type { AnyAuthorization } from './types';

/** What the record of an exchange says, in plain values. Empty fields are `null`. */
export interface ParsedRecord {
  clientId: string;
  userId: string;
  scopes: readonly string[];
  audience: string | null;
  /** `null`: this login knows no resource indicators. */
  resources: readonly string[] | null;
  nonce: string | null;
  /** Seconds since 1970. */
  authTime: number | null;
  acr: string | null;
  amr: readonly string[] | null;
}

/** What is returned for a value whose meaning is not plain. */
const UNCLEAR = Symbol('unclear');
type Parse<T> = (value: unknown) => T | typeof UNCLEAR;

/** Numbers below it are seconds (until the year 5138), numbers from it on are milliseconds (since 1973). */
const FIRST_MILLISECONDS = 100_000_000_000;

/** A date and a time with its zone: without the zone the instant would depend on the machine. */
const INSTANT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/;

const isNone = (value: unknown) => value === null || value === undefined || value === '';

const optional =
  <T>(parse: Parse<T>): Parse<T | null> =>
  (value) =>
    isNone(value) ? null : parse(value);

const parseText: Parse<string> = (value) => (typeof value === 'string' && value !== '' ? value : UNCLEAR);

/** A number is an id: databases count their users. */
const parseId: Parse<string> = (value) =>
  Number.isSafeInteger(value) || typeof value === 'bigint' ? String(value) : parseText(value);

const parseTexts: Parse<readonly string[]> = (value) =>
  Array.isArray(value) && value.every((text) => parseText(text) !== UNCLEAR) ? [...value] : UNCLEAR;

/** An instant in seconds: a `Date`, a number of seconds or of milliseconds, or a date with its zone as text. */
export function parseInstant(value: unknown): number | undefined {
  const instant = typeof value === 'string' && INSTANT.test(value) ? new Date(value.replace(' ', 'T')) : value;
  const seconds = types.isDate(instant) ? instant.getTime() / 1000 : toSeconds(instant);
  return typeof seconds === 'number' && Number.isFinite(seconds) ? Math.floor(seconds) : undefined;
}

function toSeconds(value: unknown): number | undefined {
  if (typeof value !== 'number' || value < 0) return undefined;
  return value < FIRST_MILLISECONDS ? value : value / 1000;
}

const INSTANT_HINT = 'a Date, or null if it is not known';

/** How each field is read, and what to write instead of what cannot be read. */
const FIELDS = {
  clientId: [parseText, 'the id of the client, a string'],
  userId: [parseId, 'the id of the user, a string or a whole number'],
  scope: [optional(parseText), 'the granted scope as one string with spaces, or null'],
  resources: [
    // An empty list is a list: no resource was granted.
    (value: unknown) => (isNone(value) ? null : parseTexts(value)),
    'the granted resources, an array of strings, or null',
  ],
  audience: [optional(parseText), 'the identifier of one of apis, or null for the first of them'],
  nonce: [optional(parseText), 'the nonce of the authorization request, or null if it had none'],
  authTime: [optional((value) => parseInstant(value) ?? UNCLEAR), INSTANT_HINT],
  acr: [optional(parseText), 'a string, or null if it is not known'],
  amr: [
    (value: unknown) => (Array.isArray(value) && value.length === 0 ? null : optional(parseTexts)(value)),
    "an array of strings such as ['pwd'], or null if it is not known",
  ],
} as const satisfies Readonly<Record<string, readonly [Parse<unknown>, string]>>;

/**
 * Reads the record of an exchange. Values are taken where their meaning is plain.
 *
 * @throws TypeError that names the field, what was received, and what to write instead.
 */
export function parseRecord(record: AnyAuthorization): ParsedRecord {
  // Field by field, and no list of them: this runs twice a request.
  const fields = Object(record) as Fields;
  const parsed: ParsedRecord = {
    clientId: read(fields, 'clientId'),
    userId: read(fields, 'userId'),
    scopes: splitScope(read(fields, 'scope')),
    resources: read(fields, 'resources'),
    audience: read(fields, 'audience'),
    nonce: read(fields, 'nonce'),
    authTime: read(fields, 'authTime'),
    acr: read(fields, 'acr'),
    amr: read(fields, 'amr'),
  };
  if (fields.audience !== undefined || parsed.resources !== null) return parsed;
  throw malformed('audience', undefined, FIELDS.audience[1]);
}

type Fields = Readonly<Record<string, unknown>>;
type Parsed<Name extends keyof typeof FIELDS> = Exclude<ReturnType<(typeof FIELDS)[Name][0]>, typeof UNCLEAR>;

function read<Name extends keyof typeof FIELDS>(fields: Fields, name: Name): Parsed<Name> {
  const value = fields[name];
  const [parse, hint] = FIELDS[name];
  const parsed = parse(value);
  if (parsed === UNCLEAR) throw malformed(name, value, hint);
  return parsed as Parsed<Name>;
}

/** @throws TypeError where the end of a refresh token's grant is lost: it would live for ever. */
export function checkGrantEnd(grantExpiresAt: unknown): void {
  if (types.isDate(grantExpiresAt) && !Number.isNaN(grantExpiresAt.getTime())) return;
  throw malformed('grantExpiresAt', grantExpiresAt, 'the Date that was saved with the refresh token');
}

/** @throws TypeError where a token is to be saved that could not be revoked. */
export function checkGrantId(grantId: unknown): void {
  // A number is no id here: what compares it with the text of a store would find the grant unrevoked.
  if (parseText(grantId) !== UNCLEAR) return;
  throw malformed('grantId', grantId, 'a string: tokens that are saved are revoked by it');
}

function malformed(name: string, value: unknown, hint: string): TypeError {
  const received = value === undefined ? 'is missing' : `is ${describeValue(value)}`;
  return new TypeError(`The record of the exchange cannot be issued from: ${name} ${received}. Write ${hint}`);
}
