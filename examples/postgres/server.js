// The quickstart with its codes in PostgreSQL: they outlive the process, and any number of nodes can redeem them.
const { createHash, randomBytes } = require('node:crypto');
const { createServer } = require('node:http');
const express = require('express');
const jwt = require('jsonwebtoken');
const { Pool } = require('pg');
const { createTokenRouter } = require('express-token-router');
const { postgresStore } = require('express-token-router/postgres');

const port = Number(process.env.PORT ?? 3000);
const issuer = `http://localhost:${port}`;
const client = { clientId: 'demo', redirectUris: [`${issuer}/callback`] };
const secret = randomBytes(32);

// No statement waits long for a connection, and none is sent again: a code may be spent although no answer came.
const databaseUrl = process.env.DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';
const pool = new Pool({ connectionString: databaseUrl, connectionTimeoutMillis: 2000, query_timeout: 5000 });
pool.on('error', () => undefined); // An idle connection was lost: the next statement makes another one.
const store = postgresStore({ query: (text, values) => pool.query(text, values) });

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
    refresh: undefined, // no refresh tokens here: see examples/refresh
    issueTokens: ({ code }) => ({
      access_token: jwt.sign({ scope: code.scope ?? undefined, client_id: code.clientId }, secret, {
        issuer,
        audience: issuer,
        subject: code.userId,
        expiresIn: 3600,
      }),
      expires_in: 3600,
    }),
  }),
);

const server = createServer(app);
server.on('error', explain);
store.migrate().then(() => {
  server.listen(port, '127.0.0.1', () => showRoundTrip().catch(explain));
  setInterval(() => store.purge().catch(() => undefined), 60_000).unref();
}, explainPostgres);

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    // Requests in flight are answered first: a code that is spent brings its tokens.
    server.close(() => pool.end());
    setInterval(() => server.closeIdleConnections(), 100).unref();
    setTimeout(() => server.closeAllConnections(), 20_000).unref();
  });
}

function explain(error) {
  if (error.code === 'EADDRINUSE') console.error(`Port ${port} is taken. Choose another one: PORT=3001`);
  else console.error(error);
  process.exit(1);
}

function explainPostgres({ message, code }) {
  console.error(
    `This example needs PostgreSQL, and ${new URL(databaseUrl).host} does not let it in (${message || code}): ` +
      'get it by apt-get install postgresql, brew install postgresql or ' +
      'docker run -e POSTGRES_HOST_AUTH_METHOD=trust -p 127.0.0.1:5432:5432 postgres, ' +
      'or name yours by DATABASE_URL=postgres://user:password@host:5432/database.',
  );
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
    scope: 'read:demo',
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
