import { describeMistake, describeUnknown } from '../mistakes';
import { DEFAULT_LEEWAY_MS } from './rotation';

/** The options of every store. */
export interface StoreOptions {
  /**
   * Milliseconds, 0 to 60000, in which a spent refresh token may be used again, because tabs race. After that, a client
   * may still ask again for a lost answer, until a successor is used. `0` switches both off: every reuse ends the
   * login.
   * @default 10000
   */
  leeway?: number | undefined;
  /**
   * Whether a code that is redeemed twice at once (a double click, a retry) revokes its tokens, as every other replay
   * does. @default false
   */
  strictReplay?: boolean | undefined;
  /**
   * Milliseconds for which a spent code and a revoked grant are remembered. Set it to at least the longest lifetime of
   * an access token. A grant with refresh tokens is remembered as long as they live. @default the longest lifetime of
   * the issuer's tokens, at least a day
   */
  spentLifetime?: number | undefined;
}

export const STORE_OPTIONS = ['leeway', 'strictReplay', 'spentLifetime'] as const;

export function checkStrictReplay(name: string, strictReplay: boolean | undefined): boolean {
  if (strictReplay === undefined || typeof strictReplay === 'boolean') return strictReplay ?? false;
  throw new TypeError(`${name}: ${describeMistake(['strictReplay'], strictReplay, 'Write true or false.')}`);
}

/** @throws TypeError that names an unknown option. */
export function checkNames(name: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`${name}: ${describeMistake(['options'], options, 'Pass an object.')}`);
  }
  const unknown = Object.keys(options).find((each) => !known.includes(each));
  if (unknown === undefined) return;
  throw new TypeError(`${name}: ${describeUnknown([unknown], known)}`);
}

/** @throws TypeError if it is not 0 to 60000 milliseconds. */
export function checkLeeway(name: string, leeway: number | undefined): number {
  const isSound = leeway === undefined || (Number.isSafeInteger(leeway) && leeway >= 0 && leeway <= 60_000);
  if (isSound) return leeway ?? DEFAULT_LEEWAY_MS;
  const advice = 'Write milliseconds, a whole number from 0 to 60000.';
  throw new TypeError(`${name}: ${describeMistake(['leeway'], leeway, advice)}`);
}
