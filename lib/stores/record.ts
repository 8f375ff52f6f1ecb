import { types } from 'node:util';

const DATE = 'date:';
const TEXT = 'text:';
/** Databases count their users in these. */
const BIGINT = 'bigint:';

/**
 * A record as text. It comes back equal, dates included. What would not is refused when it is saved, for a field that is
 * lost on the way may be a check that is lost.
 *
 * @throws TypeError where the record holds anything but plain data.
 */
export function serializeRecord(record: object): string {
  return JSON.stringify(record, function toPlain(this: Record<string, unknown>, name: string, plain: unknown) {
    // JSON has turned a date into a string by now; the holder still has the date.
    const value = this[name];
    if (types.isDate(value) && !Number.isNaN(value.getTime())) return `${DATE}${value.toISOString()}`;
    if (typeof value === 'string') return isMarked(value) ? `${TEXT}${value}` : value;
    if (typeof value === 'bigint') return `${BIGINT}${value}`;
    if (isPlain(value)) return plain;
    throw new TypeError(`A record holds plain data and dates: ${name === '' ? 'it' : name} is something else`);
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

/** The record that a text of `serializeRecord` stands for. */
export function parseRecord<Saved>(text: string): Saved {
  return JSON.parse(text, (_name, value: unknown) => {
    if (typeof value !== 'string') return value;
    if (value.startsWith(DATE)) return new Date(value.slice(DATE.length));
    if (isBigint(value)) return BigInt(value.slice(BIGINT.length));
    return value.startsWith(TEXT) ? value.slice(TEXT.length) : value;
  });
}

/** Milliseconds that a record outlives its end by, because the clocks of the nodes are not the same. */
const CLOCK_MARGIN_MS = 60_000;

/** Milliseconds from now until an end and the margin, by this node's clock: the server may have another. */
export function lifetimeUntil(expiresAt: Date): number {
  if (!types.isDate(expiresAt) || Number.isNaN(expiresAt.getTime())) {
    throw new TypeError('expiresAt must be a valid Date, or the record would never leave');
  }
  return Math.max(expiresAt.getTime() - Date.now(), 0) + CLOCK_MARGIN_MS;
}

/**
 * Until when a refresh token is kept: for as long as its family may live, where the record says so. Spent long ago, and after
 * its own end as well, it still tells of a theft.
 */
export function endOfFamily({ expiresAt, grantExpiresAt }: { expiresAt: Date; grantExpiresAt?: unknown }): Date {
  return types.isDate(grantExpiresAt) && grantExpiresAt > expiresAt ? grantExpiresAt : expiresAt;
}

/** Milliseconds: 3,170 years. Databases refuse instants that are far beyond that, and would do so when it is saved. */
const MAX_DURATION_MS = 1e14;

/** A number of milliseconds that a store can count. */
export function checkDuration(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value > 0 && value <= MAX_DURATION_MS) return;
  throw new TypeError(`${name} must be a whole number of milliseconds above 0, and ${MAX_DURATION_MS} at most`);
}

/** What tokens are revoked by. */
export function checkGrantId(name: string, grantId: unknown): void {
  if (typeof grantId === 'string' && grantId !== '') return;
  const received = grantId === '' ? 'an empty string' : String(grantId);
  throw new TypeError(`${name}: grantId must be a string that is not empty; it is ${received}`);
}

/** By this node's clock, which the endpoint goes by: when something was, so many milliseconds ago by the store's clock. */
export function instantBefore(milliseconds: number | null): Date | null {
  return milliseconds === null ? null : new Date(Date.now() - Math.round(milliseconds));
}

/** The user of a record, as the text that the user's grants are found by. */
export function userOf(record: object): string | null {
  const { userId } = record as { userId?: unknown };
  return isUserId(userId) ? String(userId) : null;
}

/** A text, or a number as databases count their users. */
export function isUserId(userId: unknown): boolean {
  return (typeof userId === 'string' && userId !== '') || Number.isFinite(userId) || typeof userId === 'bigint';
}

/** @throws TypeError where it is no instant. */
export function checkEnd(name: string, field: string, end: unknown): void {
  if (types.isDate(end) && !Number.isNaN(end.getTime())) return;
  throw new TypeError(`${name}: ${field} must be a valid Date, or the token would never leave`);
}

/** A text would be passed over, and the token be forgotten before its time. */
export function checkGrantEnd({ grantExpiresAt }: { grantExpiresAt?: unknown }): void {
  if (grantExpiresAt === undefined || grantExpiresAt === null) return;
  checkEnd('saveRefreshToken', 'grantExpiresAt', grantExpiresAt);
}
