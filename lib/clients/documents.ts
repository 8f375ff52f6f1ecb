import { unavailable } from '../refusals';
import { networkOf } from './address';
import { createAdmission } from './admission';
import { fetchJson } from './json-document';
import type { FetchDocument } from './types';

/** The documents of clients, each fetched once while it is fresh. */
export interface Documents<Parsed> {
  /**
   * Finds the document at a URL. `address`: the IP address of the client that asks.
   *
   * @throws OAuthError 503 if too many documents are requested, or else the error of the document.
   */
  find(url: string, address: string | undefined): Promise<Parsed>;
  /** Fetches a document again that lacks something. `undefined` if that was done lately, or fails. */
  renew(url: string): Promise<Parsed | undefined>;
}

const MAX_KEPT = 1000;
const AT_ONCE = 10;
/** The other places are reserved for known documents that have expired. */
const NEW_AT_ONCE = 8;
/** Milliseconds for which a failure is remembered, and for which a document is not fetched again for a missing key. */
const PAUSE_MS = 30_000;

interface Kept<Parsed> {
  parsed: Parsed;
  fetchedAt: number;
  freshUntil: number;
}

interface Failure {
  thrown: unknown;
  until: number;
}

/** Creates a cache of documents. It limits what it keeps, what it fetches at once, and how many new URLs it tries. */
export function createDocuments<Parsed>({
  fetch,
  parse,
  now = () => performance.now(),
}: {
  fetch: FetchDocument;
  parse: (json: unknown, url: string) => Parsed;
  /** Milliseconds. */
  now?: () => number;
}): Documents<Parsed> {
  const kept = new Map<string, Kept<Parsed>>();
  const failures = new Map<string, Failure>();
  const fetching = new Map<string, { document: Promise<Parsed>; isNew: boolean }>();
  const admitNew = createAdmission(now);

  async function load(url: string): Promise<Parsed> {
    try {
      const { json, lifetimeMs } = await fetchJson(fetch, url);
      const parsed = parse(json, url);
      const fetchedAt = now();
      put(kept, url, { parsed, fetchedAt, freshUntil: fetchedAt + lifetimeMs });
      return parsed;
    } catch (thrown) {
      put(failures, url, { thrown, until: now() + PAUSE_MS });
      throw thrown;
    } finally {
      fetching.delete(url);
    }
  }

  function start(url: string, isNew: boolean): Promise<Parsed> {
    const document = load(url);
    fetching.set(url, { document, isNew });
    return document;
  }

  const hasPlace = (isNew: boolean) =>
    fetching.size < AT_ONCE && !(isNew && [...fetching.values()].filter((each) => each.isNew).length >= NEW_AT_ONCE);

  return {
    async find(url, address) {
      const known = kept.get(url);
      if (known && known.freshUntil > now()) {
        put(kept, url, known);
        return known.parsed;
      }
      const running = fetching.get(url);
      if (running) return running.document;
      const failure = failures.get(url);
      if (failure && failure.until > now()) throw failure.thrown;
      const isNew = known === undefined;
      if (!hasPlace(isNew) || (isNew && !admitNew(networkOf(address)))) throw unavailable('client_documents_limited');
      return start(url, isNew);
    },

    async renew(url) {
      const running = fetching.get(url)?.document;
      if (running) return running.catch(() => undefined);
      const known = kept.get(url);
      const isPaused =
        known === undefined || known.fetchedAt + PAUSE_MS > now() || Number(failures.get(url)?.until) > now();
      if (isPaused || !hasPlace(false)) return undefined;
      return start(url, false).catch(() => undefined);
    },
  };
}

/** Puts an entry at the end. If there are too many, removes the one that was used least recently. */
function put<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > MAX_KEPT) map.delete(map.keys().next().value as string);
}
