import { validateHeaderName, validateHeaderValue } from 'node:http';
import { describeKind } from './received';

/** A member that an answer may have beside `error`: any JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

const OWN_FIELDS =
  /^(?:access-control-.*|cache-control|connection|content-.*|etag|pragma|transfer-encoding|vary|www-authenticate)$/i;

/** Names that would turn a refusal into something else. Some parsers of JSON take the names of members in any letter case. */
const OWN_MEMBERS = /^(?:error.*|access_token|token_type|expires_in|refresh_token|id_token|scope|__proto__|toJSON)$/isu;

/** Clients of HTTP give up on larger headers, and so do proxies. */
const MAX_FIELDS_LENGTH = 8192;
const MAX_MEMBERS_LENGTH = 16_384;
const MAX_VALUES = 1000;
const MAX_DEPTH = 20;

const refuse = (what: string) => new TypeError(`OAuthError: ${what}`);

/** A frozen copy of header fields that the answer can carry. */
export function parseHeaders(headers: unknown): Readonly<Record<string, string>> {
  const fields: Record<string, string> = {};
  for (const [name, value] of entriesOf(headers, 'headers')) {
    if (OWN_FIELDS.test(name)) throw refuse(`${name} is set by the endpoint, leave it out`);
    validateHeaderName(name);
    if (typeof value !== 'string') throw refuse(`headers.${name} must be a string, not ${describeKind(value)}`);
    validateHeaderValue(name, value);
    if (name !== '__proto__') fields[name] = value;
  }
  if (Object.entries(fields).join().length > MAX_FIELDS_LENGTH) {
    throw refuse(`headers are longer than ${MAX_FIELDS_LENGTH} characters`);
  }
  return Object.freeze(fields);
}

/** A frozen copy, as JSON has it: what the answer says is what was checked here. */
export function parseMembers(members: unknown): Readonly<Record<string, Json>> {
  const refused = entriesOf(members, 'members').find(([name]) => OWN_MEMBERS.test(name));
  if (refused !== undefined) throw refuse(`the member ${refused[0]} is not yours to set, rename it`);
  const copy = copyJson(members, 'members', [], { left: MAX_VALUES });
  if (JSON.stringify(copy).length > MAX_MEMBERS_LENGTH) {
    throw refuse(`members are longer than ${MAX_MEMBERS_LENGTH} characters`);
  }
  return copy as Readonly<Record<string, Json>>;
}

function entriesOf(value: unknown, name: string): [string, unknown][] {
  if (isPlain(value)) return Object.entries(value);
  throw refuse(`${name} must be a plain object, not ${describeKind(value)}`);
}

/** Reads each value once, so that a getter cannot answer otherwise the second time. */
function copyJson(value: unknown, path: string, within: readonly unknown[], values: { left: number }): Json {
  values.left -= 1;
  if (values.left < 0) throw refuse(`members hold more than ${MAX_VALUES} values`);
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) {
    return value as Json;
  }
  if (!Array.isArray(value) && !isPlain(value)) throw refuse(`${path} is ${describeKind(value)}, ${adviceFor(value)}`);
  if (within.includes(value)) throw refuse(`${path} refers to what it is in, and cannot be sent as JSON`);
  if (within.length >= MAX_DEPTH) throw refuse(`${path} is nested more than ${MAX_DEPTH} deep`);

  const inside = [...within, value];
  if (Array.isArray(value)) {
    return Object.freeze(Array.from(value, (item, index) => copyJson(item, `${path}[${index}]`, inside, values)));
  }
  const copy: Record<string, Json> = {};
  for (const [name, member] of Object.entries(value)) {
    if (name === '__proto__') throw refuse(`${path}.__proto__ is not yours to set, rename it`);
    copy[name] = copyJson(member, `${path}.${name}`, inside, values);
  }
  return Object.freeze(copy);
}

function adviceFor(value: unknown): string {
  if (value instanceof Date) return 'write its toISOString()';
  if (typeof value === 'bigint') return 'write it as a string';
  if (value === undefined) return 'leave it out or write null';
  return 'which JSON does not have';
}

/** An object without a class, of any realm. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
