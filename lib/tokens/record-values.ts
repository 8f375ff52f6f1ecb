import { types } from 'node:util';

/** Returned for a value whose meaning is not clear. */
export const UNCLEAR = Symbol('unclear');
export type Parse<T> = (value: unknown) => T | typeof UNCLEAR;

/** Smaller numbers are seconds (until the year 5138), larger ones are milliseconds (since 1973). */
const FIRST_MILLISECONDS = 100_000_000_000;

/** A date and a time with a zone. Without a zone, the instant would depend on the machine. */
const INSTANT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/;

export const isNone = (value: unknown) => value === null || value === undefined || value === '';

export const optional =
  <T>(parse: Parse<T>): Parse<T | null> =>
  (value) =>
    isNone(value) ? null : parse(value);

export const parseText: Parse<string> = (value) => (typeof value === 'string' && value !== '' ? value : UNCLEAR);

/** Parses an id. It may be a number, because databases number their users. */
export const parseId: Parse<string> = (value) =>
  Number.isSafeInteger(value) || typeof value === 'bigint' ? String(value) : parseText(value);

export const parseTexts: Parse<readonly string[]> = (value) =>
  Array.isArray(value) && value.every((text) => parseText(text) !== UNCLEAR) ? [...value] : UNCLEAR;

/**
 * Parses an instant, in seconds: a `Date`, a number of seconds or milliseconds, or a text with a date, a time and a
 * zone.
 */
export function parseInstant(value: unknown): number | undefined {
  const instant = typeof value === 'string' && INSTANT.test(value) ? new Date(value.replace(' ', 'T')) : value;
  const seconds = types.isDate(instant) ? instant.getTime() / 1000 : toSeconds(instant);
  return Number.isFinite(seconds) ? Math.floor(Number(seconds)) : undefined;
}

function toSeconds(value: unknown): number | undefined {
  if (typeof value !== 'number' || value < 0) return undefined;
  return value < FIRST_MILLISECONDS ? value : value / 1000;
}
