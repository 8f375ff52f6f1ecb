// The quickstart as an OpenID provider: tokens of createTokenIssuer, its keys and a discovery document beside it.
const { createHash, generateKeyPairSync, randomBytes } = require('node:crypto');
const express = require('express');
const { createTokenRouter } = require('express-token-router');
const { memoryStore } = require('express-token-router/memory');
const { createTokenIssuer } = require('express-token-router/tokens');

const port = Number(process.env.PORT ?? 3000);
const issuer = `http://localhost:${port}`;
const client = { clientId: 'demo', redirectUris: [`${issuer}/callback`] };
const store = memoryStore();
const { issueTokens, jwks } = createTokenIssuer({
  issuer,
  // A real key is kept: after a restart with another one no token verifies any more.
  keys: [{ privateKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey }],
  apis: [{ identifier: `${issuer}/api`, lifetime: 3600, scopes: ['read:demo'] }],
  users: () => ({ name: 'Demo User', email: 'demo@user.example', email_verified: true }),
  claims: () => ({ [`${issuer}/plan`]: 'gold' }),
  store,
});

const app = express();

app.get('/authorize', async (req, res) => {
  const { client_id, redirect_uri, response_type, code_challenge, code_challenge_method, scope, state, nonce } =
    req.query;
  // Never redirect to an address that is not registered: the code would go there.
  if (client_id !== client.clientId || !client.redirectUris.includes(redirect_uri)) {
    return res.status(400).send('Unknown client_id or redirect_uri');
  }
  const back = new URL(redirect_uri);
  if (typeof state === 'string') back.searchParams.set('state', state);
  if (response_type !== 'code' || typeof code_challenge !== 'string' || code_challenge_method !== 'S256') {
    back.searchParams.set('error', response_type === 'code' ? 'invalid_request' : 'unsupported_response_type');
    return res.redirect(back.href);
  }
  const code = randomBytes(32).toString('base64url');
  await store.saveCode(code, {
    clientId: client_id,
    redirectUri: redirect_uri,
    codeChallenge: code_challenge,
    codeChallengeMethod: code_challenge_method,
    expiresAt: new Date(Date.now() + 60_000),
    scope: typeof scope === 'string' ? grantScope(scope) : null,
    nonce: typeof nonce === 'string' ? nonce : null,
    audience: null,
    authTime: new Date(),
    userId: 'demo-user',
  });
  back.searchParams.set('code', code);
  return res.redirect(back.href);
});

// Stands for the client, which redeems what comes here.
app.get('/callback', (req, res) => res.json(req.query));

/** What is asked for and known here; the token endpoint takes any other for a fault of ours. */
function grantScope(scope) {
  const asked = scope.split(' ');
  return ['openid', 'profile', 'email', 'read:demo'].filter((known) => asked.includes(known)).join(' ');
}

app.use(createTokenRouter({ ...store.adapters, issueTokens }));

app.get('/.well-known/jwks.json', (_req, res) => res.json(jwks()));

app.get('/.well-known/openid-configuration', (_req, res) =>
  res.json({
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: ['none'],
    code_challenge_methods_supported: ['S256'],
    request_uri_parameter_supported: false,
  }),
);

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

/** Plays the client once: a verifier, a code for its challenge, tokens for both. */
async function showRoundTrip() {
  const verifier = randomBytes(32).toString('base64url');
  const authorizeUrl = `${issuer}/authorize?${new URLSearchParams({
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: client.redirectUris[0],
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    scope: 'openid profile read:demo',
    nonce: randomBytes(16).toString('base64url'),
  })}`;
  const { headers } = await fetch(authorizeUrl, { redirect: 'manual' });
  const code = new URL(headers.get('location')).searchParams.get('code');
  console.log(`GET ${authorizeUrl}\n302 ${headers.get('location')}\n`);

  const form = {
    grant_type: 'authorization_code',
    client_id: client.clientId,
    redirect_uri: client.redirectUris[0],
    code_verifier: verifier,
  };
  const lines = Object.entries({ ...form, code }).map(([name, value]) => `  ${name}=${value}`);
  console.log(`POST ${issuer}/oauth/token\n${lines.join('\n')}`);
  const answer = await fetch(`${issuer}/oauth/token`, { method: 'POST', body: new URLSearchParams({ ...form, code }) });
  console.log(`${answer.status} ${JSON.stringify(await answer.json(), null, 2)}\n`);

  const fields = Object.entries(form).map(([name, value]) => `-d ${name}=${value}`);
  const freshCode = `$(curl -s -o /dev/null -w '%{redirect_url}' '${authorizeUrl}' | sed 's/.*code=//')`;
  console.log('Paste this as often as you like; every time it gets a code of its own, and each code works once:\n');
  console.log(`curl -s ${issuer}/oauth/token ${fields.join(' ')} -d code="${freshCode}"\n`);
  console.log(`Serving on ${issuer}. Ctrl-C ends it.`);
}
