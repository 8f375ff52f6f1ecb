// The server that run.mjs fuzzes: all that the package serves, on the memory store, mounted alone and behind a host's parsers.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const express = require('express');
const { createTokenRouter } = require('../../dist');
const { createClientAuthentication, createClientSecret } = require('../../dist/clients');
const { createDpopVerifier } = require('../../dist/dpop');
const { createIntrospectionRouter, createRevocationRouter } = require('../../dist/endpoints');
const { memoryStore } = require('../../dist/stores/memory');
const { createTokenIssuer } = require('../../dist/tokens');

const API = 'https://api.example/';
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const store = memoryStore();
const { issueTokens, jwks } = createTokenIssuer({
  issuer: 'https://auth.example/',
  keys: [{ kid: 'key 1', privateKey }],
  apis: [{ identifier: API, lifetime: 60, scopes: ['read'], allowOfflineAccess: true }],
  store,
});
const { clientSecret, clientSecretHash } = createClientSecret();
const CLIENTS = {
  spa: { clientId: 'spa', tokenEndpointAuthMethod: 'none' },
  web: { clientId: 'web', tokenEndpointAuthMethod: 'client_secret_basic', clientSecretHash },
};
const authenticateClient = createClientAuthentication({
  findClient: (clientId) => (Object.hasOwn(CLIENTS, clientId) ? CLIENTS[clientId] : undefined),
  audience: 'https://auth.example/',
  consumeJti: store.consumeJti,
});

const failures = new Map();
const onOutcome = ({ outcome, reason, status, fault }) => {
  if (outcome === 'failed' && status !== 503) failures.set(reason, `${fault?.stack ?? fault}`);
};
// No limit: who sends a thousand bad requests a second from one address would only fuzz the limiter.
const common = { authenticateClient, rateLimit: false, onOutcome, bodyTimeout: 1000 };
const createRouter = (more = {}) =>
  createTokenRouter({
    ...common,
    ...store.adapters,
    issueTokens,
    verifyDpop: createDpopVerifier({ consumeJti: store.consumeJti }),
    tokenEndpoint: 'https://auth.example/oauth/token',
    allowedOrigins: ['https://app.example'],
    parameters: ['audience'],
    ...more,
  });
const parsed = express.Router();
parsed.use(express.json({ type: '*/json' }), express.urlencoded({ extended: true }));
parsed.use(createRouter());
// A host answers what its own parsers refuse.
parsed.use((error, _req, res, _next) => res.status(error.status ?? 500).json({ error: 'of the host' }));

const app = express()
  .use(createRouter())
  .use(createRevocationRouter({ ...common, findRefreshToken: store.findRefreshToken, revokeGrant: store.revokeGrant }))
  .use(
    createIntrospectionRouter({
      ...common,
      isRevoked: store.isRevoked,
      resourceServer: () => [API],
      issuer: 'https://auth.example/',
      jwks,
    }),
  )
  .use('/parsed', parsed);

const server = createServer(app);
server.headersTimeout = 2000;
server.requestTimeout = 4000;
server.connectionsCheckingInterval = 500;

const fail = (what) => (error) => {
  process.send({ crashed: `${what}: ${error?.stack ?? error}` });
  process.exit(1);
};
process.on('uncaughtException', fail('uncaught'));
process.on('unhandledRejection', fail('unhandled'));

process.on('message', async ({ id, asked }) => {
  if (asked === 'code') {
    const code = randomBytes(32).toString('base64url');
    await store.saveCode(code, {
      clientId: 'spa',
      redirectUri: 'https://app.example/callback',
      codeChallenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      codeChallengeMethod: 'S256',
      expiresAt: new Date(Date.now() + 60_000),
      dpopJkt: null,
      userId: 'user 1',
      audience: API,
      scope: 'openid read offline_access',
      nonce: null,
    });
    process.send({ id, code });
  } else {
    globalThis.gc();
    const { heapUsed, external } = process.memoryUsage();
    process.send({ id, heap: heapUsed + external, failures: [...failures] });
  }
});
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port, clientSecret }));
