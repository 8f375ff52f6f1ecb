// The quickstart as four processes behind one port: codes and the rate limit are in one Redis that all of them share.
const cluster = require('node:cluster');
const { createHash, randomBytes } = require('node:crypto');
const { createServer } = require('node:http');
const express = require('express');
const jwt = require('jsonwebtoken');
const { RedisStore } = require('rate-limit-redis');
const { createClient } = require('redis');
const { createTokenRouter } = require('express-token-router');
const { redisStore } = require('express-token-router/redis');

const port = Number(process.env.PORT ?? 3000);
const issuer = `http://localhost:${port}`;
const client = { clientId: 'demo', redirectUris: [`${issuer}/callback`] };
// What one process signs, another one verifies.
const secret = process.env.SECRET ?? randomBytes(32).toString('hex');

// No command waits for a lost connection, and none is sent again: a code may be spent although no answer came.
const redisUrl = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379';
const redis = createClient({
  url: redisUrl,
  disableOfflineQueue: true,
  pingInterval: 1000,
  socket: { connectTimeout: 2000, socketTimeout: 5000, reconnectStrategy: () => cluster.isWorker && 100 },
});
redis.on('error', () => undefined); // The command that failed says so.
const connected = redis.connect();
connected.catch(explainRedis);
const sendCommand = (...args) => redis.sendCommand(args);
const store = redisStore({ sendCommand });

const app = express();

// So that you see who answers: curl -i.
app.use((_req, res, next) => {
  res.set('X-Served-By', `process ${process.pid}`);
  next();
});

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
    rateLimit: {
      limit: Number(process.env.FAILURES_A_MINUTE ?? 100),
      store: new RedisStore({ sendCommand: sendOfLimit }),
    },
  }),
);

const server = createServer(app);
server.on('error', explain);
connected.then(cluster.isPrimary ? startWorkers : () => server.listen(port, '127.0.0.1'));

for (const signal of ['SIGINT', 'SIGTERM']) {
  // Ctrl-C comes to all processes at once: the first one tells the others, and each answers what it has begun.
  process.on(signal, () => cluster.isPrimary && cluster.disconnect(() => redis.destroy()));
}
cluster.worker?.once('disconnect', () => {
  server.close(() => redis.destroy());
  setInterval(() => server.closeIdleConnections(), 100).unref();
  setTimeout(() => server.closeAllConnections(), 20_000).unref();
});

/** The store needs the names of its scripts, their SHA-1, though Redis is away: it loads those that Redis does not know. */
async function sendOfLimit(...args) {
  if (args[0] !== 'SCRIPT') return sendCommand(...args);
  return sendCommand(...args).catch(() => createHash('sha1').update(args[2]).digest('hex'));
}

/** Four of them, and another one for each that dies. */
function startWorkers() {
  let begun = 0;
  const fork = () => cluster.fork({ SECRET: secret });
  cluster.on('listening', () => {
    begun += 1;
    if (begun === 1) for (const _other of [2, 3, 4]) fork();
    if (begun === 4) showRoundTrip().catch(explain);
  });
  cluster.on('exit', (worker) => {
    if (begun === 0) process.exit(1); // It has said why.
    if (!worker.exitedAfterDisconnect) fork();
  });
  fork();
}

function explain(error) {
  if (error.code === 'EADDRINUSE') console.error(`Port ${port} is taken. Choose another one: PORT=3001`);
  else console.error(error);
  process.exit(1);
}

function explainRedis({ message }) {
  console.error(
    `This example needs Redis, and at ${new URL(redisUrl).host} there is none (${message}): ` +
      'get it by apt-get install redis-server, brew install redis or docker run -p 127.0.0.1:6379:6379 redis, ' +
      'or name yours by REDIS_URL=redis://host:6379.',
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
