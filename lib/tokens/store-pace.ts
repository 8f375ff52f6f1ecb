import { unavailable } from '../refusals';
import type { Granted } from './granted';
import type { IssuerExchange } from './types';

/** How many calls of the store the act needs: to spend, to save, and to check the grant again. */
export function countStoreCalls({ apis: [{ accessToken }], isOffline }: Granted, looksAgain: boolean): number {
  return 1 + Number(accessToken === 'opaque') + Number(isOffline) + Number(looksAgain);
}

/** Refuses before anything is spent if the store is too slow for the act. `callMs` is how long its last call took. */
export function checkStorePace(
  callMs: number,
  calls: number,
  { actTimeout = Number.POSITIVE_INFINITY }: Pick<IssuerExchange, 'actTimeout'>,
): void {
  if (callMs * calls <= actTimeout) return;
  const cause = new Error(
    `isRevoked took ${Math.round(callMs)} ms: ${calls} calls of the store like that would take longer than actTimeout, ${actTimeout} ms`,
  );
  throw unavailable('no_time_left', { cause });
}
