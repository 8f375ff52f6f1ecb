import { spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import express from 'express';
import { createTokenRouter } from '../../lib';
import {
  authorizationResponse,
  type CodeRecord,
  codeRecordOf,
  loginRequired,
  parseAuthorizationRequest,
} from '../../lib/authorize';
import { memoryCodes } from '../../lib/stores/memory';
import { createTokenIssuer } from '../../lib/tokens';

interface Case {
  client: string;
  more: Record<string, string>;
  /** The client believes that it talks to this server. */
  otherIssuer?: string;
}

type Got = Partial<Record<'sub' | 'error' | 'error_description' | 'message', string>> & { auth_time?: number };

const REDIRECT_URI = 'https://app.example/callback';
const AUTH_TIME = new Date(Math.floor(Date.now() / 1000) * 1000 - 10_000);

/** An authorization server on whose `/authorize` a user is signed in, but not for `prompt=none`. */
async function serve(): Promise<{ server: Server; issuer: string }> {
  const app = express();
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { saveCode, findCode, consumeCode, revokeTokens } = memoryCodes<CodeRecord>();
  const api = { identifier: 'https://api.example/', lifetime: 60, scopes: ['read:notes'] };
  const { issueTokens, jwks } = createTokenIssuer({
    issuer,
    keys: [{ privateKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey }],
    apis: [api],
  });
  app.get('/authorize', async (req, res) => {
    const parsed = await parseAuthorizationRequest(req.query, {
      findClient: () => ({ clientId: 'spa', redirectUris: [REDIRECT_URI] }),
      issuer,
      audiences: [api.identifier],
    });
    if (parsed.kind === 'page') return void res.status(parsed.status).send(parsed.error.error_description);
    if (parsed.kind === 'redirect') return authorizationResponse(res, parsed.request, parsed.error);
    const { request } = parsed;
    if (request.prompt.includes('none')) return authorizationResponse(res, request, loginRequired);
    const code = randomBytes(32).toString('base64url');
    await saveCode(code, codeRecordOf(request, { userId: 'ann', authTime: AUTH_TIME }));
    return authorizationResponse(res, request, { code });
  });
  app.get('/jwks', (_req, res) => void res.json(jwks()));
  app.use(createTokenRouter({ findCode, consumeCode, revokeTokens, issueTokens }));
  return { server, issuer };
}

/** What the clients printed: they run in plain Node, for they are ES modules. */
function runClients(input: unknown): Promise<Got[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(__dirname, 'clients.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.on('data', (chunk) => {
      printed += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(JSON.parse(printed)) : reject(new Error(`exit code ${code}`))));
    child.stdin.end(JSON.stringify(input));
  });
}

const CLIENTS = ['oauth4webapi', 'openid-client'];
const openid = { scope: 'openid' };
const authTime = AUTH_TIME.getTime() / 1000;

/** What each client is to get of a request with these parameters. */
const ROWS: [string, Omit<Case, 'client'>, Got][] = [
  ['logs in', { more: openid }, { sub: 'ann', auth_time: authTime }],
  ['logs in by form_post', { more: { ...openid, response_mode: 'form_post' } }, { sub: 'ann' }],
  ['logs in with a max_age', { more: { ...openid, max_age: '60' } }, { sub: 'ann', auth_time: authTime }],
  ['logs in for a resource', { more: { ...openid, resource: 'https://API.example' } }, { sub: 'ann' }],
  [
    'reads why a silent login failed',
    { more: { ...openid, prompt: 'none' } },
    { error: 'login_required', error_description: 'The user must sign in' },
  ],
  [
    'reads why its request is wrong',
    { more: { ...openid, code_challenge_method: 'plain' } },
    { error: 'invalid_request', error_description: 'The code_challenge_method must be S256' },
  ],
  [
    'refuses an answer of this server where it asked another one: no mix-up',
    { more: openid, otherIssuer: 'https://evil.example' },
    { message: expect.stringContaining('"iss" (issuer) response parameter') },
  ],
];
const cases = ROWS.flatMap(([, row]) => CLIENTS.map((client): Case => ({ client, ...row })));

describe('An unmodified client', () => {
  let server: Server;
  let results: Got[] = [];

  beforeAll(async () => {
    const served = await serve();
    server = served.server;
    results = await runClients({ issuer: served.issuer, redirectUri: REDIRECT_URI, cases });
  }, 300_000);
  afterAll(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });

  it.each(
    ROWS.flatMap(([title, , expected], row) =>
      CLIENTS.map((client, each) => [client, title, row * 2 + each, expected] as const),
    ),
  )('(%s) %s', (_client, _title, index, expected) => {
    expect(results[index]).toMatchObject(expected);
    if (expected.sub === undefined) expect(results[index]?.sub).toBeUndefined();
  });
});
