// A tenant of Auth0, moved: auth0-spa-js stays as it is, and finds what it asks for at the URLs that it knows.
const { generateKeyPairSync, randomBytes } = require('node:crypto');
const { dirname, join } = require('node:path');
const express = require('express');
const { createTokenRouter } = require('express-token-router');
const authorize = require('express-token-router/authorize');
const endpoints = require('express-token-router/endpoints');
const { memoryStore } = require('express-token-router/memory');
const { createTokenIssuer } = require('express-token-router/tokens');

const port = Number(process.env.PORT ?? 3000);
const domain = `http://localhost:${port}`;
const issuer = `${domain}/`; // With a slash: auth0-spa-js compares it with the `iss` of ID tokens.
const app = express();

// "Applications" and "APIs" of the dashboard.
const webApp = domain; // The origin of your app, such as 'https://app.example.com'. Here this server has its page, too.
const clients = new Map([
  ['spa', { clientId: 'spa', redirectUris: [webApp], logoutUris: [webApp], webOrigins: [webApp] }],
]);
const apis = [
  { identifier: 'https://api.example.com', lifetime: 86_400, scopes: ['read:notes'], allowOfflineAccess: true },
];
const users = new Map([['auth0|1', { name: 'Ann', email: 'ann@example.com', email_verified: true }]]);

const store = memoryStore();
const { issueTokens, jwks } = createTokenIssuer({
  issuer,
  // A real key is kept: after a restart with another one no token verifies any more. auth0-spa-js wants RS256.
  keys: [{ privateKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey }],
  apis,
  users: ({ code, refreshToken }) => users.get((code ?? refreshToken).userId),
  // What an Action added with api.idToken.setCustomClaim.
  claims: (_exchange, token) => (token === 'id_token' ? { 'https://example.com/plan': 'free' } : {}),
  store,
});
const shared = {
  allowedOrigins: [...clients.values()].flatMap(({ webOrigins }) => webOrigins),
  errorStatus: { invalid_grant: 403 }, // As Auth0 answers.
};
const tokenRouter = createTokenRouter({ ...store.adapters, issueTokens, ...shared });
const { findRefreshToken, revokeGrant } = store;
const revocationRouter = endpoints.createRevocationRouter({ findRefreshToken, revokeGrant, ...shared });
const metadata = endpoints.authorizationServerMetadata({
  issuer,
  tokenRouter,
  revocationRouter,
  jwks,
  members: {
    authorization_endpoint: `${domain}/authorize`,
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
  },
});
app.use(tokenRouter, revocationRouter, endpoints.createMetadataRouter({ metadata, jwks }));

/** What can be granted: the scopes of the APIs that are asked for. Others are left out. */
function scopesOf({ audience, resource }) {
  const wanted = [resource || audience || apis[0].identifier].flat();
  const asked = apis.filter(({ identifier }) => wanted.includes(identifier));
  return ['openid', 'profile', 'email', 'offline_access', ...asked.flatMap(({ scopes }) => scopes)];
}

app.get('/authorize', async (req, res) => {
  const parsed = await authorize.parseAuthorizationRequest(req.query, {
    findClient: (clientId) => clients.get(clientId),
    issuer,
    scopes: scopesOf(req.query),
    audiences: apis.map(({ identifier }) => identifier),
  });
  if (parsed.kind === 'page') return res.status(parsed.status).type('text').send(parsed.error.error_description);
  if (parsed.kind === 'redirect') return authorize.authorizationResponse(res, parsed.request, parsed.error);
  // Your users sign in here: examples/passport has a login, and examples/auth-server all of it.
  const [userId] = users.keys();
  const code = randomBytes(32).toString('base64url');
  await store.saveCode(code, authorize.codeRecordOf(parsed.request, { userId, authTime: new Date() }));
  return authorize.authorizationResponse(res, parsed.request, { code });
});

// Nobody is sent to an address that the client has not registered. A real one ends the session, too.
app.get('/v2/logout', (req, res) => {
  const client = clients.get(req.query.client_id);
  const { returnTo = client?.logoutUris[0] } = req.query;
  if (!client || !authorize.isCallbackUrl(returnTo, client.logoutUris, client)) return res.sendStatus(400);
  return res.redirect(303, returnTo);
});

// The page of this example. Your app has a server of its own.
const sdk = join(dirname(require.resolve('@auth0/auth0-spa-js/package.json')), 'dist');
app.use('/sdk', express.static(sdk));
app.use(express.static(join(__dirname, 'public')));

const server = app.listen(port, '127.0.0.1', (error) => {
  if (error) throw error;
  console.log(`Serving on ${issuer}`);
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
