// The OpenID example with one refresh token for several APIs: `audience` and `organization` say which access token is meant.
const { createHash, generateKeyPairSync, randomBytes } = require('node:crypto');
const express = require('express');
const { createTokenRouter, OAuthError } = require('express-token-router');
const { memoryStore } = require('express-token-router/memory');
const { createTokenIssuer } = require('express-token-router/tokens');

const port = Number(process.env.PORT ?? 3000);
const issuer = `http://localhost:${port}`;
const client = { clientId: 'demo', redirectUris: [`${issuer}/callback`] };
const store = memoryStore();
const tokenIssuer = createTokenIssuer({
  issuer,
  // A real key is kept: after a restart with another one no token verifies any more.
  keys: [{ privateKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey }],
  apis: [
    { identifier: `${issuer}/api`, lifetime: 3600, scopes: ['read:demo'], allowOfflineAccess: true },
    { identifier: `${issuer}/billing`, lifetime: 300, scopes: ['read:bills'], allowOfflineAccess: true },
  ],
  users: () => ({ name: 'Demo User', email: 'demo@user.example', email_verified: true }),
  claims: ({ parameters }) => ({ [`${issuer}/organization`]: parameters.organization ?? 'acme' }),
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
    audience: `${issuer}/api`,
    resources: [`${issuer}/api`, `${issuer}/billing`],
    organizations: ['acme', 'umbrella'],
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
  const all = ['openid', 'profile', 'email', 'offline_access', 'read:demo', 'read:bills'];
  return all.filter((known) => asked.includes(known)).join(' ');
}

/** Says by the declared parameters which API and which organization the access token is for. */
function selectAudience(exchange) {
  const { audience, organization } = exchange.parameters;
  const granted = exchange.code ?? exchange.refreshToken;
  if (organization !== undefined && !granted.organizations.includes(organization)) {
    throw new OAuthError('invalid_grant', 'The user is not in this organization', { reason: 'organization_foreign' });
  }
  if (audience !== undefined && !granted.resources.includes(audience)) {
    throw new OAuthError('invalid_target', 'The audience was not granted', { reason: 'audience_not_granted' });
  }
  return { ...exchange, resources: [audience ?? granted.audience] };
}

const issueTokens = Object.assign((exchange, req) => tokenIssuer.issueTokens(selectAudience(exchange), req), {
  check: (exchange, req) => tokenIssuer.issueTokens.check(selectAudience(exchange), req),
});

app.use(createTokenRouter({ ...store.adapters, issueTokens, parameters: ['audience', 'organization'] }));

app.get('/.well-known/jwks.json', (_req, res) => res.json(tokenIssuer.jwks()));

app.get('/.well-known/openid-configuration', (_req, res) =>
  res.json({
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
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
    scope: 'openid offline_access read:demo read:bills',
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
  const { refresh_token, ...tokens } = await answer.json();
  console.log(`${answer.status} ${JSON.stringify({ ...tokens, refresh_token }, null, 2)}\n`);

  const more = { audience: `${issuer}/billing`, organization: 'umbrella' };
  const refresh = { grant_type: 'refresh_token', client_id: client.clientId, refresh_token, ...more };
  const refreshed = await fetch(`${issuer}/oauth/token`, { method: 'POST', body: new URLSearchParams(refresh) });
  console.log(
    `POST ${issuer}/oauth/token\n${Object.entries(refresh)
      .map(([name, value]) => `  ${name}=${value}`)
      .join('\n')}`,
  );
  console.log(`${refreshed.status} ${JSON.stringify(await refreshed.json(), null, 2)}\n`);

  const fields = Object.entries(form).map(([name, value]) => `-d ${name}=${value}`);
  const freshCode = `$(curl -s -o /dev/null -w '%{redirect_url}' '${authorizeUrl}' | sed 's/.*code=//')`;
  console.log('Paste this as often as you like; every time it gets a code of its own, and each code works once:\n');
  console.log(`curl -s ${issuer}/oauth/token ${fields.join(' ')} -d code="${freshCode}"\n`);
  console.log(`Serving on ${issuer}. Ctrl-C ends it.`);
}
