import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { type IncomingHttpHeaders, request } from 'node:http';
import { join } from 'node:path';
import { findFreePort } from '../support/servers';

const root = join(__dirname, '../..');

/** An example that runs in a process of its own. */
export interface Example {
  child: ChildProcess;
  port: number;
  /** What it printed until it served, or until it ended. */
  printed: string;
  /** Its exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals | null>;
  /** Asks `/authorize` for a code. */
  createCode(): Promise<LiveCode>;
  /** Redeems a code, also one that another node has issued, on a connection of its own. */
  redeem(code: LiveCode): Promise<Answer>;
}

export interface LiveCode {
  code: string;
  redirectUri: string;
}

export interface Answer {
  status: number;
  body: { access_token?: string; error?: string };
  headers: IncomingHttpHeaders;
}

/** Starts an example, and waits until it serves or ends. */
export async function startExample(
  name: string,
  env: NodeJS.ProcessEnv,
  { port, detached = false }: { port?: number; detached?: boolean } = {},
): Promise<Example> {
  const own = port ?? (await findFreePort());
  const child = spawn(process.execPath, [`examples/${name}/server.js`], {
    cwd: root,
    env: { ...process.env, ...env, PORT: String(own) },
    detached,
  });
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  const redirectUri = `http://localhost:${own}/callback`;
  return {
    child,
    port: own,
    printed: await read(child, 'Ctrl-C ends it.'),
    ended,
    async createCode() {
      const query = new URLSearchParams({
        response_type: 'code',
        client_id: 'demo',
        redirect_uri: redirectUri,
        code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
        code_challenge_method: 'S256',
      });
      const { headers } = await send(own, 'GET', `/authorize?${query}`);
      return { code: new URL(String(headers.location)).searchParams.get('code') ?? '', redirectUri };
    },
    async redeem({ code, redirectUri: redirect_uri }) {
      const form = new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: 'demo',
        redirect_uri,
        code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
        code,
      });
      const { body, ...answer } = await send(own, 'POST', '/oauth/token', form.toString());
      return { ...answer, body: JSON.parse(body) };
    },
  };
}

/** What a screen holds of `diff`, so that a reader sees what an example adds. */
export function countDiff(one: string, other: string): number {
  try {
    execFileSync('diff', [`examples/${one}/server.js`, `examples/${other}/server.js`], { cwd: root });
    return 0;
  } catch (thrown) {
    return String((thrown as { stdout: Buffer }).stdout)
      .trimEnd()
      .split('\n').length;
  }
}

/** `fetch` on a connection of its own: a server closes one that has waited, and on a busy machine just as it is used again. */
export const fetchAlone = (
  url: string | URL,
  { headers, ...init }: RequestInit & { headers?: Record<string, string> } = {},
) => fetch(url, { ...init, headers: { ...headers, connection: 'close' } });

/** A code that nobody has issued. */
export const UNKNOWN: LiveCode = { code: 'unknown', redirectUri: 'http://localhost/callback' };

/** The round trip as the examples print it. */
export const ROUND_TRIP =
  /^POST http:\/\/localhost:\d+\/oauth\/token\n(?: {2}\w+=\S+\n){5}200 \{\n {2}"access_token": "ey[\w.-]+",\n/gm;

/** All that the process prints, up to a word, or up to its end. */
function read(child: ChildProcess, until: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const take = (chunk: Buffer) => {
      text += chunk;
      if (text.includes(until)) resolve(text);
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.once('close', () => resolve(text));
  });
}

function send(port: number, method: string, path: string, form?: string) {
  return new Promise<{ status: number; body: string; headers: IncomingHttpHeaders }>((resolve, reject) => {
    const headers = form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
    const req = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (res) => {
      let body = '';
      res.setEncoding('utf8');
      res.on('data', (chunk) => {
        body += chunk;
      });
      res.on('end', () => resolve({ status: res.statusCode ?? 0, body, headers: res.headers }));
      res.on('error', reject);
    });
    req.on('error', reject);
    // A connection that was handed to a process which died just then is never answered.
    req.setTimeout(8000, () => req.destroy(new Error(`${method} ${path} was not answered`)));
    req.end(form);
  });
}
