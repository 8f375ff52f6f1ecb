import { DEFAULT_LEEWAY_MS } from './rotation';

/** What every store has for options. */
export interface StoreOptions {
  /**
   * Milliseconds in which a spent refresh token may come again freely: tabs race. After it a lost answer may still be
   * asked for, until a successor is used. `0` switches both off: each spent token that comes again ends the login.
   * @default 10000
   */
  leeway?: number | undefined;
  /** A code that is redeemed twice at once revokes as every other replay does. @default false */
  strictReplay?: boolean | undefined;
  /**
   * Milliseconds that a spent code and a revoked grant are remembered, at least as long as access tokens live. A grant
   * with refresh tokens is remembered as long as they. @default as long as the issuer's tokens live, and a day at least
   */
  spentLifetime?: number | undefined;
}

export const STORE_OPTIONS = ['leeway', 'strictReplay', 'spentLifetime'] as const;

export function checkStrictReplay(name: string, strictReplay: boolean | undefined): boolean {
  if (strictReplay === undefined || typeof strictReplay === 'boolean') return strictReplay ?? false;
  throw new TypeError(`${name}: strictReplay must be true or false`);
}

/** @throws TypeError that names what is no option. */
export function checkNames(name: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw new TypeError(`${name}: pass an object of options`);
  const unknown = Object.keys(options).find((each) => !known.includes(each));
  if (unknown === undefined) return;
  throw new TypeError(`${name}: there is no option ${unknown}; the options are ${known.join(', ')}`);
}

/** @throws TypeError where it is no number of milliseconds that a store could go by. */
export function checkLeeway(name: string, leeway: number | undefined): number {
  const isSound = leeway === undefined || (Number.isSafeInteger(leeway) && leeway >= 0 && leeway <= 60_000);
  if (isSound) return leeway ?? DEFAULT_LEEWAY_MS;
  throw new TypeError(`${name}: leeway must be a whole number of milliseconds from 0 to 60000`);
}
