import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';

const root = join(__dirname, '../..');

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

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

describe('examples/dpop', () => {
  let child: ChildProcess;
  let printed = '';
  let origin = '';

  beforeAll(async () => {
    const port = await freePort();
    origin = `http://localhost:${port}`;
    child = spawn(process.execPath, ['examples/dpop/server.js'], {
      cwd: root,
      env: { ...process.env, PORT: String(port) },
    });
    printed = await read(child, 'Ctrl-C ends it.');
  }, 30_000);
  afterAll(() => child.kill('SIGKILL'));

  it('makes a round trip, and the access token is bound to the key of the authorization request', () => {
    expect(printed).toMatch(/^200 \{\n {2}"access_token": "ey[\w.-]+",\n {2}"token_type": "DPoP",/m);
    const [, announced] = /dpop_jkt=([\w-]{43})&/.exec(printed) ?? [];
    expect(printed).toContain(`The access token holds {"cnf":{"jkt":"${announced}"}}`);
  });

  it('redeems a code that no key was announced for without a proof', async () => {
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: 'demo',
      redirect_uri: `${origin}/callback`,
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    });
    const { headers } = await fetch(`${origin}/authorize?${query}`, { redirect: 'manual' });
    const answer = await fetch(`${origin}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: 'demo',
        redirect_uri: `${origin}/callback`,
        code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
        code: new URL(String(headers.get('location'))).searchParams.get('code') ?? '',
      }),
    });
    expect(await answer.json()).toMatchObject({ token_type: 'Bearer' });
  });

  it.each(['dpop_jkt=', 'dpop_jkt=short', 'dpop_jkt=a&dpop_jkt=b'])('refuses at /authorize %s', async (wrong) => {
    const query = `client_id=demo&redirect_uri=${origin}/callback&response_type=code&code_challenge=x&code_challenge_method=S256`;
    const { headers } = await fetch(`${origin}/authorize?${query}&${wrong}`, { redirect: 'manual' });
    expect(headers.get('location')).toBe(`${origin}/callback?error=invalid_request`);
  });
});
