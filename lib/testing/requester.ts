import { createServer, type IncomingHttpHeaders, type RequestListener, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { clearTimeout, setTimeout } from 'node:timers';

/** An answer of the endpoint. The names of header fields are in lower case. */
export interface TokenResponse {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: unknown;
}

/** One HTTP request. */
export interface HttpRequest {
  method: string;
  /** With the query string, if there is one. */
  path: string;
  headers: Readonly<Record<string, string>>;
  body?: string | undefined;
}

/** What a `post` of supertest returns. */
export interface SupertestRequest<Response> extends PromiseLike<Response> {
  set(name: string, value: string): unknown;
  send(body?: string): unknown;
}

/** What `request(app)` and `request.agent(app)` of supertest return. */
export interface SupertestLike<Response> {
  post(path: string): SupertestRequest<Response>;
}

/** An answer to a request that this kit sent itself. */
export interface FetchedTokenResponse extends TokenResponse {
  headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: as supertest types the body of an answer
  body: any;
  /** The body as it was sent. */
  text: string;
}

/** Where requests are sent: an Express app, or what supertest makes of one. */
export type Target<Response> = SupertestLike<Response> | RequestListener;

export type Send<Response> = (sent: HttpRequest) => Promise<Response>;

/** Sends requests with supertest, or to an app on a new port for each request. */
export function createSend<Response extends TokenResponse>(target: Target<Response>): Send<Response> {
  if (typeof target === 'function')
    return (sent) => sendTo(target, sent) as Promise<TokenResponse> as Promise<Response>;
  return async ({ method, path, headers, body }) => {
    const verbs = target as unknown as Record<string, SupertestLike<Response>['post']>;
    const open = verbs[method.toLowerCase()];
    if (typeof open !== 'function')
      throw new TypeError(`request(app) has no ${method.toLowerCase()}. Pass what supertest makes`);
    const sent = open.call(target, path);
    for (const [name, value] of Object.entries(headers)) sent.set(name, value);
    sent.send(body);
    return sent;
  };
}

async function sendTo(app: RequestListener, sent: HttpRequest): Promise<FetchedTokenResponse> {
  let held: ServerResponse | undefined;
  const server = createServer((req, res) => {
    held = res;
    app(req, res);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await fetchFrom((server.address() as AddressInfo).port, sent, { responseOf: () => held });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** How to send a request, and how long to wait for its answer. */
export interface Sending {
  /** Milliseconds. @default 15000, which is more than a router takes with its own time limits */
  patience?: number | undefined;
  /** The response of the server, to say what became of it. */
  responseOf?: (() => ServerResponse | undefined) | undefined;
  /** Gets the function that sends the last byte of the body. @default it is sent at once */
  hold?: ((release: () => void) => void) | undefined;
}

/** The error for an app that does not answer. It says what happened. */
export class NoAnswer extends Error {}

// Captured, because tests of the host may fake timers.
const [startTimer, stopTimer] = [setTimeout, clearTimeout];

/** Sends one request on a new connection. */
export function fetchFrom(
  port: number,
  { method, path, headers, body }: HttpRequest,
  { patience = 15_000, responseOf, hold }: Sending,
): Promise<FetchedTokenResponse> {
  return new Promise((resolve, reject) => {
    const hangUp = (thrown: Error) =>
      reject(new NoAnswer(`${method} ${path} had no whole answer: the app closed the connection (${thrown.message})`));
    const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, async (res) => {
      try {
        const chunks: Buffer[] = [];
        for await (const chunk of res) chunks.push(chunk);
        const text = Buffer.concat(chunks).toString();
        resolve({ status: Number(res.statusCode), headers: res.headers, text, body: parseBody(text) });
      } catch (thrown) {
        hangUp(thrown as Error);
      }
    });
    const timer = startTimer(() => {
      reject(new NoAnswer(`${method} ${path} had ${describeSilence(patience / 1000, responseOf?.())}`));
      sent.destroy();
    }, patience);
    sent.on('close', () => stopTimer(timer));
    sent.on('error', hangUp);
    if (hold === undefined || body === undefined) {
      sent.end(body);
      return;
    }
    const bytes = Buffer.from(body);
    sent.setHeader('Content-Length', bytes.length);
    sent.write(bytes.subarray(0, -1));
    hold(() => sent.end(bytes.subarray(-1)));
  });
}

function describeSilence(seconds: number, res: ServerResponse | undefined): string {
  if (res === undefined) return `no answer within ${seconds} s`;
  return res.headersSent
    ? `no whole answer within ${seconds} s: the answer ${res.statusCode} was begun and did not end. Let the middleware that replaces res.end() or res.write() call the original one, and change no header there`
    : `no answer within ${seconds} s: a middleware before the router did not call next(), or replaced res.end() and does not call the original one`;
}

/** Parses JSON. As with supertest, a body that is not JSON is an empty object. */
function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
