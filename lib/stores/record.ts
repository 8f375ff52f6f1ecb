import { types } from 'node:util';
import { describeKind, describeValue } from '../received';

const DATE = 'date:';
const TEXT = 'text:';
/** Databases number their users with these. */
const BIGINT = 'bigint:';

/**
 * Writes a record as text, from which `parseRecord` makes an equal one, dates included. Refuses values that would not
 * come back, because a lost field may switch off a check.
 *
 * @throws TypeError if the record holds anything but plain data, dates and bigints.
 */
export function serializeRecord(record: object): string {
  return JSON.stringify(record, function toPlain(this: Record<string, unknown>, name: string, plain: unknown) {
    // JSON.stringify has already called toJSON of a date. The object still has the date.
    const value = this[name];
    if (types.isDate(value) && !Number.isNaN(value.getTime())) return `${DATE}${value.toISOString()}`;
    if (typeof value === 'string') return isMarked(value) ? `${TEXT}${value}` : value;
    if (typeof value === 'bigint') return `${BIGINT}${value}`;
    if (isPlain(value)) return plain;
    const what = name === '' ? 'The record' : `${name} in the record`;
    throw new TypeError(`${what} is ${describeKind(value)}. Write plain data, a Date or a bigint.`);
  });
}

const isBigint = (text: string) => text.startsWith(BIGINT) && /^-?\d+$/.test(text.slice(BIGINT.length));

const isMarked = (text: string) => text.startsWith(DATE) || text.startsWith(TEXT) || isBigint(text);

function isPlain(value: unknown): boolean {
  if (value === null || value === undefined || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || 'toJSON' in value) return false;
  const prototype = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}

/** Parses a text of `serializeRecord`. */
export function parseRecord<Saved>(text: string): Saved {
  return JSON.parse(text, (_name, value: unknown) => {
    if (typeof value !== 'string') return value;
    if (value.startsWith(DATE)) return new Date(value.slice(DATE.length));
    if (isBigint(value)) return BigInt(value.slice(BIGINT.length));
    return value.startsWith(TEXT) ? value.slice(TEXT.length) : value;
  });
}

/** Milliseconds for which a record is kept after its end, because the clocks of the nodes differ. */
const CLOCK_MARGIN_MS = 60_000;

/** Milliseconds from now until an end, plus the margin, by this node's clock. The clock of the server may differ. */
export function lifetimeUntil(expiresAt: Date): number {
  if (!types.isDate(expiresAt) || Number.isNaN(expiresAt.getTime())) {
    throw new TypeError(`expiresAt is ${describeValue(expiresAt)}. Write a valid Date.`);
  }
  return Math.max(expiresAt.getTime() - Date.now(), 0) + CLOCK_MARGIN_MS;
}

/**
 * Until when a refresh token is kept: until the end of its family, if the record has one. A token that is spent or
 * expired still shows a theft.
 */
export function endOfFamily({ expiresAt, grantExpiresAt }: { expiresAt: Date; grantExpiresAt?: unknown }): Date {
  return types.isDate(grantExpiresAt) && grantExpiresAt > expiresAt ? grantExpiresAt : expiresAt;
}

/** 3,170 years in milliseconds. Databases refuse instants far beyond that. */
const MAX_DURATION_MS = 1e14;

/** Checks a number of milliseconds. */
export function checkDuration(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value > 0 && value <= MAX_DURATION_MS) return;
  throw new TypeError(
    `${name} is ${describeValue(value)}. Write milliseconds, a whole number from 1 to ${MAX_DURATION_MS}.`,
  );
}

/** Checks the id that tokens are revoked by. */
export function checkGrantId(name: string, grantId: unknown): void {
  if (typeof grantId === 'string' && grantId !== '') return;
  throw new TypeError(`${name}: grantId is ${describeKind(grantId)}. Pass a string that is not empty.`);
}

/** Converts an age by the store's clock to an instant by this node's clock, which the endpoint uses. */
export function instantBefore(milliseconds: number | null): Date | null {
  return milliseconds === null ? null : new Date(Date.now() - Math.round(milliseconds));
}

/** The user of a record as text, by which the user's grants are found. */
export function userOf(record: object): string | null {
  const { userId } = record as { userId?: unknown };
  return isUserId(userId) ? String(userId) : null;
}

/** Whether it is a text or a number. */
export function isUserId(userId: unknown): boolean {
  return (typeof userId === 'string' && userId !== '') || Number.isFinite(userId) || typeof userId === 'bigint';
}

/** @throws TypeError if it is not a valid Date. */
export function checkEnd(name: string, field: string, end: unknown): void {
  if (types.isDate(end) && !Number.isNaN(end.getTime())) return;
  throw new TypeError(`${name}: ${field} is ${describeValue(end)}. Write a valid Date.`);
}

/** Checks `grantExpiresAt` if there is one. A text would be ignored, and the token would be deleted too early. */
export function checkGrantEnd({ grantExpiresAt }: { grantExpiresAt?: unknown }): void {
  if (grantExpiresAt === undefined || grantExpiresAt === null) return;
  checkEnd('saveRefreshToken', 'grantExpiresAt', grantExpiresAt);
}
