// Device codes (RFC 8628): a television shows a short code, and the user enters it on a phone.
const { generateKeyPairSync, randomBytes, randomInt } = require('node:crypto');
const express = require('express');
const { createTokenRouter, OAuthError, parseClientCredentials } = require('express-token-router');
const { createClientAuthentication } = require('express-token-router/clients');
const { memoryStore } = require('express-token-router/memory');
const { createTokenIssuer } = require('express-token-router/tokens');

const port = Number(process.env.PORT ?? 3000);
const issuer = `http://localhost:${port}`;
const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
const LIFETIME_MS = 600_000;
const clients = new Map([
  ['tv', { clientId: 'tv', tokenEndpointAuthMethod: 'none', grantTypes: [DEVICE_CODE, 'refresh_token'] }],
]);
/** What televisions wait for, by device code. Several processes need a store that they share. */
const devices = new Map();
const store = memoryStore();
const { issueTokens, jwks } = createTokenIssuer({
  issuer,
  // A real key is kept: after a restart with another one no token verifies any more.
  keys: [{ privateKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }],
  apis: [{ identifier: `${issuer}/api`, lifetime: 3600, scopes: ['read:demo'], allowOfflineAccess: true }],
  store,
});

const app = express();

const authenticateClient = createClientAuthentication({
  findClient: (clientId) => clients.get(clientId),
  methods: ['none'],
});

// Put a rate limit of your own in front of these two: user codes are short, and somebody may guess them.
app.post('/device_authorization', express.urlencoded({ extended: false }), async (req, res) => {
  try {
    const { clientId } = await authenticateClient(parseClientCredentials(req), req);
    const scope = typeof req.body.scope === 'string' ? grantScope(req.body.scope) : null;
    const deviceCode = randomBytes(32).toString('base64url');
    const userCode = Array.from({ length: 8 }, () => 'BCDFGHJKLMNPQRSTVWXZ'[randomInt(20)]).join('');
    const expiresAt = new Date(Date.now() + LIFETIME_MS);
    devices.set(deviceCode, { clientId, scope, userCode, expiresAt, interval: 5, polledAt: 0, answer: undefined });
    setTimeout(() => devices.delete(deviceCode), 2 * LIFETIME_MS).unref();
    res.set('Cache-Control', 'no-store').json({
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: `${issuer}/device`,
      expires_in: LIFETIME_MS / 1000,
      interval: 5,
    });
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    res.status(error.error === 'invalid_client' ? 401 : 400).json({ error: error.error });
  }
});

/** What is asked for and known here; the token endpoint takes any other for a fault of ours. */
function grantScope(scope) {
  const asked = scope.split(' ');
  return ['read:demo', 'offline_access'].filter((known) => asked.includes(known)).join(' ');
}

// Stands for your page: sign the user in, show which client asks for what, and protect the form against CSRF.
app.post('/device', express.urlencoded({ extended: false }), async (req, res) => {
  const { user_code, answer } = req.body;
  const [deviceCode, device] = [...devices].find(([, { userCode }]) => userCode === user_code) ?? [];
  if (!device || device.answer || device.expiresAt <= new Date()) return res.status(404).json({ error: 'unknown' });
  device.answer = answer === 'allow' ? 'allowed' : 'denied';
  if (device.answer === 'denied') return res.json({ answer });
  // The device code becomes a code of the store: single use, one grant, one revocation. It has no challenge, and so the
  // grant authorization_code refuses it.
  await store.saveCode(deviceCode, {
    clientId: device.clientId,
    redirectUri: null,
    codeChallenge: null,
    codeChallengeMethod: null,
    expiresAt: device.expiresAt,
    scope: device.scope,
    audience: `${issuer}/api`,
    nonce: null,
    authTime: new Date(),
    userId: 'demo-user',
  });
  return res.json({ answer });
});

const refuse = (error, description) => new OAuthError(error, description, { reason: `device_${error}` });

/** RFC 8628 §3.5: what a device is told that asks again and again. */
async function issueForDevice({ client, parameters, confirmation, servesRefresh }, req) {
  const device = devices.get(parameters.device_code);
  if (!device || device.clientId !== client.clientId) throw refuse('invalid_grant', 'Unknown device code');
  if (device.expiresAt <= new Date()) throw refuse('expired_token', 'The device code has expired');
  const pause = Date.now() - device.polledAt;
  device.polledAt = Date.now();
  if (pause < device.interval * 1000) {
    device.interval += 5;
    throw refuse('slow_down', 'Ask less often');
  }
  if (device.answer === undefined) throw refuse('authorization_pending', 'The user has not answered yet');
  if (device.answer === 'denied') throw refuse('access_denied', 'The user said no');
  const code = await store.adapters.findCode(parameters.device_code, req);
  const isConsumed = code !== null && (await store.adapters.consumeCode(code, req));
  if (!isConsumed) throw refuse('invalid_grant', 'Unknown device code');
  return issueTokens({ code, client, confirmation, servesRefresh }, req);
}

app.use(
  createTokenRouter({
    ...store.adapters,
    issueTokens,
    authenticateClient,
    grants: {
      [DEVICE_CODE]: { parameters: ['device_code'], allowPublic: true, issueTokens: issueForDevice },
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

/** Plays a television, and its user. */
async function showRoundTrip() {
  const asked = { client_id: 'tv', scope: 'read:demo offline_access' };
  const { device_code, user_code, interval } = await post('/device_authorization', asked);
  const form = { grant_type: DEVICE_CODE, client_id: 'tv', device_code };
  await post('/oauth/token', form);
  await post('/oauth/token', form);
  await post('/device', { user_code, answer: 'allow' });
  // It was told to slow down: five seconds more than before.
  await new Promise((resolve) => setTimeout(resolve, (interval + 5) * 1000));
  await post('/oauth/token', form);
  console.log(`curl -s ${issuer}/device_authorization -d client_id=tv -d scope=read:demo\n`);
  console.log(`Serving on ${issuer}. Ctrl-C ends it.`);
}
