import type { Response } from 'express';
import { fault, OAuthError } from '../errors';
import { unavailable } from '../refusals';
import { isAnswered } from './answer';

/** Milliseconds from the router's first call until it must have answered: clients give up after 10 s. */
const ANSWER_MS = 9500;

/** Milliseconds for the adapters of a request: in the look, and in the act. */
export interface Budgets {
  adapterTimeout: number;
  actTimeout: number;
}

/** The refusal if an adapter does not answer in the look. */
export const lookTooLate = (asked: string, { adapterTimeout }: Budgets) =>
  unavailable('adapter_timeout', {
    cause: new Error(`${asked} did not answer: the adapters of a request have ${adapterTimeout} ms together`),
  });

/** The refusal if an adapter does not answer in the act. The client may try again only if the token is repeatable. */
export function actTooLate(asked: string, { actTimeout }: Budgets, { isRepeatable }: { isRepeatable: boolean }) {
  const cause = new Error(`${asked} did not answer: spending and issuing have ${actTimeout} ms together`);
  const reason = 'adapter_timeout_after_consumption';
  return isRepeatable ? unavailable(reason, { cause }) : fault(reason, cause);
}

/** Throws if nothing may be spent: nobody waits for the answer any more, or no time is left for it. */
export function checkAnswerable(res: Response, elapsedMs: number, { actTimeout }: Budgets): void {
  if (isGone(res)) throw clientGone();
  if (isAnswered(res)) {
    throw unavailable('answered_by_host', {
      cause: new Error('The host answered the request before the router could'),
    });
  }
  if (elapsedMs <= ANSWER_MS - actTimeout) return;
  throw unavailable('no_time_left', {
    cause: new Error('The request took so long that no time is left to issue tokens'),
  });
}

/** Whether the client is gone. Unknown for the responses of function hosts, which do not have these members. */
function isGone(res: Response): boolean {
  return (res.destroyed || res.closed) && !res.writableFinished;
}

/** 499 is what proxies log for this. Nobody sees it. */
const clientGone = () =>
  new OAuthError('invalid_request', 'The client closed the connection', {
    reason: 'client_gone',
    status: 499,
    counts: false,
  });
