import { types } from 'node:util';
import { describeValue } from '../received';
import { isNone, optional, type Parse, parseId, parseInstant, parseText, parseTexts, UNCLEAR } from './record-values';
import { splitScope } from './scopes';
import type { AnyAuthorization } from './types';

/** The parsed record of an exchange. Empty fields are `null`. */
export interface ParsedRecord {
  clientId: string;
  userId: string;
  scopes: readonly string[];
  audience: string | null;
  /** `null`: the login does not use resource indicators. */
  resources: readonly string[] | null;
  nonce: string | null;
  /** Seconds since 1970. */
  authTime: number | null;
  acr: string | null;
  amr: readonly string[] | null;
}

const INSTANT_HINT = 'a Date, or null if it is not known';

/** How each field is parsed, and what to write instead of a malformed value. */
const FIELDS = {
  clientId: [parseText, 'the id of the client, a string'],
  userId: [parseId, 'the id of the user, a string or a whole number'],
  scope: [optional(parseText), 'the granted scope as one string with spaces, or null'],
  resources: [
    // An empty list is not null: it means that no resource was granted.
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
 * Parses the record of an exchange. Accepts every value whose meaning is clear.
 *
 * @throws TypeError that names the field, what was received, and what to write instead.
 */
export function parseRecord(record: AnyAuthorization): ParsedRecord {
  // Not a loop over a list of fields, because this runs twice per request.
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

/** @throws TypeError if the end of a refresh token's grant was lost: it would never expire. */
export function checkGrantEnd(grantExpiresAt: unknown): void {
  if (types.isDate(grantExpiresAt) && !Number.isNaN(grantExpiresAt.getTime())) return;
  throw malformed('grantExpiresAt', grantExpiresAt, 'the Date that was saved with the refresh token');
}

/** @throws TypeError if the `grantId` is missing: nobody could revoke the token. */
export function checkGrantId(grantId: unknown): void {
  // Not a number: a comparison with the text in a store would fail, and the grant would seem not revoked.
  if (parseText(grantId) !== UNCLEAR) return;
  throw malformed('grantId', grantId, 'a string: tokens that are saved are revoked by it');
}

function malformed(name: string, value: unknown, hint: string): TypeError {
  const received = value === undefined ? 'is missing' : `is ${describeValue(value)}`;
  return new TypeError(`The record of the exchange cannot be issued from: ${name} ${received}. Write ${hint}`);
}
