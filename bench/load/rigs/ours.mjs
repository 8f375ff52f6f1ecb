import express from 'express';
import { load } from '../../lib/ours.mjs';
import { AUDIENCE, ISSUER, LIFETIME } from '../../lib/wire.mjs';
import { createTimeOut } from './time-out.mjs';

const { createTokenRouter } = load('index.js');

/** This package, everything at its default that the scenario does not name. */
export function createRig(parts) {
  const { adapters, issue, key, limiterStore, trustProxy, hostTimeoutMs, hasOrigins, router = {} } = parts;
  const reasons = new Map();
  const options = {
    findCode: adapters.findCode,
    consumeCode: adapters.consume,
    issueTokens: key ? createIssuer(key) : ({ code, refreshToken }) => issue(code ?? refreshToken),
    refresh: { findRefreshToken: adapters.findRefreshToken, consumeRefreshToken: adapters.consume },
    authenticateClient: ({ clientId, clientSecret }) => adapters.authenticate(clientId, clientSecret),
    onOutcome: ({ reason }) => reasons.set(reason, (reasons.get(reason) ?? 0) + 1),
    ...(hasOrigins && { allowedOrigins: adapters.isOriginAllowed }),
    ...(limiterStore && { rateLimit: { store: limiterStore } }),
  };

  const app = express();
  if (trustProxy) app.set('trust proxy', 1);
  if (hostTimeoutMs) app.use(createTimeOut(hostTimeoutMs));
  app.use(createRouter(options, router));
  return { app, reasons };
}

/** A build may be older than an option of the scenario: `BENCH_DIST` names any. */
function createRouter(options, wanted) {
  const known = Object.entries(wanted).filter(([name, value]) => {
    try {
      return createTokenRouter({ ...options, [name]: value });
    } catch {
      return false;
    }
  });
  return createTokenRouter({ ...options, ...Object.fromEntries(known) });
}

function createIssuer({ kid, privateKey }) {
  const { createTokenIssuer } = load('tokens/index.js');
  return createTokenIssuer({
    issuer: ISSUER,
    keys: [{ kid, privateKey }],
    apis: [{ identifier: AUDIENCE, lifetime: LIFETIME, scopes: ['read'] }],
  }).issueTokens;
}
