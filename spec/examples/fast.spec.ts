import { execFileSync } from 'node:child_process';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import express, { type Express } from 'express';
import { createEndpoint, goodForm } from '../support/endpoint';
import { rawPost, sendBytes } from '../support/raw';

const { createAppServer } = jest.requireActual<{ createAppServer: (app: Express) => Server }>(
  '../../examples/fast/app-server.js',
);

const FORM = 'Content-Type: application/x-www-form-urlencoded';
const body = new URLSearchParams(goodForm()).toString();

async function withPort<T>(server: Server, use: (port: number) => Promise<T>): Promise<T> {
  if (!server.listening) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use((server.address() as AddressInfo).port);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const listen = (app: Express) => app.listen(0, '127.0.0.1');

function createApp(): Express {
  const app = express().set('trust proxy', 1);
  app.get('/seen', ({ ip, hostname, query, baseUrl, protocol }, res) =>
    res.json({ ip, hostname, query, baseUrl, protocol }),
  );
  app.use(
    '/inner',
    express().get('/seen', ({ baseUrl, app: inner }, res) => res.json([baseUrl, inner !== app])),
  );
  app.get('/inner-is-over', ({ app: now }, res) => res.json(now === app));
  app.get('/away', (_req, res) => res.redirect(303, '/seen'));
  app.get('/fault', () => {
    throw new Error('a fault of the host');
  });
  return app.use(createEndpoint({ rateLimit: false }).router);
}

const REQUESTS: [string, Buffer | string][] = [
  ['a good request', rawPost([FORM], body)],
  ['an unknown code', rawPost([FORM], body.replace('code=', 'code=un'))],
  ['a body that is too large', rawPost([FORM], `${body}&padding=${'x'.repeat(20_000)}`)],
  ['another media type', rawPost(['Content-Type: text/plain'], body)],
  ['two Authorization fields', rawPost([FORM, 'Authorization: Basic YTpi', 'Authorization: Basic YTpi'], body)],
  ['another method', 'DELETE /oauth/token HTTP/1.1\r\nHost: auth.example\r\nConnection: close\r\n\r\n'],
  ['HTTP/1.0', `POST /oauth/token HTTP/1.0\r\n${FORM}\r\nContent-Length: ${body.length}\r\n\r\n${body}`],
  [
    'a chunked body',
    `POST /oauth/token HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${FORM}\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
  ],
  ['Expect: 100-continue', rawPost([FORM, 'Expect: 100-continue'], body)],
  ['HEAD', 'HEAD /seen HTTP/1.1\r\nHost: auth.example\r\nConnection: close\r\n\r\n'],
  [
    "what Express's own request knows",
    'GET /seen?a=1 HTTP/1.1\r\nHost: auth.example:80\r\nX-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n',
  ],
  ['a redirect', 'GET /away HTTP/1.1\r\nHost: auth.example\r\nConnection: close\r\n\r\n'],
  ['an app within the app', 'GET /inner/seen HTTP/1.1\r\nHost: auth.example\r\nConnection: close\r\n\r\n'],
  [
    'what comes after an app within the app',
    'GET /inner-is-over HTTP/1.1\r\nHost: auth.example\r\nConnection: close\r\n\r\n',
  ],
  ['nothing there', 'GET /nothing HTTP/1.1\r\nHost: auth.example\r\nConnection: close\r\n\r\n'],
  ['a bad request', 'GET /seen HTTP/1.1\r\nno header\r\n\r\n'],
];

describe('The server of examples/fast', () => {
  it.each(REQUESTS)('answers as that of app.listen: %s', async (_name, bytes) => {
    const [own, plain] = await Promise.all(
      [createAppServer, listen].map((serve) => withPort(serve(createApp()), (port) => sendBytes(port, bytes))),
    );
    const comparable = (answer: typeof own) => ({ ...answer, headers: { ...answer?.headers, date: undefined } });
    expect(comparable(own)).toEqual(comparable(plain));
    expect(own?.status).toBeGreaterThan(0);
  });

  it('makes requests and responses whose prototypes Express has no need to change', async () => {
    const app = express();
    const server = createAppServer(app);
    const made: unknown[] = [];
    server.prependListener('request', (req, res) => made.push(Object.getPrototypeOf(req), Object.getPrototypeOf(res)));
    app.get('/', (_req, res) => res.send('').end());
    await withPort(server, (port) => sendBytes(port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'));
    expect(made).toEqual([app.request, app.response]);
  });

  it('leaves all requests one hidden class, and all responses, where app.listen gives each its own', () => {
    const paths = [require.resolve('express'), join(__dirname, '../../examples/fast/app-server.js')];
    const printed = execFileSync(process.execPath, [join(__dirname, 'hidden-classes.js'), ...paths], {
      encoding: 'utf8',
    });
    const { own, plain } = JSON.parse(printed);
    expect(own).toEqual([0, 0]);
    // Once this fails, Express or V8 has learned, and the example is not needed any more.
    expect(plain).toContain(9);
  });
});
