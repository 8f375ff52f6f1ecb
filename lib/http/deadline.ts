import type { Request } from 'express';
import { fault, OAuthError, toOAuthError } from '../errors';
import type { Reason } from '../reasons';
import type { Awaitable } from '../types';
import { createOverdueWatch, type OverdueWatch } from './overdue';

const FAILED = {
  allowedOrigins: 'allowed_origins_failed',
  authenticateClient: 'authenticate_client_failed',
  consumeCode: 'consume_code_failed',
  consumeRefreshToken: 'consume_refresh_token_failed',
  findCode: 'find_code_failed',
  findRefreshToken: 'find_refresh_token_failed',
  issueTokens: 'issue_tokens_failed',
  rateLimit: 'rate_limit_store_failed',
  // Both grants call it for a replay only, and the replay is what is answered and reported; its failure is the fault behind it.
  revokeTokens: 'code_replayed',
  rotates: 'rotates_failed',
  tokenEndpoint: 'token_endpoint_failed',
  verifyDpop: 'verify_dpop_failed',
} as const satisfies Record<string, Reason>;

export type AdapterName = keyof typeof FAILED;

/** The one deadline of a request. What an adapter brings after it is never looked at. */
export interface Deadline {
  /** Calls an adapter before the code is spent: too late, and the client may come again. */
  look<T>(name: AdapterName, adapter: () => Awaitable<T>): Promise<T>;
  /** Calls an adapter that spends the code or comes after that: too late, and a resend would be a replay. */
  act<T>(name: AdapterName, adapter: () => Awaitable<T>): Promise<T>;
}

const lookTooLate = (cause: Error) =>
  new OAuthError('temporarily_unavailable', 'The authorization server is not available now, try again', {
    reason: 'adapter_timeout',
    headers: { 'Retry-After': '1' },
    cause,
  });

const actTooLate = (cause: Error) => fault('adapter_timeout_after_consumption', cause);

/** A class for once: functions of its own for each request were the largest thing that a redemption left to the collector. */
class RequestDeadline implements Deadline {
  readonly #budgetMs: number;
  readonly #watch: OverdueWatch;
  #leftMs: number;

  constructor(budgetMs: number, watch: OverdueWatch) {
    this.#budgetMs = budgetMs;
    this.#watch = watch;
    this.#leftMs = budgetMs;
  }

  look<T>(name: AdapterName, adapter: () => Awaitable<T>): Promise<T> {
    return this.#ask(name, adapter, lookTooLate);
  }

  act<T>(name: AdapterName, adapter: () => Awaitable<T>): Promise<T> {
    return this.#ask(name, adapter, actTooLate);
  }

  async #ask<T>(name: AdapterName, adapter: () => Awaitable<T>, tooLate: (cause: Error) => OAuthError): Promise<T> {
    const startedAt = performance.now();
    const dueAt = startedAt + this.#leftMs;
    const overdue = () =>
      tooLate(new Error(`${name} did not answer: the adapters of a request have ${this.#budgetMs} ms together`));
    try {
      const asked = adapter();
      const answer = isThenable(asked) ? await this.#watch.until(dueAt, asked, overdue) : asked;
      // Also where the thread stood still: a code must not be spent when there is no time left to answer with tokens.
      if (tooLate === lookTooLate && performance.now() >= dueAt) throw overdue();
      return answer;
    } catch (thrown) {
      throw toOAuthError(thrown) ?? fault(FAILED[name], thrown);
    } finally {
      this.#leftMs -= performance.now() - startedAt;
    }
  }
}

function isThenable<T>(answer: Awaitable<T>): answer is PromiseLike<T> {
  return typeof (answer as PromiseLike<T> | null | undefined)?.then === 'function';
}

/** One deadline a request, the same for each step that asks. */
export function createDeadlines(budgetMs: number): (req: Request) => Deadline {
  const deadlines = new WeakMap<Request, Deadline>();
  const watch = createOverdueWatch();
  return function deadlineOf(req) {
    const known = deadlines.get(req);
    if (known) return known;
    const deadline = new RequestDeadline(budgetMs, watch);
    deadlines.set(req, deadline);
    return deadline;
  };
}
