import { existsSync, readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeWith, type ServerName, startPostgres, startRedis, type TestServer } from '../support/servers';
import { type Example, fetchAlone as fetch, startExample, UNKNOWN } from './example';

jest.setTimeout(120_000);

/** Every folder of examples that has a server. */
const folder = join(__dirname, '../../examples');
const EXAMPLES = readdirSync(folder)
  .filter((name) => existsSync(join(folder, name, 'server.js')))
  .sort();
type Row = readonly [string, ServerName, () => Promise<TestServer>, (port: number) => NodeJS.ProcessEnv];

/** Those that need a server of their own, and that server. */
const STORES: readonly Row[] = [
  ['redis', 'redis-server', startRedis, (port) => ({ REDIS_URL: `redis://127.0.0.1:${port}` })],
  ['cluster', 'redis-server', startRedis, (port) => ({ REDIS_URL: `redis://127.0.0.1:${port}` })],
  [
    'postgres',
    'postgres',
    startPostgres,
    (port) => ({ DATABASE_URL: `postgres://postgres@127.0.0.1:${port}/postgres` }),
  ],
];
/** Where the token endpoint is, if not at /oauth/token. */
const PATHS: Readonly<Record<string, string>> = {
  'from-express-oauth-server': '/token',
  'from-mcp': '/token',
  tenants: '/t/acme/oauth/token',
};

/** A request whose body comes late. */
interface LateRequest {
  /** Sends the rest of the body. */
  finish(): void;
  /** Everything that the server sends until it closes the connection. */
  answer: Promise<string>;
}

/** Sends a redemption but for its last byte, and waits until the server has begun with it. */
async function beginRedemption(
  port: number,
  { code, redirectUri }: typeof UNKNOWN,
  path: string,
): Promise<LateRequest> {
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: 'demo',
    redirect_uri: redirectUri,
    code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
    code,
  }).toString();
  const lines = [
    `POST ${path} HTTP/1.1`,
    `Host: localhost:${port}`,
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${body.length}`,
    'Expect: 100-continue',
  ];
  const socket = connect(port, '127.0.0.1');
  let text = '';
  const answer = new Promise<string>((resolve, reject) => {
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body.slice(0, -1)}`);
  await eventually(() => text.startsWith('HTTP/1.1 100 Continue'));
  return { finish: () => socket.write(body.slice(-1)), answer };
}

/** Resolves with a connection, or with `undefined` if nobody listens. */
const open = (port: number) =>
  new Promise<Socket | undefined>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.on('error', () => resolve(undefined));
  });

async function isRefused(port: number): Promise<boolean> {
  const socket = await open(port);
  socket?.destroy();
  return socket === undefined;
}

async function eventually(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const until = Date.now() + 60_000; !(await isSo()); await sleep(20)) {
    if (Date.now() > until) throw new Error('It did not come to that within a minute');
  }
}

/** Ends an example in the middle of a redemption. */
async function endInTheMiddle(example: Example, signal: NodeJS.Signals, code = UNKNOWN, path = '/oauth/token') {
  const { port, child, ended } = example;
  try {
    const idle = await open(port);
    const { finish, answer } = await beginRedemption(port, code, path);
    child.kill(signal);
    await eventually(() => isRefused(port));
    await sleep(500); // Idle connections are closed every 100 ms: this one is not idle.
    finish();
    const text = await answer;
    idle?.destroy();
    return { text, exit: await ended };
  } finally {
    child.kill('SIGKILL');
  }
}

describe('An example that is stopped', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'finishes the redemption that it has begun, and takes no other: quickstart, %s',
    async (signal) => {
      const example = await startExample('quickstart', {});
      const { text, exit } = await endInTheMiddle(example, signal, await example.createCode());
      expect([text, exit]).toEqual([expect.stringMatching(/HTTP\/1\.1 200 OK.*"access_token":"ey/s), 0]);
    },
  );

  it.each(EXAMPLES.filter((name) => STORES.every(([other]) => other !== name)))(
    'answers the request that it has begun, whichever signal it gets: %s',
    async (name) => {
      const examples = await Promise.all([startExample(name, {}), startExample(name, {})]);
      const end = (example: Example, signal: NodeJS.Signals) => endInTheMiddle(example, signal, UNKNOWN, PATHS[name]);
      const ends = await Promise.all([end(examples[0], 'SIGTERM'), end(examples[1], 'SIGINT')]);
      const refused = { text: expect.stringMatching(/HTTP\/1\.1 40[013] .*"error":"invalid_\w+"/s), exit: 0 };
      expect(ends).toEqual([refused, refused]);
    },
  );

  it('does not wait for a page that watches: auth-server', async () => {
    const example = await startExample('auth-server', {});
    const origin = `http://localhost:${example.port}`;
    try {
      const { headers } = await fetch(`${origin}/`);
      const cookie = headers.get('set-cookie')?.split(';')[0] ?? '';
      const stream = await fetch(`${origin}/demo/events`, { headers: { cookie } });
      expect(stream.status).toBe(200);
      example.child.kill('SIGTERM');
      expect(await stream.text()).toContain('retry: 1000');
      expect(await example.ended).toBe(0);
    } finally {
      example.child.kill('SIGKILL');
    }
  });
});

describe.each(STORES)('examples/%s, told to end', (name, program, startServer, envOf) => {
  describeWith(program, 'with its server', () => {
    let server: TestServer;
    beforeAll(async () => {
      server = await startServer();
    });
    afterAll(() => server.stop());

    it('finishes the redemption that it has begun, and takes no other', async () => {
      const example = await startExample(name, envOf(server.port));
      const { text, exit } = await endInTheMiddle(example, 'SIGTERM', await example.createCode());
      expect([text, exit]).toEqual([expect.stringMatching(/HTTP\/1\.1 200 OK.*"access_token":"ey/s), 0]);
    });
  });
});
