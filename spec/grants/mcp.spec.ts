import { execFile } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import express from 'express';
import { createTokenRouter, type Outcome } from '../../lib';
import { authorizationResponse, codeRecordOf, parseAuthorizationRequest } from '../../lib/authorize';
import { clientCredentials, createClientAuthentication, type RegisteredClient } from '../../lib/clients';
import { memoryStore } from '../../lib/stores/memory';
import { createTokenIssuer } from '../../lib/tokens';
import { digestOf } from '../clients/support/asserter';
import { readToken } from '../support/issuer';
import { withServer } from '../support/raw';

jest.setTimeout(120_000);

const run = promisify(execFile);
const REDIRECT_URI = 'http://localhost:8123/callback';
const OTHER = 'https://other.example/';
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const grants = { grantTypes: ['authorization_code', 'refresh_token'] };
const own = { grantTypes: ['client_credentials'], scope: 'notes' };

const CLIENTS: Readonly<Record<string, RegisteredClient & { scope?: string }>> = {
  mcp: { clientId: 'mcp', tokenEndpointAuthMethod: 'none', ...grants },
  job: {
    clientId: 'job',
    tokenEndpointAuthMethod: 'client_secret_basic',
    clientSecretHash: digestOf('s3cret'),
    ...own,
  },
  signer: {
    clientId: 'signer',
    tokenEndpointAuthMethod: 'private_key_jwt',
    jwks: { keys: [publicKey.export({ format: 'jwk' })] },
    ...own,
  },
};

interface Printed {
  asked?: string[];
  sent: { grant: string; resource: string[] }[];
  tokens: { access_token: string; refresh_token?: string; id_token?: string; scope?: string }[];
}

interface Server {
  /** The identifier of the API, by the origin of the server. */
  identifier: (origin: string) => string;
  /** The `resource` that the MCP server announces. It announces nothing without. */
  announced?: (origin: string) => string;
}

/** An authorization server and the metadata of an MCP server, on one origin. */
function createServer(origin: string, { identifier, announced }: Server) {
  const app = express();
  const store = memoryStore();
  const outcomes: Outcome[] = [];
  const api = { identifier: identifier(origin), lifetime: 300, scopes: ['notes'], allowOfflineAccess: true };
  const { issueTokens, issueClientTokens } = createTokenIssuer({
    issuer: origin,
    keys: [{ privateKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }],
    // A token for which no resource counts would be for the first.
    apis: [{ ...api, identifier: OTHER }, api],
    store,
  });
  const methods = ['none', 'client_secret_basic', 'private_key_jwt'] as const;
  const metadata = {
    issuer: origin,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/oauth/token`,
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: methods,
    authorization_response_iss_parameter_supported: true,
  };
  app.get('/.well-known/oauth-authorization-server', (_req, res) => void res.json(metadata));
  if (announced) {
    const protectedResource = { resource: announced(origin), authorization_servers: [origin] };
    const paths = ['/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/mcp'];
    app.get(paths, (_req, res) => void res.json(protectedResource));
  }
  app.get('/authorize', async (req, res) => {
    const parsed = await parseAuthorizationRequest(req.query, {
      findClient: (clientId) => ({ clientId, redirectUris: [REDIRECT_URI] }),
      issuer: origin,
      audiences: [OTHER, api.identifier],
    });
    if (parsed.kind === 'page') return void res.status(parsed.status).send(parsed.error.error_description);
    if (parsed.kind === 'redirect') return authorizationResponse(res, parsed.request, parsed.error);
    const code = randomBytes(32).toString('base64url');
    await store.saveCode(code, codeRecordOf(parsed.request, { userId: 'ann', authTime: new Date() }) as never);
    return authorizationResponse(res, parsed.request, { code });
  });
  app.use(
    createTokenRouter({
      ...store.adapters,
      issueTokens,
      authenticateClient: createClientAuthentication({
        findClient: (clientId) => CLIENTS[clientId],
        audience: origin,
        consumeJti: store.consumeJti,
        methods,
      }),
      grants: {
        client_credentials: clientCredentials({
          findClientGrant: ({ client }) => ({
            scope: (client as { scope?: string }).scope ?? null,
            resources: [api.identifier],
          }),
          issueTokens: issueClientTokens,
        }),
      },
      onOutcome(outcome) {
        void outcome.fault;
        outcomes.push(outcome);
      },
    }),
  );
  return { app, outcomes };
}

/** Runs an unmodified client, in a process of its own, against a server. */
async function runClient(library: string, server: Server, more: object) {
  let handle: ReturnType<typeof createServer> | undefined;
  const app = express().use((req, res, next) => handle?.app(req, res, next));
  return withServer(app, async (port) => {
    const issuer = `http://127.0.0.1:${port}`;
    handle = createServer(issuer, server);
    const given = { library, issuer, serverUrl: `${issuer}/mcp`, redirectUrl: REDIRECT_URI, ...more };
    const client = join(__dirname, 'clients/mcp.mjs');
    const { stdout } = await run(process.execPath, [client, JSON.stringify(given)], {
      env: { PATH: process.env.PATH },
    });
    const printed = JSON.parse(stdout) as Printed;
    const auds = printed.tokens.map(({ access_token }) => readToken(access_token).claims.aud);
    return { ...printed, auds, issuer, reasons: handle.outcomes.map(({ reason }) => reason) };
  });
}

const ROWS: [string, Server][] = [
  ['a path', { identifier: (origin) => `${origin}/mcp`, announced: (origin) => `${origin}/mcp` }],
  [
    'an origin with a slash, where apis has none',
    { identifier: (origin) => origin, announced: (origin) => `${origin}/` },
  ],
  [
    'an origin without a slash, where apis has one',
    { identifier: (origin) => `${origin}/`, announced: (origin) => origin },
  ],
];

describe.each(['mcp-client', 'mcp-sdk'])('%s', (library) => {
  it.each(ROWS)(
    'logs in and refreshes twice for its resource, and gets tokens in the spelling of apis: %s',
    async (_what, server) => {
      const login = { kind: 'login', scope: 'notes offline_access' };
      const { asked, sent, tokens, auds, issuer, reasons } = await runClient(library, server, login);
      const resource = [server.announced?.(issuer)];
      expect(asked).toEqual(resource);
      expect(sent).toEqual([
        { grant: 'authorization_code', resource },
        { grant: 'refresh_token', resource },
        { grant: 'refresh_token', resource },
      ]);
      const identifier = server.identifier(issuer);
      expect(auds).toEqual([identifier, identifier, identifier]);
      expect(new Set(tokens.map(({ refresh_token }) => refresh_token)).size).toBe(3);
      expect(reasons).toEqual(['code_redeemed', 'refresh_token_redeemed', 'refresh_token_redeemed']);
    },
  );

  it('logs in and refreshes without a resource where the MCP server announces none', async () => {
    const server = { identifier: (origin: string) => `${origin}/mcp` };
    const login = { kind: 'login', scope: 'notes offline_access' };
    const { sent, auds, reasons } = await runClient(library, server, login);
    expect(sent.flatMap(({ resource }) => resource)).toEqual([]);
    expect(auds).toEqual([OTHER, OTHER, OTHER]);
    expect(reasons).toEqual(['code_redeemed', 'refresh_token_redeemed', 'refresh_token_redeemed']);
  });

  it.each<[string, Record<'clientId', string> & Record<string, unknown>]>([
    ['client_secret', { clientId: 'job', clientSecret: 's3cret' }],
    [
      'private_key_jwt',
      {
        clientId: 'signer',
        privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
        algorithm: 'ES256',
      },
    ],
  ])('gets tokens for itself by its provider of %s', async (kind, credential) => {
    const [[, server]] = ROWS as [[string, Server]];
    const { sent, tokens, auds, issuer } = await runClient(library, server, { kind, credential, scope: 'notes' });
    expect(sent).toEqual([{ grant: 'client_credentials', resource: [`${issuer}/mcp`] }]);
    expect([tokens.length, tokens[0]?.scope, tokens[0]?.refresh_token]).toEqual([1, 'notes', undefined]);
    expect(auds).toEqual([`${issuer}/mcp`]);
    expect(readToken(String(tokens[0]?.access_token)).claims).toMatchObject({ sub: credential.clientId });
  });
});
