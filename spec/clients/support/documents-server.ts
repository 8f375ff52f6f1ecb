import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createHttpsFetch, type HttpsOptions } from '../../../lib/clients/https';
import { createCertificate } from './certificate';

type Answer = (req: IncomingMessage, res: ServerResponse) => void;

/** The name that the server is known by. No name server knows it. */
export const HOST = 'client.example';

/** A real HTTPS server on loopback, which counts what it is asked for, and a `fetch` that trusts it. */
export async function createDocumentsServer(certificate = createCertificate([HOST], { addresses: ['127.0.0.1'] })) {
  const answers = new Map<string, Answer>();
  const asked: string[] = [];
  const server = createServer(certificate, (req, res) => {
    asked.push(String(req.url));
    const answer = answers.get(String(req.url));
    if (answer) answer(req, res);
    else res.writeHead(404).end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const resolved: string[] = [];

  return {
    port,
    /** The paths that were asked for, in order. */
    asked,
    /** The names that were resolved, in order. */
    resolved,
    urlOf: (path: string) => `https://${HOST}:${port}${path}`,
    serve(path: string, answer: Answer) {
      answers.set(path, answer);
    },
    serveJson(path: string, json: unknown, headers: Record<string, string> = {}) {
      answers.set(path, (_req, res) => {
        res.writeHead(200, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(json));
      });
    },
    /** The fetch of the package, with a resolver of the spec's, and this server's certificate. */
    createFetch: (options: HttpsOptions = {}) =>
      createHttpsFetch({
        ca: certificate.cert,
        isAllowedAddress: (address, seen) => address === '127.0.0.1' && seen === port,
        async resolve(name) {
          resolved.push(name);
          return ['127.0.0.1'];
        },
        ...options,
      }),
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

export type DocumentsServer = Awaited<ReturnType<typeof createDocumentsServer>>;
