import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificate } from '../clients/support/certificate';

/** A proxy on `https://localhost` that ends TLS in front of a server on this machine. */
export interface TlsProxy {
  origin: string;
  /** The file of its certificate, for clients to trust. */
  certificate: string;
  /** Says where requests go. Before that they are answered with 502. */
  forwardTo(port: number): void;
  stop(): Promise<void>;
}

export async function startTlsProxy(): Promise<TlsProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'token-router-tls-'));
  const certificate = join(folder, 'certificate.pem');
  const pair = createCertificate(['localhost']);
  writeFileSync(certificate, pair.cert);

  let target = 0;
  const server = createServer(pair, (req, res) => {
    const headers = { ...req.headers, 'x-forwarded-proto': 'https' };
    const { method, url: path } = req;
    const forwarded = request({ host: '127.0.0.1', port: target, method, path, headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(res);
    });
    forwarded.on('error', () => res.writeHead(502).end());
    req.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `https://localhost:${(server.address() as AddressInfo).port}`,
    certificate,
    forwardTo: (port) => {
      target = port;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
