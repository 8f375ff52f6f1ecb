import type { Request } from 'express';
import type { OAuthError } from '../errors';
import { unavailable } from '../refusals';

/** How long the signatures of a key take. */
export interface Timed {
  /** Milliseconds that a signature will take, without waiting. 0: too short to count. */
  expectedMs(): number;
  /** Whether its signatures wait for each other, because they are made on this machine. */
  isQueued: boolean;
  /** Milliseconds that each queued signature adds to the wait of those behind it. */
  intervalMs(): number;
  /** Measures a signature again, without a request that would fail if it takes too long. */
  tryOut(): void;
}

interface Promised {
  req: Request;
  keys: readonly Timed[];
  since: number;
}

/** Milliseconds that a request lasts at most: clients give up after 10 s. */
const LONGEST_MS = 10_000;

const MAX_RETRY_SECONDS = 60;
const MAX_REFUSALS = 100;

/** Whether somebody still waits for the answer. Always true for a request without a response, as a host may make it. */
export function isAwaited(req: Request): boolean {
  const { res } = Object(req) as Request;
  return !res || (!res.writableEnded && !res.destroyed);
}

/**
 * Keeps the signatures that were promised to requests but not made yet. Refuses a request if its tokens cannot be
 * signed in time, before its code is spent, so that the client can try again.
 */
export function createBacklog() {
  const promised = new Set<Promised>();
  const counts = new Map<Timed, number>();

  const count = (keys: readonly Timed[], change: 1 | -1) => {
    for (const key of keys) {
      const left = (counts.get(key) ?? 0) + change;
      if (left > 0) counts.set(key, left);
      else counts.delete(key);
    }
  };
  const release = (each: Promised) => {
    if (promised.delete(each)) count(each.keys, -1);
  };
  /** Releases the oldest ones up to the first that is still awaited. The others end with their response. */
  const releaseAbandoned = (now: number) => {
    for (const each of promised) {
      if (isAwaited(each.req) && now - each.since <= LONGEST_MS) return;
      release(each);
    }
  };
  /** Milliseconds for all signatures that are waiting. */
  const queuedMs = () => [...counts].reduce((sum, [key, times]) => sum + times * key.intervalMs(), 0);

  return {
    /**
     * Promises the request a signature of each of these keys. Returns a function that takes the promise back.
     *
     * @throws OAuthError 503 if the signatures would not be made within `timeoutMs`.
     */
    promise(req: Request, keys: readonly Timed[], timeoutMs: number): () => void {
      // They are made one after the other, because the ID token has a digest of the access token.
      const ownMs = keys.reduce((sum, key) => sum + key.expectedMs(), 0);
      if (ownMs > timeoutMs) {
        // Requests are refused while this lasts, so only a trial signature can show that it is over.
        for (const key of keys) key.tryOut();
        throw signingBusy(ownMs, timeoutMs);
      }
      const queued = keys.filter((key) => key.isQueued);
      if (queued.length === 0) return () => {};
      const now = performance.now();
      releaseAbandoned(now);
      const waitMs = ownMs + queuedMs();
      if (waitMs > timeoutMs) throw signingBusy(waitMs, timeoutMs);
      const each: Promised = { req, keys: queued, since: now };
      count(queued, 1);
      promised.add(each);
      const takeBack = () => release(each);
      // A request that is refused later in the look never uses its promise.
      req.res?.once('close', takeBack);
      return takeBack;
    },
  };
}

/** The refusals are reused, because the stack of a new error is most of the cost when there are many. */
const refusals = new Map<string, OAuthError>();

function signingBusy(waitMs: number, timeoutMs: number): OAuthError {
  const seconds = Math.min(Math.ceil(waitMs / 1000), MAX_RETRY_SECONDS);
  const name = `${timeoutMs} ${seconds}`;
  const refusal = refusals.get(name) ?? makeRefusal(seconds, timeoutMs);
  // A host may pass another time with each call.
  if (refusals.size >= MAX_REFUSALS) refusals.clear();
  refusals.set(name, refusal);
  return refusal;
}

function makeRefusal(seconds: number, timeoutMs: number): OAuthError {
  const cause = new Error(
    `The signatures of this request would take up to ${seconds} s; they have ${timeoutMs} ms, ` +
      'signingTimeout or half of actTimeout',
  );
  return unavailable('signing_busy', { cause }, seconds);
}
