import type { Request, Response } from 'express';
import { fault, type OAuthError, toOAuthError } from '../errors';
import type { Awaitable } from '../types';
import { ADAPTER_FAILED, type AdapterName, isThenable } from './adapters';
import type { Deadline, Hooks } from './deadline-types';
import { createOverdueWatch, type OverdueWatch, type Pending } from './overdue';
import { actTooLate, type Budgets, checkAnswerable, lookTooLate } from './too-late';

export type { Deadline } from './deadline-types';

/** The least time of a last step, in milliseconds, however late it is. */
const LAST_STEP_MS = 500;

/** A class, so that each request has one small object. Closures were most of the garbage of a redemption. */
class RequestDeadline implements Deadline, Pending {
  readonly arrivedAt = Date.now();
  place: number | undefined = undefined;
  dueAt = 0;
  turn: { giveUp(): void } | undefined = undefined;
  readonly #startedAt = performance.now();
  readonly #budgets: Budgets;
  readonly #watch: OverdueWatch;
  readonly #req: Request;
  readonly #res: Response;
  readonly #hooks: Hooks;
  #lookMs: number;
  #actDueAt = 0;
  #asked = '';
  #act: { isRepeatable: boolean } | undefined = undefined;
  #refusal: OAuthError | undefined = undefined;

  constructor(budgets: Budgets, watch: OverdueWatch, hooks: Hooks, req: Request, res: Response) {
    this.#budgets = budgets;
    this.#watch = watch;
    this.#req = req;
    this.#res = res;
    this.#hooks = hooks;
    this.#lookMs = budgets.adapterTimeout;
  }

  get isOver(): boolean {
    return this.#refusal !== undefined;
  }

  look<T>(name: AdapterName, adapter: () => Awaitable<T>): Promise<T> {
    return this.#ask(name, adapter, performance.now() + this.#lookMs);
  }

  checkStanding(): void {
    this.#hooks.checkStanding(this.#req);
  }

  beginAct(act: { isRepeatable: boolean }): void {
    if (this.#refusal) throw this.#refusal;
    const now = performance.now();
    checkAnswerable(this.#res, now - this.#startedAt, this.#budgets);
    this.#act = act;
    this.#actDueAt = now + this.#budgets.actTimeout;
  }

  act<T>(name: AdapterName, adapter: () => Awaitable<T>): Promise<T> {
    return this.#ask(name, adapter, this.#actDueAt);
  }

  async settle<T>(name: string, step: () => Awaitable<T>, share = 1): Promise<T> {
    const dueAt = performance.now() + this.leftMs() * share;
    return this.#watch.until(dueAt, Promise.resolve(step()), () => new Error(`${name} did not answer in time`));
  }

  leftMs(): number {
    return Math.max(this.#act ? this.#actDueAt - performance.now() : this.#lookMs, LAST_STEP_MS);
  }

  /** Sends the answer now. A pending adapter goes on, and its verdict still counts. */
  giveUp(): void {
    this.#watch.remove(this);
    this.#refusal = this.#act
      ? actTooLate(this.#asked, this.#budgets, this.#act)
      : lookTooLate(this.#asked, this.#budgets);
    this.#hooks.answer(this.#req, this.#res, this.#refusal);
    this.turn?.giveUp();
  }

  async #ask<T>(name: AdapterName, adapter: () => Awaitable<T>, dueAt: number): Promise<T> {
    if (this.#refusal) throw this.#refusal;
    const startedAt = performance.now();
    this.#asked = name;
    this.dueAt = dueAt;
    try {
      const asked = adapter();
      if (!isThenable(asked)) return asked;
      this.#watch.add(this);
      return await asked;
    } catch (thrown) {
      throw toOAuthError(thrown) ?? fault(ADAPTER_FAILED[name], thrown);
    } finally {
      this.#watch.remove(this);
      const now = performance.now();
      this.#lookMs -= now - startedAt;
      // The event loop may have been blocked. If no time is left to answer with tokens, nothing is spent.
      if (now >= dueAt && !this.#act && !this.#refusal) this.giveUp();
    }
  }
}

/** The deadlines of the requests in flight, one per request. */
export interface Deadlines {
  /** Starts the clock. */
  begin(req: Request, res: Response): void;
  of(req: Request): Deadline;
  /**
   * Forgets the request. The values of this WeakMap reference their keys, so both would stay until the next full
   * collection.
   */
  end(req: Request): void;
}

export function createDeadlines(budgets: Budgets, hooks: Hooks): Deadlines {
  const deadlines = new WeakMap<Request, Deadline>();
  const watch = createOverdueWatch();
  return {
    begin: (req, res) => void deadlines.set(req, new RequestDeadline(budgets, watch, hooks, req, res)),
    of: (req) => deadlines.get(req) as Deadline,
    end: (req) => void deadlines.delete(req),
  };
}
