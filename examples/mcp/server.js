// An MCP server and its authorization server: protected resource metadata (RFC 9728), metadata (RFC 8414), `resource` (RFC 8707),
// `iss` (RFC 9207), DPoP (RFC 9449), clients that are registered and clients whose id is a URL, refresh, revocation and introspection.
const { generateKeyPairSync } = require('node:crypto');
const { join } = require('node:path');
const express = require('express');
const { createTokenRouter } = require('express-token-router');
const clients = require('express-token-router/clients');
const { createDpopVerifier } = require('express-token-router/dpop');
const endpoints = require('express-token-router/endpoints');
const { memoryStore } = require('express-token-router/memory');
const { createTokenIssuer } = require('express-token-router/tokens');
const { createAuthorizationEndpoint } = require('../auth-server/authorize.js');
const { messagePage, sendPage } = require('../auth-server/pages.js');
const { createSessions } = require('../auth-server/sessions.js');
const users = require('../auth-server/users.js');
const { createMcpEndpoint } = require('./mcp-endpoint.js');
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
      name: 'Demo',
      tokenEndpointAuthMethod: 'none',
      redirectUris,
      applicationType: 'native',
    },
    {
      clientId: 'web',
      name: 'A web app',
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
const resolveClient = clients.createClientMetadataResolver();
async function findClient(clientId) {
  if (!clientId.startsWith('https://')) return registered.get(clientId) ?? null;
  const client = await resolveClient(clientId);
  // The page shows the host: a document can give its client any name.
  return client && { ...client, name: client.display.host };
}

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
const tokenRouter = createTokenRouter({
  ...store.adapters,
  issueTokens,
  ...shared,
  verifyDpop: createDpopVerifier({ consumeJti: store.consumeJti }),
  tokenEndpoint: `${issuer}/oauth/token`,
});
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
    response_modes_supported: ['query', 'form_post'], // No client has `webOrigins`, so there is no `web_message`.
    client_id_metadata_document_supported: true,
  },
});
app.use(tokenRouter, revocationRouter, introspectionRouter, endpoints.createMetadataRouter({ metadata, jwks }));

// The pages of examples/auth-server: login, consent, errors. Its users are here, too.
const root = join(__dirname, '../auth-server/public');
for (const file of ['style.css', 'favicon.svg']) app.get(`/${file}`, (_req, res) => res.sendFile(file, { root }));
const startPage = messagePage('An MCP server', `Connect an MCP client to ${mcpUrl.href}.`, { hasLink: false });
app.get('/', (_req, res) => sendPage(res, startPage));
app.use(
  createSessions(),
  createAuthorizationEndpoint({
    store,
    configuration: { findClient, issuer, scopes, audiences: [mcpUrl.href] },
    // Whoever made the document of a client can be anybody: ask each time, and show the host of its URL.
    asks: (client) => (client.display ? 'always' : true),
    // A client that names no resource or no scope means all that there is.
    grant: ({ resources, scope }) => ({
      resources: resources.length > 0 ? resources : [mcpUrl.href],
      scope: scope ?? scopes.join(' '),
    }),
  }),
);

app.use(createMcpEndpoint({ mcpUrl, metadata, clientSecret, consumeJti: store.consumeJti }));

const server = app.listen(port, '127.0.0.1', async (error) => {
  if (error) throw error;
  await users.ready;
  const client = methods
    ? { client_id: 'web', client_secret: web.clientSecret, token_endpoint_auth_method: 'client_secret_post' }
    : { client_id: 'demo', token_endpoint_auth_method: 'none' };
  await makeRoundTrip({ mcpUrl, client, redirectUrl: `${issuer}/callback` });
  console.log(`Connect an MCP client to ${mcpUrl.href}: client_id demo, or web and the secret ${web.clientSecret}.`);
  console.log(`Introspect its tokens: client_id mcp-server and the secret ${clientSecret}.`);
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
