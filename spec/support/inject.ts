import { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { Express } from 'express';

export interface InjectedAnswer {
  status: number;
  body: Record<string, string>;
}

/** Puts a form into an app as Node would, without a socket: for specs that play thousands of requests. */
export function inject(
  app: Express,
  form: Readonly<Record<string, string>>,
  { path = '/oauth/token', headers = {} }: { path?: string; headers?: Record<string, string> } = {},
): Promise<InjectedAnswer> {
  return new Promise((resolve) => {
    const body = Buffer.from(new URLSearchParams(form).toString());
    const chunks: Buffer[] = [];
    const socket = new Duplex({
      read() {},
      write(chunk, _encoding, done) {
        chunks.push(chunk);
        done();
      },
    });
    Object.assign(socket, { remoteAddress: '127.0.0.1' });
    const req = new IncomingMessage(socket as Socket);
    const sent: Record<string, string> = {
      host: 'auth.example',
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': String(body.length),
      ...headers,
    };
    Object.assign(req, { method: 'POST', url: path, httpVersionMajor: 1, httpVersionMinor: 1, complete: true });
    Object.assign(req, { rawHeaders: Object.entries(sent).flat(), headers: sent });
    req.push(body);
    req.push(null);
    const res = new ServerResponse(req);
    res.assignSocket(socket as Socket);
    res.on('finish', () => {
      const [, text = ''] = Buffer.concat(chunks).toString().split('\r\n\r\n');
      req.destroy();
      resolve({ status: res.statusCode, body: text === '' ? {} : JSON.parse(text) });
    });
    app(req, res);
  });
}
