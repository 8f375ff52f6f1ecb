import { channel } from 'node:diagnostics_channel';
import type { Request } from 'express';
import type { Outcome } from '../types';

/** Every outcome is published here as `{ outcome, req }`. */
const outcomes = channel('express-token-router:outcome');

/** What the host is told of a request; nothing that the request itself depends on. */
export interface Observer {
  begin(req: Request): void;
  /** Keeps the client's id, as the request claims it, for the outcome. */
  identify(req: Request, clientId: string | undefined): void;
  report(req: Request, ended: Omit<Outcome, 'clientId' | 'durationMs'>): void;
  /** How the request ended, once it has. */
  outcomeOf(req: Request): Outcome | undefined;
}

type OnOutcome = (outcome: Outcome, req: Request) => unknown;

/** Makes the observer. It never throws, whatever the host's function does. */
export function createObserver(onOutcome: OnOutcome = logFault): Observer {
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
      // The spread comes last: whatever is added to a copy that began with one costs V8 a hidden class for every request.
      const outcome: Outcome = { durationMs: performance.now() - startedAt, ...ended };
      if (clientId !== undefined) outcome.clientId = clientId;
      request.outcome = Object.freeze(outcome);
      tell(onOutcome, outcome, req);
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
  console.error('express-token-router: onOutcome threw', thrown);
}

/** A fault that nobody observes must not be lost. */
function logFault({ reason, fault }: Outcome): void {
  if (fault !== undefined) console.error(`express-token-router: ${reason}`, fault);
}
