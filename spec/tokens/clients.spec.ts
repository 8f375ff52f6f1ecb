import { spawn } from 'node:child_process';
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { SigningAlgorithm } from '../../lib/tokens';
import { CODE_VERIFIER, REDIRECT_URI } from '../support/endpoint';
import { API, createIssuerEndpoint, EC, goodApi, hostCode, ISSUER, RSA } from '../support/issuer';

interface Answer {
  tokens: Record<string, unknown>;
  access: Record<string, unknown>;
  id?: Record<string, unknown>;
}

const ONLINE = 'https://online.example/';
const KEYS: Record<SigningAlgorithm, KeyObject> = {
  RS256: RSA.privateKey,
  PS256: RSA.privateKey,
  ES256: EC.privateKey,
  ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey,
  EdDSA: generateKeyPairSync('ed25519').privateKey,
};
const ALGORITHMS = Object.keys(KEYS) as SigningAlgorithm[];
const BOTH = [true, false];

const rows = ALGORITHMS.flatMap((alg) =>
  BOTH.flatMap((openid) =>
    BOTH.flatMap((nonce) =>
      BOTH.flatMap((offline) => BOTH.map((allowed) => ({ alg, openid, nonce, offline, allowed }))),
    ),
  ),
).map((row) => ({
  ...row,
  name: [
    row.alg,
    row.openid ? 'openid' : 'no openid',
    row.nonce ? 'a nonce' : 'no nonce',
    row.offline ? 'offline_access' : 'no offline_access',
    row.allowed ? 'allowed' : 'not allowed',
  ].join(', '),
}));

const servers: Server[] = [];
const results = new Map<string, { answers?: Answer[]; error?: string }>();

/** What the clients printed: it runs in plain Node, for they are ES modules. */
function runClients(input: unknown): Promise<{ answers?: Answer[]; error?: string }[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(__dirname, 'clients.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.on('data', (chunk) => {
      printed += chunk;
    });
    child.on('error', reject);
    child.on('close', () => resolve(JSON.parse(printed)));
    child.stdin.end(JSON.stringify(input));
  });
}

beforeAll(async () => {
  const cases: unknown[] = [];
  for (const alg of ALGORITHMS) {
    const { app, codes, jwks } = createIssuerEndpoint({
      issuer: {
        keys: [{ privateKey: KEYS[alg], alg }, { privateKey: generateKeyPairSync('ed25519').privateKey }],
        apis: [goodApi(), { ...goodApi(), identifier: ONLINE, allowOfflineAccess: false }],
        users: () => ({ name: 'Ada', email: 'ada@user.example' }),
        claims: () => ({ 'https://host.example/plan': 'gold' }),
      },
    });
    app.get('/jwks', (_req, res) => void res.json(jwks()));
    const server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push(server);
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (const row of rows.filter((each) => each.alg === alg)) {
      const code = randomBytes(32).toString('base64url');
      const audience = row.allowed ? API : ONLINE;
      const nonce = row.nonce ? 'n-0S6_WzA2Mj' : null;
      const scope = ['read:notes', row.openid && 'openid profile', row.offline && 'offline_access'];
      await codes.saveCode(code, hostCode({ audience, nonce, scope: scope.filter(Boolean).join(' ') }));
      cases.push({ origin, alg, code, nonce: row.openid ? nonce : null, audience });
    }
  }
  const printed = await runClients({
    issuer: ISSUER,
    api: API,
    redirectUri: REDIRECT_URI,
    codeVerifier: CODE_VERIFIER,
    cases,
  });
  for (const [index, { name }] of rows.entries()) results.set(name, printed[index] ?? {});
}, 300_000);

afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

describe('oauth4webapi and jose accept', () => {
  it.each(rows)('$name', ({ name, openid, nonce, offline, allowed }) => {
    const { answers = [], error } = results.get(name) ?? {};
    expect(error).toBeUndefined();
    const isOffline = offline && allowed;
    const scope = ['read:notes', ...(openid ? ['openid', 'profile'] : []), ...(isOffline ? ['offline_access'] : [])];
    expect(answers.length).toBe(isOffline ? 2 : 1);
    for (const [index, { tokens, access, id }] of answers.entries()) {
      expect(Object.keys(tokens).sort()).toEqual(
        [
          ...['access_token', 'expires_in', 'scope', 'token_type'],
          ...(openid ? ['id_token'] : []),
          ...(isOffline ? ['refresh_token'] : []),
        ].sort(),
      );
      expect(access).toMatchObject({
        client_id: 'spa',
        sub: 'user 1',
        scope: scope.join(' '),
        'https://host.example/plan': 'gold',
      });
      expect(tokens.scope).toBe(access.scope);
      expect(Number(access.exp) - Number(access.iat)).toBe(600);
      expect(id === undefined).toBe(!openid);
      if (!id) continue;
      expect(id).toMatchObject({ sub: 'user 1', name: 'Ada', 'https://host.example/plan': 'gold' });
      // A refresh has no authorization request, and so no nonce (OpenID Connect Core §12.2).
      expect(id.nonce).toBe(nonce && index === 0 ? 'n-0S6_WzA2Mj' : undefined);
      expect(id).not.toHaveProperty('email');
    }
  });
});
