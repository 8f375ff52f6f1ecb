import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createPkcePair } from '../../lib/testing';
import { type Example, fetchAlone as fetch, startExample } from './example';

type Json = Record<string, unknown>;

describe('examples/mcp', () => {
  let example: Example;
  let origin = '';
  const { codeVerifier, codeChallenge } = createPkcePair();

  beforeAll(async () => {
    example = await startExample('mcp', {});
    origin = `http://localhost:${example.port}`;
  }, 300_000);
  afterAll(() => example.child.kill('SIGKILL'));

  const getJson = async (path: string) => (await (await fetch(`${origin}${path}`)).json()) as Json;
  const authorizeUrl = (change: Record<string, string> = {}) =>
    `${origin}/authorize?${new URLSearchParams({
      client_id: 'demo',
      redirect_uri: `${origin}/callback`,
      response_type: 'code',
      code_challenge: codeChallenge,
      code_challenge_method: 'S256',
      state: 'a state',
      scope: 'mcp:tools offline_access',
      ...change,
    })}`;
  /** The user's answer on the page of `/authorize`. */
  const decide = async (decision: string, change: Record<string, string> = {}) => {
    const page = await fetch(authorizeUrl(change));
    const text = await page.text();
    const id = /name="id" value="([^"]+)"/.exec(text)?.[1] ?? '';
    const cookie = String(page.headers.get('set-cookie')).split(';')[0] ?? '';
    const send = (headers: Record<string, string>) =>
      fetch(`${origin}/decide`, {
        method: 'POST',
        redirect: 'manual',
        headers,
        body: new URLSearchParams({ id, decision }),
      });
    const answer = await send({ cookie });
    const location = answer.headers.get('location');
    return { text, send, cookie, parameters: location ? Object.fromEntries(new URL(location).searchParams) : {} };
  };
  const postToken = async (form: Record<string, string>) => {
    const answer = await fetch(`${origin}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'demo', ...form }),
    });
    return { status: answer.status, body: (await answer.json()) as Json };
  };
  const redeem = (code: string | undefined, more: Record<string, string> = {}) =>
    postToken({
      grant_type: 'authorization_code',
      code: String(code),
      code_verifier: codeVerifier,
      redirect_uri: `${origin}/callback`,
      ...more,
    });
  const claimsOf = (token: unknown): Json =>
    JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString());

  it('makes a round trip with the client of the SDK', () => {
    const steps = example.printed.split('\n').filter((line) => !line.startsWith('dangerouslyAllow'));
    expect(steps).toEqual([
      `GET ${origin}/authorize, for the resource ${origin}/mcp`,
      'The code was redeemed. The token is for the MCP server, and the answer named its issuer.',
      'The tool says: You are ann',
      'Refreshed: true',
      'The tool says: You are ann',
      'Revoked: 200. The access token is refused: 401',
      expect.stringMatching(/^Connect an MCP client to \S+: client_id demo, or web and the secret \S{43}\.$/),
      'Ctrl-C ends it.',
      '',
    ]);
  });

  it('serves the client of the SDK 1.x as well', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [join(__dirname, 'mcp-sdk.cjs'), `${origin}/mcp`]);
    expect(JSON.parse(stdout)).toEqual({ said: 'You are ann', scope: 'mcp:tools' });
  });

  it('leads from a request without a token to the metadata of its authorization server', async () => {
    const refused = await fetch(`${origin}/mcp`, { method: 'POST' });
    expect(refused.status).toBe(401);
    const url = `${origin}/.well-known/oauth-protected-resource/mcp`;
    expect(refused.headers.get('www-authenticate')).toContain(`resource_metadata="${url}"`);
    expect(await getJson('/.well-known/oauth-protected-resource/mcp')).toMatchObject({
      resource: `${origin}/mcp`,
      authorization_servers: [expect.stringMatching(new RegExp(`^${origin}/?$`))],
    });
    expect(await getJson('/.well-known/oauth-authorization-server')).toMatchObject({
      issuer: origin,
      code_challenge_methods_supported: ['S256'],
      grant_types_supported: ['authorization_code', 'refresh_token'],
      revocation_endpoint: `${origin}/oauth/revoke`,
      client_id_metadata_document_supported: true,
      authorization_response_iss_parameter_supported: true,
    });
  });

  it('issues tokens for the MCP server only, on refresh as well', async () => {
    const resource = `${origin}/mcp`;
    const { parameters } = await decide('allow', { resource });
    expect([parameters.iss, parameters.state]).toEqual([origin, 'a state']);
    const { body } = await redeem(parameters.code, { resource });
    expect(claimsOf(body.access_token)).toMatchObject({ aud: resource, sub: 'ann', client_id: 'demo' });
    const refresh = (more: Record<string, string>) =>
      postToken({ grant_type: 'refresh_token', refresh_token: String(body.refresh_token), ...more });
    expect((await refresh({ resource: `${origin}/other` })).body.error).toBe('invalid_target');
    const refreshed = await refresh({ resource });
    expect(claimsOf(refreshed.body.access_token).aud).toBe(resource);
  });

  it('issues them for it too where a client names no resource', async () => {
    const { body } = await redeem((await decide('allow')).parameters.code);
    expect(claimsOf(body.access_token).aud).toBe(`${origin}/mcp`);
  });

  it('sends access_denied where the user denies', async () => {
    expect((await decide('deny')).parameters).toMatchObject({ error: 'access_denied', iss: origin, state: 'a state' });
  });

  it('takes each page once, and from the browser that it was shown to', async () => {
    const { send, cookie } = await decide('allow');
    expect([(await send({ cookie })).status, (await send({})).status]).toEqual([400, 400]);
  });

  it.each([
    ['of an unknown client', { client_id: 'unknown' }],
    ['of a foreign callback', { redirect_uri: 'https://evil.example/' }],
    ['of a client whose document cannot be fetched', { client_id: 'https://client.invalid/app' }],
    ['of a client inside of the network', { client_id: 'https://127.0.0.1/app' }],
    ['of the MCP server itself', { client_id: 'mcp-server' }],
  ])('shows a page for a request %s, and redirects nowhere', async (_title, change) => {
    const { status, headers } = await fetch(authorizeUrl(change), { redirect: 'manual' });
    expect([Math.floor(status / 100), headers.get('location')]).toEqual([4, null]);
  });

  it('refuses a token of another audience, garbage, and an ID of nobody', async () => {
    for (const token of ['garbage', 'a.b.c']) {
      const { status } = await fetch(`${origin}/mcp`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
      });
      expect(status).toBe(401);
    }
    const answer = await fetch(`${origin}/oauth/introspect`, {
      method: 'POST',
      body: new URLSearchParams({ token: 'a', client_id: 'demo' }),
    });
    expect(answer.status).toBe(401);
  });
});

describe('docs/guides/mcp.md', () => {
  const read = (path: string) => readFileSync(join(__dirname, '../..', path), 'utf8');
  const flat = (text: string) => text.replace(/\s+/g, ' ').trim();

  it('has code of examples/mcp as it is, and no other', () => {
    const source = flat(read('examples/mcp/server.js'));
    const blocks = [...read('docs/guides/mcp.md').matchAll(/^```js\n(.*?)^```$/gms)].map(([, text]) => String(text));
    expect(blocks.length).toBeGreaterThanOrEqual(4);
    for (const block of blocks) expect(source).toContain(flat(block));
  });
});
