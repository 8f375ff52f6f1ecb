import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openBrowser } from '../../examples/mcp/browser';
import { createDpopProver, createPkcePair, type ProofClaims } from '../../lib/testing';
import { type Example, fetchAlone as fetch, startExample } from './example';
import { createVisitor, PASSWORDS } from './visitor';

type Json = Record<string, unknown>;

/** A program of this folder, in a process of its own. */
const run = (program: string, argument: string) =>
  promisify(execFile)(process.execPath, [join(__dirname, program), argument]);

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
  /** The user's answer on the pages of `/authorize`. */
  const decide = async (answer: string, change: Record<string, string> = {}) => {
    // The user has agreed to this client before: the page comes again for prompt=consent only.
    const url = await openBrowser(authorizeUrl({ prompt: 'consent', ...change }), answer);
    return { parameters: Object.fromEntries(url.searchParams) as Record<string, string> };
  };
  const postToken = async (form: Record<string, string>, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${origin}/oauth/token`, {
      method: 'POST',
      headers,
      body: new URLSearchParams({ client_id: 'demo', ...form }),
    });
    return { status: answer.status, body: (await answer.json()) as Json };
  };
  const redeem = (code: string | undefined, more: Record<string, string> = {}, headers: Record<string, string> = {}) =>
    postToken(
      {
        grant_type: 'authorization_code',
        code: String(code),
        code_verifier: codeVerifier,
        redirect_uri: `${origin}/callback`,
        ...more,
      },
      headers,
    );
  const claimsOf = (token: unknown): Json =>
    JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString());

  it('makes a round trip with the client of the SDK', () => {
    expect(example.printed.split('\n')).toEqual([
      `GET ${origin}/authorize, for the resource ${origin}/mcp`,
      'The code was redeemed. The token is for the MCP server, and the answer named its issuer.',
      'The tool says: You are ada',
      'Refreshed: true',
      'The tool says: You are ada',
      'Revoked: 200. The access token is refused: 401',
      expect.stringMatching(/^Connect an MCP client to \S+: client_id demo, or web and the secret \S{43}\.$/),
      expect.stringMatching(/^Introspect its tokens: client_id mcp-server and the secret \S{43}\.$/),
      'Ctrl-C ends it.',
      '',
    ]);
  });

  it('serves the client of the SDK 1.x as well', async () => {
    const { stdout } = await run('mcp-sdk.cjs', `${origin}/mcp`);
    expect(JSON.parse(stdout)).toEqual({ said: 'You are ada', scope: 'mcp:tools' });
  });

  it('lets unmodified clients discover, log in, refresh, introspect and revoke', async () => {
    const [, secret] = /mcp-server and the secret (\S+)\.\n/.exec(example.printed) ?? [];
    const { stdout } = await run('mcp-clients.mjs', JSON.stringify({ issuer: origin, secret }));
    const resource = `${origin}/mcp`;
    const seen = {
      audiences: [resource, resource],
      isRotated: true,
      before: expect.objectContaining({
        active: true,
        iss: origin,
        aud: resource,
        sub: 'ada',
        client_id: 'demo',
        scope: 'mcp:tools offline_access',
        token_type: 'Bearer',
      }),
      after: { active: false },
      late: 'invalid_grant',
    };
    // The SDKs of MCP have no functions for these two.
    const byHand = ['introspect', 'revoke'];
    expect(JSON.parse(stdout)).toEqual({
      oauth4webapi: seen,
      'openid-client': seen,
      '@modelcontextprotocol/client': { ...seen, byHand },
      '@modelcontextprotocol/sdk': { ...seen, byHand },
    });
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
    const { parameters } = await decide('yes', { resource });
    expect([parameters.iss, parameters.state]).toEqual([origin, 'a state']);
    const { body } = await redeem(parameters.code, { resource });
    expect(claimsOf(body.access_token)).toMatchObject({ aud: resource, sub: 'ada', client_id: 'demo' });
    const refresh = (more: Record<string, string>) =>
      postToken({ grant_type: 'refresh_token', refresh_token: String(body.refresh_token), ...more });
    expect((await refresh({ resource: `${origin}/other` })).body.error).toBe('invalid_target');
    const refreshed = await refresh({ resource });
    expect(claimsOf(refreshed.body.access_token).aud).toBe(resource);
  });

  it('issues them for it too where a client names no resource', async () => {
    const { body } = await redeem((await decide('yes')).parameters.code);
    expect(claimsOf(body.access_token).aud).toBe(`${origin}/mcp`);
  });

  it('sends access_denied where the user denies', async () => {
    expect((await decide('no')).parameters).toMatchObject({ error: 'access_denied', iss: origin, state: 'a state' });
  });

  it('shows the pages of examples/auth-server, and what the client asks for', async () => {
    const visitor = createVisitor(origin);
    const login = await visitor.go(authorizeUrl());
    expect(login.text).toContain('action="/login"');
    expect((await visitor.go('/style.css')).status).toBe(200);
    const consent = await visitor.submit(login, { username: 'ben', password: PASSWORDS.ben });
    expect(consent.text).toMatch(/Allow Demo\?[\s\S]*Use your tools[\s\S]*offline_access/);
    const stranger = createVisitor(origin);
    expect((await stranger.submit(consent, { answer: 'yes' }, '/consent')).status).toBe(400);
    const { location } = await visitor.submit(consent, { answer: 'yes' }, '/consent');
    expect(new URL(location).searchParams.get('code')).toBeTruthy();
    expect((await visitor.submit(consent, { answer: 'yes' }, '/consent')).status).toBe(400);
  });

  it('asks for all that it grants, also where the client names no scope', async () => {
    const visitor = createVisitor(origin);
    const unnamed = new URL(authorizeUrl());
    unnamed.searchParams.delete('scope');
    const login = await visitor.go(unnamed.href);
    const consent = await visitor.submit(login, { username: 'ada', password: PASSWORDS.ada });
    const page = consent.text === '' ? await visitor.go(`${unnamed.href}&prompt=consent`) : consent;
    expect(page.text.match(/(?<=<code>)[^<]+/g)).toEqual(['mcp:tools', 'offline_access']);
    const { location } = await visitor.submit(page, { answer: 'yes' }, '/consent');
    const { body } = await redeem(new URL(location).searchParams.get('code') ?? '');
    expect(claimsOf(body.access_token).scope).toBe('mcp:tools offline_access');
    expect(body.refresh_token).toEqual(expect.any(String));
  });

  it('has a start page, which its other pages lead to, and which says where the MCP server is', async () => {
    const visitor = createVisitor(origin);
    const error = await visitor.go('/authorize?client_id=unknown');
    expect([error.status, error.text]).toEqual([400, expect.stringContaining('href="/"')]);
    expect(error.text).toContain('The client is unknown.');
    const start = await visitor.go('/');
    expect([start.status, start.text]).toEqual([200, expect.stringContaining(`${origin}/mcp`)]);
    expect(start.text).not.toContain('href="/"');
  });

  it('announces DPoP, and takes a bound token with a proof of its key only', async () => {
    const { dpop_signing_alg_values_supported: algorithms } = await getJson('/.well-known/oauth-authorization-server');
    expect(algorithms).toContain('ES256');
    const { parameters } = await decide('yes');
    const prover = createDpopProver();
    const DPoP = prover.proof({ htu: `${origin}/oauth/token` });
    const { body } = await redeem(parameters.code, {}, { DPoP });
    expect(body.token_type).toBe('DPoP');
    const accessToken = String(body.access_token);
    const ask = async (scheme: string, different: Partial<ProofClaims> = {}, { proof } = prover) => {
      const headers = {
        authorization: `${scheme} ${accessToken}`,
        DPoP: proof({ htu: `${origin}/mcp`, accessToken, ...different }),
        'content-type': 'application/json',
      };
      return (await fetch(`${origin}/mcp`, { method: 'POST', headers, body: '{}' })).status;
    };
    expect(await ask('Bearer')).toBe(401);
    expect(await ask('DPoP', { accessToken: 'another' })).toBe(401);
    expect(await ask('DPoP', { htu: `${origin}/other` })).toBe(401);
    expect(await ask('DPoP', {}, createDpopProver())).toBe(401);
    // The SDK refuses the empty message, behind the check of the token.
    expect(await ask('DPoP')).toBe(406);
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
    const source = flat(read('examples/mcp/server.js') + read('examples/mcp/mcp-endpoint.js'));
    const blocks = [...read('docs/guides/mcp.md').matchAll(/^```js from=\S+\n(.*?)^```$/gms)].map(([, text]) =>
      String(text),
    );
    expect(blocks.length).toBeGreaterThanOrEqual(4);
    for (const block of blocks) expect(source).toContain(flat(block));
  });
});
