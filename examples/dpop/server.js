// The quickstart with DPoP (RFC 9449): the tokens are bound to a key of the client's.
const { createHash, generateKeyPairSync, randomBytes, randomUUID, sign } = require('node:crypto');
const express = require('express');
const jwt = require('jsonwebtoken');
const { createTokenRouter } = require('express-token-router');
const { createDpopVerifier, jwkThumbprint } = require('express-token-router/dpop');
const { memoryStore } = require('express-token-router/memory');

const port = Number(process.env.PORT ?? 3000);
const issuer = `http://localhost:${port}`;
const client = { clientId: 'demo', redirectUris: [`${issuer}/callback`] };
const secret = randomBytes(32);
const store = memoryStore();

const app = express();

app.get('/authorize', async (req, res) => {
  const { client_id, redirect_uri, response_type, code_challenge, code_challenge_method, scope, state, dpop_jkt } =
    req.query;
  // Never redirect to an address that is not registered: the code would go there.
  if (client_id !== client.clientId || !client.redirectUris.includes(redirect_uri)) {
    return res.status(400).send('Unknown client_id or redirect_uri');
  }
  const back = new URL(redirect_uri);
  if (typeof state === 'string') back.searchParams.set('state', state);
  const isJkt = dpop_jkt === undefined || (typeof dpop_jkt === 'string' && /^[\w-]{43}$/.test(dpop_jkt));
  if (response_type !== 'code' || typeof code_challenge !== 'string' || code_challenge_method !== 'S256' || !isJkt) {
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
    dpopJkt: dpop_jkt ?? null,
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
    tokenEndpoint: `${issuer}/oauth/token`,
    verifyDpop: createDpopVerifier({ consumeJti: store.consumeJti }),
    issueTokens: ({ code, confirmation }) => ({
      access_token: jwt.sign({ scope: code.scope ?? undefined, client_id: code.clientId, cnf: confirmation }, secret, {
        issuer,
        audience: issuer,
        subject: code.userId,
        expiresIn: 3600,
      }),
      expires_in: 3600,
    }),
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
  if (error.code === 'EADDRINUSE')
    console.error(`Port ${port} is taken. Choose another one: PORT=3001 node examples/dpop/server.js`);
  else console.error(error);
  process.exit(1);
}

/** Plays the client once: a key and a verifier, a code for both, tokens for a proof. */
async function showRoundTrip() {
  const verifier = randomBytes(32).toString('base64url');
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const authorizeUrl = `${issuer}/authorize?${new URLSearchParams({
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: client.redirectUris[0],
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    dpop_jkt: jwkThumbprint(publicKey),
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
  const proof = prove(privateKey, publicKey, { htm: 'POST', htu: `${issuer}/oauth/token` });
  console.log(`POST ${issuer}/oauth/token\nDPoP: ${proof}\n${lines.join('\n')}`);
  const body = new URLSearchParams({ ...form, code });
  const answer = await fetch(`${issuer}/oauth/token`, { method: 'POST', headers: { DPoP: proof }, body });
  const tokens = await answer.json();
  console.log(`${answer.status} ${JSON.stringify(tokens, null, 2)}\n`);
  console.log(`The access token holds ${JSON.stringify({ cnf: jwt.decode(tokens.access_token).cnf })}\n`);
  console.log(`Serving on ${issuer}. Ctrl-C ends it.`);
}

/** A DPoP proof (RFC 9449 §4.2): what a client's library does. */
function prove(privateKey, publicKey, { htm, htu }) {
  const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: publicKey.export({ format: 'jwk' }) };
  const claims = { jti: randomUUID(), htm, htu, iat: Math.floor(Date.now() / 1000) };
  const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}
