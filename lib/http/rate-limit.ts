import type { Request, Response } from 'express';
import { isOAuthError, OAuthError } from '../errors';
import { wrongReturn } from '../received';
import { unavailable } from '../refusals';
import { createKeptCounts } from './kept-counts';
import { createKnownFailures } from './known-failures';
import { createOverdueWatch } from './overdue';
import { type Admission, createFirstLook, createLimitFields } from './rate-limit-fields';
import { completeLimit, createFailureLog, type GivenLimit } from './rate-limit-options';
import { type Count, createCountStore } from './rate-limit-store';

/** The limit of failures per client address. */
export interface RateLimit {
  /** Whether the host exempts the request (`skip`). Rejects with 503 if that fails. */
  exempts(req: Request, res: Response): Promise<boolean>;
  /** Called before the body is read. Rejects with 429 if the address has reached its limit, with 503 if the store fails. */
  admit(req: Request, res: Response, address: string): Promise<void>;
  /** Throws 429 if the address has reached its limit since then, as far as this process knows. */
  checkKnown(req: Request): void;
  /** Counts a refusal that is a verdict. Returns the refusal to send: this one, 429 over the limit, or 503. */
  judge(req: Request, res: Response, refusal: OAuthError, waitMs: number): Promise<OAuthError>;
}

const NOTHING: Count = { failures: 0, resetTime: undefined };

/** Counts verdicts, each when it is known, on any store of express-rate-limit. */
export function createRateLimit(given: GivenLimit): RateLimit {
  const options = completeLimit(given);
  const { skip, keyGenerator, limit, passOnStoreError, windowMs } = options;
  const store = createCountStore(options);
  const known = createKnownFailures(windowMs);
  const kept = createKeptCounts(store.increment);
  const watch = createOverdueWatch();
  const log = createFailureLog(options);
  const writeFields = createLimitFields(options, log);
  const lookOnce = createFirstLook(options);
  const admissions = new WeakMap<Request, Admission>();

  async function read(key: string): Promise<Count> {
    try {
      const count = await known.refresh(key, () => store.read(key));
      return { ...count, failures: count.failures + kept.of(key) };
    } catch (thrown) {
      if (!passOnStoreError) throw thrown;
      log(thrown, 'the request is served without a limit');
      return NOTHING;
    }
  }

  const exempts = async (req: Request, res: Response) => (skip ? skip(req, res) : false);

  async function admit(req: Request, res: Response, address: string): Promise<void> {
    if (skip && (await skip(req, res))) return;
    await kept.checkWritable();
    if (!given.keyGenerator) lookOnce(req, res);
    const key = keyGenerator ? parseKey(await keyGenerator(req, res)) : address;
    const allowed = typeof limit === 'function' ? parseLimit(await limit(req, res)) : limit;
    const admission = { key, limit: allowed, count: await read(key) };
    admissions.set(req, admission);
    if (admission.count.failures >= allowed) throw tooManyRequests();
  }

  async function count(admission: Admission): Promise<Count> {
    const { key } = admission;
    const end = known.begin(key, admission.count);
    try {
      const total = await (passOnStoreError ? store.increment(key) : kept.write(key));
      end(total);
      return total;
    } catch (thrown) {
      end();
      throw thrown;
    }
  }

  /** Counts a verdict, and returns the refusal to send instead of it. */
  async function judgeVerdict(admission: Admission, verdict: OAuthError, dueAt: number): Promise<OAuthError> {
    const tooLate = () => new Error('The rate limit store did not write a count in time');
    try {
      admission.count = await watch.until(dueAt, count(admission), tooLate);
      return admission.count.failures > admission.limit ? tooManyRequests() : verdict;
    } catch (thrown) {
      if (!passOnStoreError) return unavailable('rate_limit_store_failed', { cause: thrown });
      log(thrown, 'a failure is not counted');
      return verdict;
    }
  }

  return {
    exempts: (req, res) => exempts(req, res).catch(refuse),
    admit: (req, res, address) => admit(req, res, address).catch(refuse),
    checkKnown(req) {
      const admission = admissions.get(req);
      if (!admission) return;
      const { failures, resetTime } = known.of(admission.key);
      const count = { failures: failures + kept.of(admission.key), resetTime };
      if (count.failures < admission.limit) return;
      admission.count = count;
      throw tooManyRequests();
    },
    async judge(req, res, refusal, waitMs) {
      const admission = admissions.get(req);
      if (!admission || isServerError(refusal)) return refusal;
      const dueAt = performance.now() + waitMs;
      const leaving = refusal.counts ? await judgeVerdict(admission, refusal, dueAt) : refusal;
      const isOver = leaving.reason === 'rate_limited';
      if (!isServerError(leaving)) await writeFields(req, res, { admission, isOver, dueAt });
      return leaving;
    },
  };
}

const isServerError = ({ error }: OAuthError) => error === 'server_error' || error === 'temporarily_unavailable';

const tooManyRequests = () =>
  new OAuthError('too_many_requests', 'Too many requests, try again later', { reason: 'rate_limited' });

/** Refuses if the store fails. Otherwise an attacker who can break it would get more guesses. */
function refuse(thrown: unknown): never {
  throw isOAuthError(thrown) ? thrown : unavailable('rate_limit_store_failed', { cause: thrown });
}

function parseKey(key: unknown): string {
  if (typeof key === 'string') return key;
  throw wrongReturn('rateLimit.keyGenerator', key, 'a string');
}

function parseLimit(limit: unknown): number {
  if (typeof limit === 'number' && !Number.isNaN(limit)) return limit;
  throw wrongReturn('rateLimit.limit', limit, 'a number');
}
