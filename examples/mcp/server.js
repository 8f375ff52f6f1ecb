// An MCP server and its authorization server: protected resource metadata (RFC 9728), metadata (RFC 8414), `resource` (RFC 8707),
// `iss` (RFC 9207), clients that are registered and clients whose id is a URL, refresh, revocation and introspection.
const { generateKeyPairSync, randomBytes } = require('node:crypto');
const { getOAuthProtectedResourceMetadataUrl, mcpAuthMetadataRouter } = require('@modelcontextprotocol/express');
const { requireBearerAuth } = require('@modelcontextprotocol/express');
const { NodeStreamableHTTPServerTransport } = require('@modelcontextprotocol/node');
const { McpServer, OAuthError, OAuthErrorCode } = require('@modelcontextprotocol/server');
const express = require('express');
const session = require('express-session');
const { createTokenRouter } = require('express-token-router');
const authorize = require('express-token-router/authorize');
const clients = require('express-token-router/clients');
const endpoints = require('express-token-router/endpoints');
const { memoryStore } = require('express-token-router/memory');
const { createTokenIssuer } = require('express-token-router/tokens');
const { makeRoundTrip } = require('./round-trip.js');

const port = Number(process.env.PORT ?? 3000);
const issuer = `http://localhost:${port}`;
const mcpUrl = new URL('/mcp', issuer);
const scopes = ['mcp:tools', 'offline_access'];
const app = express();

// Clients: registered ones, among them the MCP server itself, which introspects; and those whose id is a URL.
const { clientSecret, clientSecretHash } = clients.createClientSecret();
const web = clients.createClientSecret();
// On a user's own machine the port is any.
const redirectUris = ['http://localhost/callback', 'http://127.0.0.1/callback'];
const registered = new Map(
  [
    {
      clientId: 'demo',
      tokenEndpointAuthMethod: 'none',
      redirectUris,
      applicationType: 'native',
    },
    {
      clientId: 'web',
      tokenEndpointAuthMethod: 'client_secret_post',
      clientSecretHash: web.clientSecretHash,
      applicationType: 'native',
      redirectUris,
    },
    { clientId: 'mcp-server', tokenEndpointAuthMethod: 'client_secret_basic', clientSecretHash, redirectUris: [] },
  ].map((client) => [client.clientId, client]),
);
// Such as METHODS=client_secret_basic,client_secret_post for a server without public clients.
const methods = process.env.METHODS?.split(',');
const findByUrl = clients.createClientMetadataResolver();
const findClient = (clientId) =>
  registered.get(clientId) ?? (clientId.startsWith('https://') ? findByUrl(clientId) : null);

// The authorization server.
const store = memoryStore();
const { findRefreshToken, revokeGrant, isRevoked } = store;
const { issueTokens, jwks } = createTokenIssuer({
  issuer,
  // A real key is kept: after a restart with another one no token verifies any more.
  keys: [{ privateKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }],
  apis: [{ identifier: mcpUrl.href, lifetime: 600, scopes: ['mcp:tools'], allowOfflineAccess: true }],
  store,
});
const authenticateClient = clients.createClientAuthentication({
  findClient,
  methods,
  audience: issuer,
  consumeJti: store.consumeJti,
});
// Clients in a browser may come from everywhere: none of these endpoints reads a cookie.
const shared = { authenticateClient, allowedOrigins: () => true };
const tokenRouter = createTokenRouter({ ...store.adapters, issueTokens, ...shared });
const revocationRouter = endpoints.createRevocationRouter({ findRefreshToken, revokeGrant, issuer, jwks, ...shared });
const introspectionRouter = endpoints.createIntrospectionRouter({
  authenticateClient,
  resourceServer: ({ clientId }) => (clientId === 'mcp-server' ? [mcpUrl.href] : []),
  isRevoked,
  issuer,
  jwks,
});
const metadata = endpoints.authorizationServerMetadata({
  issuer,
  tokenRouter,
  revocationRouter,
  introspectionRouter,
  jwks,
  members: {
    authorization_endpoint: `${issuer}/authorize`,
    scopes_supported: scopes,
    client_id_metadata_document_supported: true,
  },
});
app.use(tokenRouter, revocationRouter, introspectionRouter, endpoints.createMetadataRouter({ metadata, jwks }));

// Where users decide. A real server has its login here (see examples/passport), and a session store with a bound.
const secret = randomBytes(32).toString('hex');
app.use(
  ['/authorize', '/decide'],
  session({
    secret,
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: 'lax', secure: 'auto' },
  }),
);

app.get('/authorize', async (req, res) => {
  const parsed = await authorize.parseAuthorizationRequest(req.query, {
    findClient,
    issuer,
    scopes,
    audiences: [mcpUrl.href],
  });
  if (parsed.kind === 'page') return res.status(parsed.status).type('text').send(parsed.error.error_description);
  if (parsed.kind === 'redirect') return authorize.authorizationResponse(res, parsed.request, parsed.error);
  if (authorize.isSilent(parsed.request)) {
    return authorize.authorizationResponse(res, parsed.request, authorize.interactionRequired);
  }
  // One page, one request: what is shown is what is decided on.
  const id = randomBytes(16).toString('base64url');
  const waiting = Object.entries(req.session.requests ?? {}).slice(-4);
  req.session.requests = { ...Object.fromEntries(waiting), [id]: parsed.request };
  const { host = parsed.client.clientId } = parsed.client.display ?? {};
  return res.set('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'").send(createPage(host, id));
});

app.post('/decide', express.urlencoded({ extended: false }), async (req, res) => {
  const { id, decision } = req.body ?? {};
  const { [id]: request, ...others } = req.session.requests ?? {};
  if (!request) return res.status(400).type('text').send('Begin at the app again');
  req.session.requests = others;
  if (decision !== 'allow') return authorize.authorizationResponse(res, request, { error: 'access_denied' });
  const code = randomBytes(32).toString('base64url');
  // A client that names no resource means the one that there is.
  const resources = request.resources.length > 0 ? request.resources : [mcpUrl.href];
  const granted = { userId: 'ann', authTime: new Date(), resources, scope: request.scope ?? scopes.join(' ') };
  await store.saveCode(code, authorize.codeRecordOf(request, granted));
  return authorize.authorizationResponse(res, request, { code });
});

const escapeHtml = (text) => text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

function createPage(host, id) {
  return `<!DOCTYPE html><title>Connect</title><p>Let ${escapeHtml(host)} use your tools?</p>
<form method="post" action="/decide"><input type="hidden" name="id" value="${id}">
<button name="decision" value="allow">Allow</button> <button name="decision" value="deny">Deny</button></form>`;
}

// The MCP server. It asks the authorization server for each token, so a revocation counts at once.
async function verifyAccessToken(token) {
  const authorization = `Basic ${Buffer.from(`mcp-server:${clientSecret}`).toString('base64')}`;
  const body = new URLSearchParams({ token });
  const answer = await fetch(metadata.introspection_endpoint, { method: 'POST', headers: { authorization }, body });
  if (!answer.ok) throw new Error(`The introspection endpoint answered ${answer.status}`);
  const { active, token_type, client_id, scope = '', exp, aud, sub } = await answer.json();
  if (!active || token_type !== 'Bearer') throw new OAuthError(OAuthErrorCode.InvalidToken, 'The token is not active');
  return {
    token,
    clientId: client_id,
    scopes: scope.split(' '),
    expiresAt: exp,
    resource: new URL(aud),
    extra: { sub },
  };
}

function createMcpServer() {
  const server = new McpServer({ name: 'demo', version: '1.0.0' });
  server.registerTool('whoami', { description: 'Says who you are' }, ({ http }) => ({
    content: [{ type: 'text', text: `You are ${http.authInfo.extra.sub}` }],
  }));
  return server;
}

app.use(
  mcpAuthMetadataRouter({
    oauthMetadata: metadata,
    resourceServerUrl: mcpUrl,
    // offline_access is asked of the authorization server, and is no scope of this one.
    scopesSupported: ['mcp:tools'],
    // For localhost only.
    dangerouslyAllowInsecureIssuerUrl: true,
  }),
);
app.all(
  mcpUrl.pathname,
  requireBearerAuth({
    verifier: { verifyAccessToken },
    requiredScopes: ['mcp:tools'],
    resourceMetadataUrl: getOAuthProtectedResourceMetadataUrl(mcpUrl),
  }),
  express.json(),
  async (req, res) => {
    const server = createMcpServer();
    const transport = new NodeStreamableHTTPServerTransport({ sessionIdGenerator: undefined });
    res.on('close', () => server.close());
    await server.connect(transport);
    await transport.handleRequest(req, res, req.body);
  },
);

const server = app.listen(port, '127.0.0.1', async () => {
  const client = methods
    ? { client_id: 'web', client_secret: web.clientSecret, token_endpoint_auth_method: 'client_secret_post' }
    : { client_id: 'demo', token_endpoint_auth_method: 'none' };
  await makeRoundTrip({ mcpUrl, client, redirectUrl: `${issuer}/callback` });
  console.log(`Connect an MCP client to ${mcpUrl.href}: client_id demo, or web and the secret ${web.clientSecret}.`);
  console.log('Ctrl-C ends it.');
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    // Requests in flight are answered first: a code that is spent brings its tokens.
    server.close();
    setInterval(() => server.closeIdleConnections(), 100).unref();
    setTimeout(() => server.closeAllConnections(), 20_000).unref();
  });
}
