// Not the global timers, because tests of the host may fake those.
import { clearTimeout, setTimeout } from 'node:timers';
import type { FetchDocument, FetchedResponse } from './types';

/** A document of a client, and how long it may be cached. */
export interface JsonDocument {
  json: unknown;
  lifetimeMs: number;
}

const MAX_BYTES = 64 * 1024;
/** Milliseconds for the connection and the whole answer. */
const TIMEOUT_MS = 3000;
const HEADERS = Object.freeze({ accept: 'application/json', 'accept-encoding': 'identity' });
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

const MINUTE_MS = 60_000;
/** The shortest time for which a document is cached, whatever its server says. */
const MIN_LIFETIME_MS = MINUTE_MS;
/** The time if the server says nothing. */
const DEFAULT_LIFETIME_MS = 10 * MINUTE_MS;
/** The longest time, because keys are withdrawn. */
const MAX_LIFETIME_MS = 24 * 60 * MINUTE_MS;

/**
 * Fetches a JSON document. It must have status 200, no redirect, no compression, and at most 64 KiB within three
 * seconds.
 *
 * @throws Error that says what is wrong.
 */
export async function fetchJson(fetch: FetchDocument, url: string, timeoutMs = TIMEOUT_MS): Promise<JsonDocument> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no whole answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    // A `fetch` of the host may ignore the signal.
    return await Promise.race([readDocument(fetch, url, controller.signal), tooLate]);
  } finally {
    clearTimeout(timer);
    // Closes the connection if the answer was not read to its end.
    controller.abort();
  }
}

async function readDocument(fetch: FetchDocument, url: string, signal: AbortSignal): Promise<JsonDocument> {
  const response = await fetch(url, { headers: HEADERS, redirect: 'manual', signal });
  checkResponse(response);
  const text = new TextDecoder('utf-8', { fatal: true }).decode(await readBytes(response));
  return { json: JSON.parse(text), lifetimeMs: lifetimeOf(response.headers) };
}

function checkResponse({ status, redirected, headers }: FetchedResponse): void {
  if (redirected === true) throw new Error('the answer came by a redirect');
  if (status !== 200) throw new Error(`the status is ${status} and not 200`);
  if (!JSON_TYPE.test(String(headers.get('content-type')))) throw new Error('the Content-Type is not JSON');
  const encoding = headers.get('content-encoding') ?? '';
  if (!/^(?:identity)?$/i.test(encoding)) throw new Error('the answer is compressed');
  if (Number(headers.get('content-length')) > MAX_BYTES)
    throw new Error(`the answer is longer than ${MAX_BYTES} bytes`);
}

async function readBytes({ body }: FetchedResponse): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > MAX_BYTES) throw new Error(`the answer is longer than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** How long the document is fresh (RFC 9111 §4.2), within our bounds. */
function lifetimeOf(headers: FetchedResponse['headers']): number {
  const control = String(headers.get('cache-control')).toLowerCase();
  if (/(?:^|[\s,])no-(?:store|cache)/.test(control)) return MIN_LIFETIME_MS;
  const said = readMaxAge(control) ?? readExpires(headers);
  if (said === undefined) return DEFAULT_LIFETIME_MS;
  const [age = 0] = /^\d{1,10}$/.exec(String(headers.get('age'))) ?? [];
  return Math.min(Math.max(said - Number(age) * 1000, MIN_LIFETIME_MS), MAX_LIFETIME_MS);
}

function readMaxAge(control: string): number | undefined {
  const seconds = /(?:^|[\s,])max-age="?(\d{1,10})/.exec(control)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

function readExpires(headers: FetchedResponse['headers']): number | undefined {
  const expires = headers.get('expires');
  if (expires === null) return undefined;
  const end = Date.parse(expires);
  const start = Date.parse(String(headers.get('date')));
  // An invalid date means expired (RFC 9111 §5.3).
  return Number.isNaN(end) ? 0 : end - (Number.isNaN(start) ? Date.now() : start);
}
