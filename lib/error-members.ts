import { validateHeaderName, validateHeaderValue } from 'node:http';
import { describeKind } from './received';

/** A member that an answer may have beside `error`: any JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

const OWN_FIELDS =
  /^(?:access-control-.*|cache-control|connection|content-.*|etag|pragma|transfer-encoding|vary|www-authenticate)$/i;

/**
 * Names that would change the error, or turn it into a token answer. In any letter case, because some JSON parsers
 * ignore it.
 */
const OWN_MEMBERS = /^(?:error.*|access_token|token_type|expires_in|refresh_token|id_token|scope|__proto__|toJSON)$/isu;

/** HTTP clients and proxies refuse larger headers. */
const MAX_FIELDS_LENGTH = 8192;
const MAX_MEMBERS_LENGTH = 16_384;
const MAX_VALUES = 1000;
const MAX_DEPTH = 20;

const refuse = (what: string) => new TypeError(`OAuthError: ${what}`);

/** Returns a frozen copy of the header fields, if the answer can carry them. */
export function parseHeaders(headers: unknown): Readonly<Record<string, string>> {
  const fields: Record<string, string> = {};
  for (const [name, value] of entriesOf(headers, 'headers')) {
    if (OWN_FIELDS.test(name)) throw refuse(`headers.${name} is set by the endpoint. Leave it out.`);
    validateHeaderName(name);
    if (typeof value !== 'string') throw refuse(`headers.${name} is ${describeKind(value)}. Write a string.`);
    validateHeaderValue(name, value);
    // Does nothing for `__proto__`, because the value is a string.
    fields[name] = value;
  }
  if (Object.entries(fields).join().length > MAX_FIELDS_LENGTH) {
    throw refuse(`headers are longer than ${MAX_FIELDS_LENGTH} characters. Leave some out.`);
  }
  return Object.freeze(fields);
}

/** Returns a frozen copy of the members as plain JSON, so that the answer sends what was checked here. */
export function parseMembers(members: unknown): Readonly<Record<string, Json>> {
  const refused = entriesOf(members, 'members').find(([name]) => OWN_MEMBERS.test(name));
  if (refused !== undefined) throw refuse(`members.${refused[0]} is a reserved name. Rename it.`);
  const copy = copyJson(members, 'members', [], { left: MAX_VALUES });
  if (JSON.stringify(copy).length > MAX_MEMBERS_LENGTH) {
    throw refuse(`members are longer than ${MAX_MEMBERS_LENGTH} characters. Leave some out.`);
  }
  return copy as Readonly<Record<string, Json>>;
}

function entriesOf(value: unknown, name: string): [string, unknown][] {
  if (isPlain(value)) return Object.entries(value);
  throw refuse(`${name} is ${describeKind(value)}. Write a plain object.`);
}

/** Reads each value once: a getter could return another value the second time. */
function copyJson(value: unknown, path: string, within: readonly unknown[], values: { left: number }): Json {
  values.left -= 1;
  if (values.left < 0) throw refuse(`members hold more than ${MAX_VALUES} values. Leave some out.`);
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) {
    return value as Json;
  }
  if (!Array.isArray(value) && !isPlain(value)) throw refuse(`${path} is ${describeKind(value)}. ${adviceFor(value)}`);
  if (within.includes(value))
    throw refuse(`${path} is an object that contains itself, and JSON cannot hold that. Leave it out.`);
  if (within.length >= MAX_DEPTH) throw refuse(`${path} is nested more than ${MAX_DEPTH} levels deep. Leave it out.`);

  const inside = [...within, value];
  if (Array.isArray(value)) {
    return Object.freeze(Array.from(value, (item, index) => copyJson(item, `${path}[${index}]`, inside, values)));
  }
  const copy: Record<string, Json> = {};
  for (const [name, member] of Object.entries(value)) {
    if (name === '__proto__') throw refuse(`${path}.__proto__ is a reserved name. Rename it.`);
    copy[name] = copyJson(member, `${path}.${name}`, inside, values);
  }
  return Object.freeze(copy);
}

function adviceFor(value: unknown): string {
  if (value instanceof Date) return 'Write its toISOString().';
  if (typeof value === 'bigint') return 'Write it as a string.';
  if (value === undefined) return 'Leave it out, or write null.';
  return 'JSON has no such value. Leave it out.';
}

/** Whether it is an object without a class, from any realm. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
