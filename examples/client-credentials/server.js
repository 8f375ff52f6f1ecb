// Client credentials (RFC 6749 §4.4): a job gets access tokens for itself, within its allow-list.
const { generateKeyPairSync } = require('node:crypto');
const express = require('express');
const { createTokenRouter } = require('express-token-router');
const { clientCredentials, createClientAuthentication, createClientSecret } = require('express-token-router/clients');
const { memoryStore } = require('express-token-router/memory');
const { createTokenIssuer } = require('express-token-router/tokens');

const port = Number(process.env.PORT ?? 3000);
const issuer = `http://localhost:${port}`;
// Show a secret once, when you register the client, and store its hash.
const { clientSecret, clientSecretHash } = createClientSecret();
const clients = new Map([
  [
    'job',
    {
      clientId: 'job',
      clientSecretHash,
      tokenEndpointAuthMethod: 'client_secret_basic',
      grantTypes: ['client_credentials'],
      scope: 'read:demo write:demo',
    },
  ],
]);
const store = memoryStore();
const { issueTokens, issueClientTokens, jwks } = createTokenIssuer({
  issuer,
  // A real key is kept: after a restart with another one no token verifies any more.
  keys: [{ privateKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }],
  apis: [{ identifier: `${issuer}/api`, lifetime: 3600, scopes: ['read:demo', 'write:demo'] }],
  store,
});

const app = express();

const authenticateClient = createClientAuthentication({
  findClient: (clientId) => clients.get(clientId),
  methods: ['client_secret_basic', 'client_secret_post'],
});

app.use(
  createTokenRouter({
    ...store.adapters,
    issueTokens,
    authenticateClient,
    grants: {
      client_credentials: clientCredentials({
        findClientGrant: ({ client }) => ({ scope: client.scope, resources: [`${issuer}/api`] }),
        issueTokens: issueClientTokens,
      }),
    },
  }),
);

app.get('/.well-known/jwks.json', (_req, res) => res.json(jwks()));

const server = app.listen(port, '127.0.0.1', (error) => (error ? explain(error) : showRoundTrip().catch(explain)));
server.on('error', explain);

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    // Requests in flight are answered first: a code that is spent brings its tokens.
    server.close();
    setInterval(() => server.closeIdleConnections(), 100).unref();
    setTimeout(() => server.closeAllConnections(), 20_000).unref();
  });
}

function explain(error) {
  if (error.code === 'EADDRINUSE') console.error(`Port ${port} is taken. Choose another one: PORT=3001`);
  else console.error(error);
  process.exit(1);
}

/** Posts a form, and prints it with its answer. */
async function post(path, form, headers = {}) {
  const answer = await fetch(issuer + path, { method: 'POST', headers, body: new URLSearchParams(form) });
  const body = await answer.json();
  const lines = Object.entries(form).map(([name, value]) => `  ${name}=${value}`);
  console.log(`POST ${issuer}${path}\n${lines.join('\n')}\n${answer.status} ${JSON.stringify(body, null, 2)}\n`);
  return body;
}

/** Plays the client once. */
async function showRoundTrip() {
  const headers = { authorization: `Basic ${btoa(`job:${clientSecret}`)}` };
  await post('/oauth/token', { grant_type: 'client_credentials' }, headers);
  await post('/oauth/token', { grant_type: 'client_credentials', scope: 'read:demo' }, headers);
  await post('/oauth/token', { grant_type: 'client_credentials', scope: 'delete:demo' }, headers);
  console.log(`curl -s ${issuer}/oauth/token -u job:${clientSecret} -d grant_type=client_credentials\n`);
  console.log(`Serving on ${issuer}. Ctrl-C ends it.`);
}
