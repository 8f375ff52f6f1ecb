import type { Request, Response } from 'express';
import type { OAuthError } from '../errors';
import type { Awaitable } from '../types';
import type { AdapterName } from './adapters';

/** The time that one request has (RFC 6749 sets no limit, but clients give up after 10 s). */
export interface Deadline {
  /** When the router was first called, of `Date.now()`. */
  readonly arrivedAt: number;
  /** Whether a budget ran out. Then the request has its answer, and no further adapter is called. */
  readonly isOver: boolean;
  /** Notified if a budget runs out, so that a request stops waiting for its turn. */
  turn: { giveUp(): void } | undefined;
  /** Calls an adapter before anything is spent. */
  look<T>(name: AdapterName, adapter: () => Awaitable<T>): Promise<T>;
  /**
   * Throws if the address has reached its limit by now. Called before a secret is compared, and before anything is
   * spent.
   */
  checkStanding(): void;
  /** Ends the look. Throws if nothing may be spent. */
  beginAct(act: { isRepeatable: boolean }): void;
  /** Calls an adapter that spends the code, or comes after that. */
  act<T>(name: AdapterName, adapter: () => Awaitable<T>): Promise<T>;
  /** Waits for a step that no tokens depend on, for this share of the time that is left. */
  settle<T>(name: string, step: () => Awaitable<T>, share?: number): Promise<T>;
  /** Milliseconds that are left of the budget, at least 500. */
  leftMs(): number;
}

/** What the endpoint does for a request. Shared by all requests, so that none needs closures of its own. */
export interface Hooks {
  /** Called once per request, if a budget runs out. */
  answer(req: Request, res: Response, refusal: OAuthError): unknown;
  checkStanding(req: Request): void;
}
