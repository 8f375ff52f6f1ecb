import { types } from 'node:util';

const LONGEST = 60;
/** Keys, tokens and secrets look like this: long pieces with a digit in them. */
const SECRET = /(?=[\w+=-]*\d)[\w+=-]{20,}/g;
const USERINFO = /\/\/[^/@\s]*@/g;

/**
 * Describes a received value for an error message: shows short texts and numbers, and names the kind of everything
 * else. Leaves out long pieces that may be a secret. Never throws.
 */
export function describeValue(value: unknown): string {
  return typeof value === 'string' ? quote(value) : describeKind(value);
}

/** The same, but never shows a string: for values that may be a secret. */
export function describeKind(value: unknown): string {
  try {
    return kindOf(value);
  } catch {
    return 'an object that cannot be read';
  }
}

function kindOf(value: unknown): string {
  if (typeof value === 'string') return value === '' ? 'an empty string' : `a string of ${value.length} characters`;
  if (typeof value === 'bigint') return `${value}n`.length > LONGEST ? 'a bigint' : `${value}n`;
  if (typeof value === 'symbol') return 'a symbol';
  if (typeof value === 'function') return kindOfFunction(value);
  if (typeof value === 'object' && value !== null) return kindOfObject(value);
  return String(value);
}

function kindOfFunction(value: object): string {
  const name = nameOf(value);
  const kind = isClass(value) ? 'class' : types.isAsyncFunction(value) ? 'async function' : 'function';
  return name === '' ? `${kind === 'async function' ? 'an' : 'a'} ${kind}` : `the ${kind} ${name}`;
}

/** Whether a function is a class, which needs `new`. */
export function isClass(value: object): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
}

function kindOfObject(value: object): string {
  if (types.isProxy(value)) return 'a Proxy';
  if (types.isDate(value)) return Number.isNaN(value.getTime()) ? 'an invalid Date' : 'a Date';
  if (types.isPromise(value)) return 'a Promise';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : `an array of ${value.length}`;
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
  const name = nameOf(Object(Object.getPrototypeOf(value)).constructor);
  if (name !== '' && name !== 'Object') return `${/^[aeio]/i.test(name) ? 'an' : 'a'} ${name}`;
  const members = Object.keys(value);
  if (members.length === 0) return 'an empty object';
  return `an object with ${cut(members.slice(0, 5).join(', '), members.length > 5)}`;
}

function nameOf(value: unknown): string {
  const { name }: { name?: unknown } = Object(value);
  return typeof name === 'string' && /^[\w$]{1,40}$/.test(name) ? name : '';
}

function quote(text: string): string {
  if (text.includes('-----BEGIN')) return 'a PEM text';
  // Mask first, then cut: the beginning of a secret would not be recognized.
  const masked = text.slice(0, 500).replace(USERINFO, '//…@').replace(SECRET, '…');
  return `'${cut(masked, text.length > 500)}'`;
}

function cut(text: string, isLonger: boolean): string {
  // No line breaks: a value must not write lines into a log.
  const line = text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
  return line.length > LONGEST || isLonger ? `${line.slice(0, LONGEST)}…` : line;
}

/** The error for an adapter that returned something wrong. It says what to return. */
export function wrongReturn(adapter: string, value: unknown, wanted: string): TypeError {
  const hint = types.isPromise(value) ? '. Await it' : '';
  return new TypeError(`${adapter} returned ${describeValue(value)}; it must return ${wanted}${hint}`);
}

/** The same for one field of a record. A missing field and an empty one are told apart. */
export function wrongField(adapter: string, record: object, name: string, wanted: string): TypeError {
  const received = name in record ? describeValue((record as Record<string, unknown>)[name]) : 'missing';
  return new TypeError(`${adapter} returned a record whose ${name} is ${received}; it must be ${wanted}`);
}
