import { channel } from 'node:diagnostics_channel';
import { inspect } from 'node:util';
import type { Request } from 'express';
import type { Outcome } from '../types';
import { createRefusalLog } from './refusal-log';

/** Every outcome is published here as `{ outcome, req }`. */
const outcomes = channel('express-token-router:outcome');

/** Reports requests to the host. No request depends on it. */
export interface Observer {
  begin(req: Request): void;
  /** Keeps the client's id, as the request claims it, for the outcome. */
  identify(req: Request, clientId: string | undefined): void;
  report(req: Request, ended: Omit<Outcome, 'clientId' | 'durationMs'>): void;
  /** How the request ended, once it has. */
  outcomeOf(req: Request): Outcome | undefined;
}

type OnOutcome = (outcome: Outcome, req: Request) => unknown;

/**
 * Makes the observer. It never throws, whatever the host's function does. A fault that this function does not read at
 * once is written to `console.error`, so that a function that only counts does not lose it.
 */
export function createObserver(onOutcome: OnOutcome = () => {}): Observer {
  const logRefusal = createRefusalLog();
  const seen = new WeakMap<Request, { startedAt: number; clientId?: string; outcome?: Outcome }>();

  return {
    begin(req) {
      seen.set(req, { startedAt: performance.now() });
    },
    identify(req, clientId) {
      const request = seen.get(req);
      if (request && clientId !== undefined) request.clientId = clientId;
    },
    report(req, ended) {
      const request = seen.get(req);
      if (!request) return;
      const { startedAt, clientId } = request;
      // The spread comes last: adding members to an object that begins with a spread makes V8 create a hidden class for
      // every request.
      const outcome: Outcome = { durationMs: performance.now() - startedAt, ...ended };
      if (clientId !== undefined) outcome.clientId = clientId;
      const watched = 'fault' in outcome ? watchFault(outcome) : undefined;
      request.outcome = Object.freeze(outcome);
      tell(onOutcome, outcome, req);
      if (watched && !watched.isTaken()) log(outcome.reason, watched.fault);
      logRefusal(outcome);
      if (outcomes.hasSubscribers) outcomes.publish({ outcome, req });
    },
    outcomeOf: (req) => seen.get(req)?.outcome,
  };
}

function tell(onOutcome: OnOutcome, outcome: Outcome, req: Request): void {
  try {
    const told = onOutcome(outcome, req);
    if (told !== undefined) Promise.resolve(told).catch(complain);
  } catch (thrown) {
    complain(thrown);
  }
}

function complain(thrown: unknown): void {
  log('onOutcome threw', thrown);
}

/** Replaces the fault by a getter that notes whether it was read. */
function watchFault(outcome: Outcome) {
  const { fault } = outcome;
  let isTaken = false;
  const read = () => {
    isTaken = true;
    return fault;
  };
  Object.defineProperty(outcome, 'fault', { enumerable: true, get: read });
  // console.log shows a getter without reading it.
  Object.defineProperty(outcome, inspect.custom, { value: () => ({ ...outcome }) });
  return { fault, isTaken: () => isTaken };
}

/** Never throws, although a getter of the fault or a console of the host may. */
function log(what: string, fault: unknown): void {
  try {
    console.error(`express-token-router: ${what}`, fault);
  } catch {
    process.emitWarning(`${what}, and console.error failed to print what`, 'express-token-router');
  }
}
