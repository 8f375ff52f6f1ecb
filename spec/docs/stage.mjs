// Runs the parts of the pages, each as a module of its own: `node stage.mjs FILE…`. Prints what they threw, as JSON.
// It stands for what a reader has: the words of globals.d.ts, for real.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import express from 'express';
import { createTokenRouter, OAuthError } from 'express-token-router';
import { createClientAuthentication, createClientSecret } from 'express-token-router/clients';
import { createDpopVerifier } from 'express-token-router/dpop';
import { memoryStore } from 'express-token-router/memory';
import { createTokenIssuer } from 'express-token-router/tokens';
import { RedisStore } from 'rate-limit-redis';
import { createClient } from 'redis';

const redis = createClient({ url: process.env.REDIS_URL });
await redis.connect();

const issuer = 'https://auth.example/';
const keys = [{ privateKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }];
const apis = [
  {
    identifier: 'https://api.example/',
    lifetime: 600,
    scopes: ['read:notes', 'write:notes'],
    allowOfflineAccess: true,
  },
];
const { clientSecretHash } = createClientSecret();
const secret = { tokenEndpointAuthMethod: 'client_secret_basic', clientSecretHash };
const clients = new Map([['web', { clientId: 'web', ...secret, audiences: ['https://api.example/'], scope: '' }]]);
const findClient = async (clientId) => clients.get(clientId) ?? null;

const globals = {
  ...{ createTokenRouter, OAuthError, createTokenIssuer, createDpopVerifier, memoryStore, express, RedisStore },
  ...{ issuer, keys, apis, clientSecretHash, clients, findClient, userId: 'user-1' },
  ...{ tenantOf: () => 'acme', findUser: async () => ({ name: 'Ann' }), issueForTicket: async () => ({}) },
  redis,
  sendCommand: (...args) => redis.sendCommand(args),
  log: Object.assign(() => undefined, { error: () => undefined }),
  metrics: { count: () => undefined },
};

/** Each part gets an app, a store and a code of its own. */
const fresh = {
  app: () => express(),
  store: () => memoryStore(),
  code: () => randomBytes(32).toString('base64url'),
  record: () => ({
    clientId: 'my-app',
    userId: 'user-1',
    scope: 'read:notes',
    audience: 'https://api.example/',
    nonce: null,
    redirectUri: null,
    codeChallenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    codeChallengeMethod: 'S256',
    expiresAt: new Date(Date.now() + 60_000),
  }),
};

function setUp() {
  const part = Object.fromEntries(Object.entries(fresh).map(([name, make]) => [name, make()]));
  const { issueTokens } = createTokenIssuer({ issuer, keys, apis, store: part.store });
  const { consumeJti, adapters } = part.store;
  const authenticateClient = createClientAuthentication({ findClient, audience: issuer, consumeJti });
  const options = { ...adapters, issueTokens };
  Object.assign(globalThis, globals, part, adapters, { issueTokens, consumeJti, authenticateClient, options });
}

const require = createRequire(import.meta.url);
const thrown = {};
for (const file of process.argv.slice(2)) {
  setUp();
  await (file.endsWith('.cjs') ? load(file) : import(pathToFileURL(file).href)).catch((error) => {
    thrown[file] = String(error?.stack ?? error);
  });
}
async function load(file) {
  require(file);
}
process.stdout.write(`\n${JSON.stringify(thrown)}`, () => process.exit(0));
