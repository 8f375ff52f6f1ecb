import { types } from 'node:util';
import type { Request } from 'express';
import { digestOfAddress } from '../address';
import { fault, isOAuthError } from '../errors';
import type { Deadline } from '../http/deadline';
import type { Reason } from '../reasons';
import type { AuthorizationCode, Awaitable } from '../types';

/** Milliseconds in which the same request may come twice: a double click, a retry, a page that runs its effect twice. */
const AT_ONCE_MS = 2000;

/** Milliseconds by which the clock of a store may be ahead. A time beyond that is ignored. */
export const CLOCK_AHEAD_MS = 10_000;

/**
 * Whether the code was redeemed just now by the same address. Then this is the same request again and not a thief, who
 * has another address. It must not end the login that has just begun.
 */
export function isSentTwice({ spentAt, spentBy }: AuthorizationCode, req: Request, arrivedAt: number): boolean {
  if (!types.isDate(spentAt) || typeof spentBy !== 'string') return false;
  const time = spentAt.getTime();
  return arrivedAt - time < AT_ONCE_MS && time - Date.now() <= CLOCK_AHEAD_MS && spentBy === digestOfAddress(req);
}

/**
 * Revokes what was issued. A failure does not change the refusal: it becomes its cause, and so the fault of the
 * outcome.
 */
export async function revoke(
  reason: Reason,
  deadline: Deadline,
  revokeTokens: () => Awaitable<void>,
): Promise<{ cause?: unknown }> {
  try {
    await deadline.settle('revokeTokens', revokeTokens);
    return {};
  } catch (thrown) {
    return { cause: isOAuthError(thrown) ? thrown : fault(reason, thrown) };
  }
}
