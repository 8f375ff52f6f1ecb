import type { Request } from 'express';
import { fault, OAuthError } from './errors';
import { createOverdueWatch, type OverdueWatch } from './overdue';
import type { Reason } from './reasons';
import type { Awaitable } from './types';

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

type Call = <T>(name: AdapterName, adapter: () => Awaitable<T>) => Promise<T>;

/** The one deadline of a request. What an adapter brings after it is never looked at. */
export interface Deadline {
  /** Calls an adapter before the code is spent: too late, and the client may come again. */
  look: Call;
  /** Calls an adapter that spends the code or comes after that: too late, and a resend would be a replay. */
  act: Call;
}

const lookTooLate = (cause: Error) =>
  new OAuthError('temporarily_unavailable', 'The authorization server is not available now, try again', {
    reason: 'adapter_timeout',
    headers: { 'Retry-After': '1' },
    cause,
  });

const actTooLate = (cause: Error) => fault('adapter_timeout_after_consumption', cause);

function createDeadline(budgetMs: number, watch: OverdueWatch): Deadline {
  let leftMs = budgetMs;

  const before =
    (tooLate: (cause: Error) => OAuthError): Call =>
    async (name, adapter) => {
      const startedAt = performance.now();
      try {
        const answer = adapter();
        if (!isThenable(answer)) return answer;
        return await watch.until(startedAt + leftMs, answer, () =>
          tooLate(new Error(`${name} did not answer: the adapters of a request have ${budgetMs} ms together`)),
        );
      } catch (thrown) {
        throw thrown instanceof OAuthError ? thrown : fault(FAILED[name], thrown);
      } finally {
        leftMs -= performance.now() - startedAt;
      }
    };

  return { look: before(lookTooLate), act: before(actTooLate) };
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
    const deadline = createDeadline(budgetMs, watch);
    deadlines.set(req, deadline);
    return deadline;
  };
}
