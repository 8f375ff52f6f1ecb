// The quickstart with refresh tokens (RFC 6749 §6): each works once, and a reuse ends all that came of the login.
const { createHash, randomBytes } = require('node:crypto');
const express = require('express');
const jwt = require('jsonwebtoken');
const { createTokenRouter } = require('express-token-router');
const { memoryStore } = require('express-token-router/memory');

const port = Number(process.env.PORT ?? 3000);
const issuer = `http://localhost:${port}`;
const client = { clientId: 'demo', redirectUris: [`${issuer}/callback`] };
const secret = randomBytes(32);
const LOGIN_MS = 30 * 86_400_000;
// For ten seconds tabs may race; a lost answer can be asked for again until a successor is used.
const store = memoryStore();

const app = express();

app.get('/authorize', async (req, res) => {
  const { client_id, redirect_uri, response_type, code_challenge, code_challenge_method, scope, state } = req.query;
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
    scope: typeof scope === 'string' ? scope : null,
    userId: 'demo-user',
  });
  back.searchParams.set('code', code);
  return res.redirect(back.href);
});

// Stands for the client, which redeems what comes here.
app.get('/callback', (req, res) => res.json(req.query));

app.use(
  createTokenRouter({
    ...store.adapters,
    issueTokens: async ({ code, refreshToken, scope }) => ({
      access_token: jwt.sign({ scope: scope ?? code?.scope ?? undefined, client_id: client.clientId }, secret, {
        issuer,
        audience: issuer,
        subject: (code ?? refreshToken).userId,
        expiresIn: 3600,
      }),
      expires_in: 3600,
      refresh_token: await createRefreshToken(code ?? refreshToken),
    }),
  }),
);

/** The next refresh token of a login, where its scope has offline_access. All of them end a month after the first. */
async function createRefreshToken({ clientId, userId, scope, grantId, tokenId, grantExpiresAt }) {
  if (!scope?.split(' ').includes('offline_access')) return undefined;
  const refreshToken = randomBytes(32).toString('base64url');
  const endsAt = grantExpiresAt ?? new Date(Date.now() + LOGIN_MS);
  // The tokenId says for which token this one is issued. The first one of a login has none.
  const record = {
    clientId,
    userId,
    scope,
    grantId,
    tokenId,
    grantExpiresAt: endsAt,
    expiresAt: endsAt,
    dpopJkt: null,
  };
  await store.saveRefreshToken(refreshToken, record);
  return refreshToken;
}

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
    scope: 'read:demo offline_access',
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
  const tokens = await answer.json();
  console.log(`${answer.status} ${JSON.stringify(tokens, null, 2)}\n`);

  const refreshForm = { grant_type: 'refresh_token', client_id: client.clientId, refresh_token: tokens.refresh_token };
  const refreshLines = Object.entries(refreshForm).map(([name, value]) => `  ${name}=${value}`);
  console.log(`POST ${issuer}/oauth/token\n${refreshLines.join('\n')}`);
  const refreshed = await fetch(`${issuer}/oauth/token`, { method: 'POST', body: new URLSearchParams(refreshForm) });
  console.log(`${refreshed.status} ${JSON.stringify(await refreshed.json(), null, 2)}\n`);

  const fields = Object.entries(form).map(([name, value]) => `-d ${name}=${value}`);
  const freshCode = `$(curl -s -o /dev/null -w '%{redirect_url}' '${authorizeUrl}' | sed 's/.*code=//')`;
  console.log('Paste this as often as you like; every time it gets a code of its own, and each code works once:\n');
  console.log(`curl -s ${issuer}/oauth/token ${fields.join(' ')} -d code="${freshCode}"\n`);
  console.log(`Serving on ${issuer}. Ctrl-C ends it.`);
}
