import type { Request, Response } from 'express';
import type { OAuthError } from '../errors';
import type { Awaitable } from '../types';
import type { AdapterName } from './adapters';

/** The time that one request has (RFC 6749 sets no limit, but clients give up after 10 s). */
export interface Deadline {
  /** When the router was first called, of `Date.now()`. */
  readonly arrivedAt: number;
  /** Whether a budget ran out. The request has its answer then, and no further adapter is called. */
  readonly isOver: boolean;
  /** What is told if a budget runs out: a request that waits for its turn has nothing to wait for any more. */
  turn: { giveUp(): void } | undefined;
  /** Calls an adapter before anything is spent. */
  look<T>(name: AdapterName, adapter: () => Awaitable<T>): Promise<T>;
  /** Throws where the address has failed too often by now. Called before a secret is compared, and before anything is spent. */
  checkStanding(): void;
  /** Ends the look. Throws where nothing must be spent. */
  beginAct(act: { isRepeatable: boolean }): void;
  /** Calls an adapter that spends the code, or comes after that. */
  act<T>(name: AdapterName, adapter: () => Awaitable<T>): Promise<T>;
  /** Waits for a step that no tokens depend on: for this share of the time that is left. */
  settle<T>(name: string, step: () => Awaitable<T>, share?: number): Promise<T>;
  /** Milliseconds that are left of the budget, and at least 500. */
  leftMs(): number;
}

/** What the endpoint of the requests does when it is asked to. The same for all of them: none makes closures of its own. */
export interface Hooks {
  /** Called once a request, if a budget runs out. */
  answer(req: Request, res: Response, refusal: OAuthError): unknown;
  checkStanding(req: Request): void;
}
