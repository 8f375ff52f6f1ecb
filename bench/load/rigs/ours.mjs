import { createHash, scryptSync } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import express from 'express';
import { load } from '../../lib/ours.mjs';
import { AUDIENCE, CLIENT_ID, ISSUER, LIFETIME } from '../../lib/wire.mjs';
import { CLIENT_SECRET } from '../traffic.mjs';
import { createTimeOut } from './time-out.mjs';

const { createTokenRouter } = load('index.js');

/** This package, everything at its default that the scenario does not name. */
export function createRig(parts) {
  const {
    adapters,
    issue,
    key,
    limiterStore,
    trustProxy,
    hostTimeoutMs,
    hasOrigins,
    readyClients,
    router = {},
  } = parts;
  const reasons = new Map();
  const options = {
    findCode: adapters.findCode,
    consumeCode: adapters.consume,
    issueTokens: key ? createIssuer(key) : ({ code, refreshToken }) => issue(code ?? refreshToken),
    refresh: { findRefreshToken: adapters.findRefreshToken, consumeRefreshToken: adapters.consume },
    authenticateClient: readyClients
      ? createAuthentication(adapters.calls)
      : ({ clientId, clientSecret }) => adapters.authenticate(clientId, clientSecret),
    onOutcome: ({ reason }) => reasons.set(reason, (reasons.get(reason) ?? 0) + 1),
    ...(hasOrigins && { allowedOrigins: adapters.isOriginAllowed }),
    ...(limiterStore && { rateLimit: { store: limiterStore } }),
  };

  const app = express();
  if (trustProxy) app.set('trust proxy', 1);
  if (hostTimeoutMs) app.use(createTimeOut(hostTimeoutMs));
  app.use(createWith(createTokenRouter, options, router));
  return { app, reasons };
}

/** A build may be older than an option of the scenario: `BENCH_DIST` names any. */
function createWith(create, options, wanted) {
  const known = Object.entries(wanted).filter(([name, value]) => {
    try {
      return create({ ...options, [name]: value });
    } catch {
      return false;
    }
  });
  return create({ ...options, ...Object.fromEntries(known) });
}

function createIssuer({ kid, privateKey }) {
  const { createTokenIssuer } = load('tokens/index.js');
  const { issueTokens } = createTokenIssuer({
    issuer: ISSUER,
    keys: [{ kid, privateKey }],
    apis: [{ identifier: AUDIENCE, lifetime: LIFETIME, scopes: ['read'] }],
  });
  return issueTokens;
}

/** `./clients`, with a secret that somebody chose, and documents at servers that are slow and then fail. */
function createAuthentication(calls) {
  const { createClientAuthentication, createClientMetadataResolver } = load('clients/index.js');
  const salt = createHash('md5').update('salt').digest();
  const digest = scryptSync(CLIENT_SECRET, salt, 32, { N: 2 ** 15, r: 8, p: 3, maxmem: 2 ** 27 });
  const [saltText, digestText] = [salt, digest].map((bytes) => bytes.toString('base64').replace(/=+$/, ''));
  const clients = new Map([
    [CLIENT_ID, { clientId: CLIENT_ID, tokenEndpointAuthMethod: 'none' }],
    [
      'web',
      {
        clientId: 'web',
        tokenEndpointAuthMethod: 'client_secret_post',
        clientSecretHash: `$scrypt$ln=15,r=8,p=3$${saltText}$${digestText}`,
      },
    ],
  ]);
  calls.fetches = 0;
  const resolveClient = createClientMetadataResolver({
    async fetch() {
      calls.fetches += 1;
      await sleep(1000);
      throw new Error('no such server');
    },
  });
  return createClientAuthentication({
    findClient: async (clientId, req) => clients.get(clientId) ?? resolveClient(clientId, req),
    methods: ['none', 'client_secret_post'],
  });
}
