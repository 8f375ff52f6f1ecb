// An app on @node-oauth/express-oauth-server whose token endpoint is the one of this package. /authorize and the check of
// access tokens stay with the old library.
const { createHash, randomBytes } = require('node:crypto');
const OAuthServer = require('@node-oauth/express-oauth-server');
const express = require('express');
const { createTokenRouter } = require('express-token-router');
const { memoryStore } = require('express-token-router/memory');
const { fromModel } = require('./from-model.js');
const { isPublic, model: own } = require('./model.js');

const port = Number(process.env.PORT ?? 3000);
const origin = `http://localhost:${port}`;
const store = memoryStore(); // Several processes: redisStore or postgresStore.
const { model, options } = fromModel(own, { store, isPublic });

const app = express();
app.oauth = new OAuthServer({ model });
app.use(express.json());
app.use(express.urlencoded({ extended: false }));
app.use(createTokenRouter({ ...options, path: '/token' })); // It was: app.post('/token', app.oauth.token())

// Your users sign in here.
const authenticateHandler = { handle: () => ({ id: 'ann' }) };
app.get('/authorize', app.oauth.authorize({ authenticateHandler }));
app.get('/secret', app.oauth.authenticate(), (_req, res) => res.send('Secret area'));

const post = (form) => fetch(`${origin}/token`, { method: 'POST', body: new URLSearchParams(form) });

/** Logs in, reads the secret area, refreshes. Then a code is redeemed ten times at once. */
async function makeRoundTrip() {
  const redirectUri = 'http://localhost/callback';
  const logIn = async () => {
    const verifier = randomBytes(32).toString('base64url');
    const query = new URLSearchParams({
      client_id: 'spa',
      redirect_uri: redirectUri,
      response_type: 'code',
      state: 'a state',
      scope: 'read',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    const { headers } = await fetch(`${origin}/authorize?${query}`, { redirect: 'manual' });
    const code = new URL(headers.get('location')).searchParams.get('code');
    return {
      grant_type: 'authorization_code',
      client_id: 'spa',
      code,
      code_verifier: verifier,
      redirect_uri: redirectUri,
    };
  };
  const readSecret = async ({ access_token: token }) =>
    (await fetch(`${origin}/secret`, { headers: { authorization: `Bearer ${token}` } })).text();

  const tokens = await (await post(await logIn())).json();
  console.log(`The code was redeemed. With the token: ${await readSecret(tokens)}`);
  const form = { grant_type: 'refresh_token', client_id: 'spa', refresh_token: tokens.refresh_token };
  const refreshed = await (await post(form)).json();
  console.log(`Refreshed: ${await readSecret(refreshed)}`);
  const login = await logIn();
  const answers = await Promise.all(Array.from({ length: 10 }, () => post(login)));
  console.log(`Ten requests with one code at once: ${answers.filter(({ ok }) => ok).length} got tokens`);
}

const server = app.listen(port, '127.0.0.1', async (error) => {
  if (error) throw error;
  await makeRoundTrip();
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
