import { randomBytes } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Request } from 'express';
import type { Outcome } from '../types';
import type { Gate } from './gate';
import { type FetchedTokenResponse, fetchFrom, type HttpRequest } from './requester';

const CHANNEL = 'express-token-router:outcome';
const MARK = 'x-token-router-probe';

/** How a request ended. */
export interface Probed {
  response: FetchedTokenResponse;
  /** The request as a token router got it. `undefined` if none did. */
  req: Request | undefined;
  /** How that router ended it. */
  outcome: Outcome | undefined;
}

/** Sends requests to an app, and observes how its token router ends them. */
export interface Probe {
  /** With a gate, the last byte of the body is sent when the gate opens. */
  send(
    request: Omit<HttpRequest, 'headers'> & { headers?: Readonly<Record<string, string>> },
    gate?: Gate,
  ): Promise<Probed>;
  close(): void;
}

/** Serves the app on a free port until it is closed. */
export async function createProbe(app: RequestListener, patience?: number): Promise<Probe> {
  const seen = new Map<string, { outcome: Outcome; req: Request }>();
  const listen = (message: unknown) => {
    const { outcome, req } = message as { outcome: Outcome; req: Request };
    const mark = req.headers[MARK];
    if (typeof mark === 'string') seen.set(mark, { outcome, req });
  };
  subscribe(CHANNEL, listen);
  const held = new Map<unknown, ServerResponse>();
  const waiting = new Map<unknown, () => void>();
  const server = createServer((req, res) => {
    const mark = req.headers[MARK];
    held.set(mark, res);
    app(req, res);
    waiting.get(mark)?.();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    async send({ headers, ...request }, gate) {
      const mark = randomBytes(16).toString('hex');
      const sent = { ...request, headers: { ...headers, [MARK]: mark } };
      const hold = gate && ((release: () => void) => void waiting.set(mark, () => gate.arrive(release)));
      const response = await fetchFrom(port, sent, { hold, patience, responseOf: () => held.get(mark) });
      const { outcome, req } = seen.get(mark) ?? {};
      return { response, req, outcome };
    },
    close() {
      unsubscribe(CHANNEL, listen);
      server.closeAllConnections();
      server.close();
    },
  };
}
