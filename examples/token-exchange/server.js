// Token exchange (RFC 8693): a service swaps the access token that it received for one of the API behind it.
const { createHash, createPublicKey, generateKeyPairSync, randomBytes } = require('node:crypto');
const express = require('express');
const jwt = require('jsonwebtoken');
const { createTokenRouter, OAuthError } = require('express-token-router');
const { createClientAuthentication, createClientSecret } = require('express-token-router/clients');
const { memoryStore } = require('express-token-router/memory');
const { createTokenIssuer } = require('express-token-router/tokens');

const port = Number(process.env.PORT ?? 3000);
const issuer = `http://localhost:${port}`;
const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
// Show a secret once, when you register the client, and store its hash.
const { clientSecret, clientSecretHash } = createClientSecret();
const clients = new Map([
  ['app', { clientId: 'app', tokenEndpointAuthMethod: 'none' }],
  [
    'orders',
    {
      clientId: 'orders',
      clientSecretHash,
      tokenEndpointAuthMethod: 'client_secret_basic',
      grantTypes: [TOKEN_EXCHANGE],
      // The API that this service is, and what it may call for a user.
      api: `${issuer}/orders`,
      mayCall: { resource: `${issuer}/stock`, scope: 'read:stock' },
    },
  ],
]);
const store = memoryStore();
const { issueTokens, jwks } = createTokenIssuer({
  issuer,
  // A real key is kept: after a restart with another one no token verifies any more.
  keys: [{ privateKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }],
  apis: [
    { identifier: `${issuer}/orders`, lifetime: 300, scopes: ['read:orders'] },
    { identifier: `${issuer}/stock`, lifetime: 60, scopes: ['read:stock'] },
  ],
  // An exchange ends with the login that the subject token came from.
  claims: ({ code }) => ({ [`${issuer}/grant`]: code?.grantId }),
  store,
});

const app = express();

const authenticateClient = createClientAuthentication({
  findClient: (clientId) => clients.get(clientId),
  methods: ['none', 'client_secret_basic'],
});

/** The login that a subject token stands for, as a record that tokens can be issued from. */
function parseExchange({ client, parameters, resources, confirmation }) {
  const { subject_token, subject_token_type, requested_token_type = ACCESS_TOKEN, scope, actor_token } = parameters;
  if (subject_token === undefined || subject_token_type !== ACCESS_TOKEN || requested_token_type !== ACCESS_TOKEN) {
    throw new OAuthError('invalid_request', 'An access token can be exchanged for another one', {
      reason: 'token_type',
    });
  }
  if (actor_token !== undefined)
    throw new OAuthError('invalid_request', 'No actor_token is served', { reason: 'actor' });
  const claims = verifySubject(subject_token, client.api);
  const { mayCall } = client;
  if (resources.some((resource) => resource !== mayCall.resource)) {
    throw new OAuthError('invalid_target', 'The client may not call this resource', { reason: 'resource_not_allowed' });
  }
  if (scope !== undefined && scope !== mayCall.scope) {
    throw new OAuthError('invalid_scope', 'The client may not ask for this scope', { reason: 'scope_not_allowed' });
  }
  const code = {
    clientId: client.clientId,
    userId: claims.sub,
    scope: mayCall.scope,
    audience: mayCall.resource,
    nonce: null,
    grantId: claims[`${issuer}/grant`],
  };
  return { code, client, confirmation, servesRefresh: false };
}

/** Only a token that was sent to this very service counts. Tokens of a key are for the holder of that key. */
function verifySubject(token, audience) {
  try {
    const { kid } = jwt.decode(token, { complete: true }).header;
    const key = createPublicKey({ key: jwks().keys.find((jwk) => jwk.kid === kid), format: 'jwk' });
    const { header, payload } = jwt.verify(token, key, { complete: true, algorithms: ['ES256'], issuer, audience });
    // A token of a client for itself has no grant of a user.
    if (header.typ === 'at+jwt' && payload.cnf === undefined && payload[`${issuer}/grant`]) return payload;
  } catch {}
  throw new OAuthError('invalid_request', 'The subject_token is not valid', { reason: 'subject_token_invalid' });
}

const exchangeTokens = Object.assign(
  async (exchange, req) => ({ ...(await issueTokens(parseExchange(exchange), req)), issued_token_type: ACCESS_TOKEN }),
  { check: (exchange, req) => issueTokens.check(parseExchange(exchange), req) },
);

app.use(
  createTokenRouter({
    ...store.adapters,
    issueTokens,
    authenticateClient,
    grants: {
      [TOKEN_EXCHANGE]: {
        parameters: ['subject_token', 'subject_token_type', 'requested_token_type', 'actor_token', 'scope'],
        issueTokens: exchangeTokens,
      },
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

/** Plays a login of the app, and then the service that the app has called. */
async function showRoundTrip() {
  const code_verifier = randomBytes(32).toString('base64url');
  const code = randomBytes(32).toString('base64url');
  // Stands for your /authorize.
  await store.saveCode(code, {
    clientId: 'app',
    redirectUri: null,
    codeChallenge: createHash('sha256').update(code_verifier).digest('base64url'),
    codeChallengeMethod: 'S256',
    expiresAt: new Date(Date.now() + 60_000),
    scope: 'read:orders',
    audience: `${issuer}/orders`,
    nonce: null,
    userId: 'demo-user',
  });
  const login = { grant_type: 'authorization_code', client_id: 'app', code, code_verifier };
  const { access_token } = await post('/oauth/token', login);
  const form = { grant_type: TOKEN_EXCHANGE, subject_token: access_token, subject_token_type: ACCESS_TOKEN };
  const headers = { authorization: `Basic ${btoa(`orders:${clientSecret}`)}` };
  await post('/oauth/token', { ...form, resource: `${issuer}/stock` }, headers);
  await post('/oauth/token', { ...form, resource: `${issuer}/orders` }, headers);
  const fields = Object.entries(form).map(([name, value]) => `-d ${name}=${value}`);
  console.log(`curl -s ${issuer}/oauth/token -u orders:${clientSecret} ${fields.join(' ')}\n`);
  console.log(`Serving on ${issuer}. Ctrl-C ends it.`);
}
