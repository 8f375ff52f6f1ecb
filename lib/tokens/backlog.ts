import type { Request } from 'express';
import { OAuthError } from '../errors';

/** A key, as far as its time is concerned. */
export interface Timed {
  /** Milliseconds that a signature is expected to take, without those that it waits for. 0: too few to count. */
  expectedMs(): number;
  /** Whether its signatures wait for others: they are made on the cores of this machine. */
  isQueued: boolean;
  /** Milliseconds that each queued signature adds to the wait of those behind it. */
  intervalMs(): number;
  /** Learns anew how long a signature takes, without a request that would be lost if it takes too long. */
  tryOut(): void;
}

interface Promised {
  req: Request;
  keys: readonly Timed[];
  since: number;
}

/** No request lasts longer: clients give up after 10 s. */
const LONGEST_MS = 10_000;

const MAX_RETRY_SECONDS = 60;
const MAX_REFUSALS = 100;

/** Whether somebody still waits for the answer. A request that has no response, as a host may make it, is never given up. */
export function isAwaited(req: Request): boolean {
  const { res } = Object(req) as Request;
  return !res || (!res.writableEnded && !res.destroyed);
}

/**
 * The signatures that requests were promised and that are not made yet. It lets a request in only if its tokens can be signed
 * in time: a request that is refused before its code is spent can come again.
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
  /** From the oldest to the first that is still awaited: the others end with their response. */
  const releaseAbandoned = (now: number) => {
    for (const each of promised) {
      if (isAwaited(each.req) && now - each.since <= LONGEST_MS) return;
      release(each);
    }
  };
  /** What the others have to be signed takes. */
  const queuedMs = () => [...counts].reduce((sum, [key, times]) => sum + times * key.intervalMs(), 0);

  return {
    /**
     * Promises a request a signature of each of these keys, and returns what takes the promise back.
     *
     * @throws OAuthError where the signatures would not be made within `timeoutMs`.
     */
    promise(req: Request, keys: readonly Timed[], timeoutMs: number): () => void {
      // One after the other: the ID token has a digest of the access token in it.
      const ownMs = keys.reduce((sum, key) => sum + key.expectedMs(), 0);
      if (ownMs > timeoutMs) {
        // Refused as long as that is so: only a signature that no code is spent for can tell that it is over.
        for (const key of keys) key.tryOut();
        throw signingBusy(ownMs, timeoutMs);
      }
      const queued = keys.filter((key) => key.isQueued);
      if (queued.length === 0) return () => {};
      const now = performance.now();
      if (ownMs + queuedMs() > timeoutMs) releaseAbandoned(now);
      if (ownMs + queuedMs() > timeoutMs) throw signingBusy(ownMs + queuedMs(), timeoutMs);
      const each: Promised = { req, keys: queued, since: now };
      count(queued, 1);
      promised.add(each);
      const takeBack = () => release(each);
      // Requests that are refused later in the look never ask for their signatures.
      req.res?.once('close', takeBack);
      return takeBack;
    },
  };
}

/** The refusals, by their time and what they ask for: a stack for each is most of what one costs, when there are many. */
const refusals = new Map<string, OAuthError>();

function signingBusy(waitMs: number, timeoutMs: number): OAuthError {
  const seconds = Math.min(Math.ceil(waitMs / 1000), MAX_RETRY_SECONDS);
  const name = `${timeoutMs} ${seconds}`;
  const refusal = refusals.get(name) ?? makeRefusal(seconds, timeoutMs);
  // A host may ask for any time at each call.
  if (refusals.size >= MAX_REFUSALS) refusals.clear();
  refusals.set(name, refusal);
  return refusal;
}

function makeRefusal(seconds: number, timeoutMs: number): OAuthError {
  return new OAuthError('temporarily_unavailable', 'The authorization server is not available now, try again', {
    reason: 'signing_busy',
    headers: { 'Retry-After': String(seconds) },
    cause: new Error(
      `The signatures of this request would take up to ${seconds} s; they have ${timeoutMs} ms, ` +
        'signingTimeout or half of actTimeout',
    ),
  });
}
