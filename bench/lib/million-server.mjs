import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { LIFETIME, REDIRECT_URI } from './wire.mjs';

/**
 * The endpoint with its limiter, bounds and DPoP, over adapters that keep nothing for longer than they must: what grows is the
 * package's own. A code is good once; which were spent is forgotten with the codes of ten thousand requests before.
 */
process.env.NODE_ENV = 'production';
const require = createRequire(import.meta.url);
const express = require('express');
const { createTokenRouter } = require('../../dist');
const { createDpopVerifier } = require('../../dist/dpop');

const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
const KEPT = 10_000;

/** A set of what came last: two halves, the older of which is dropped. */
function createRecent() {
  let [young, old] = [new Set(), new Set()];
  return {
    add(value) {
      if (young.has(value) || old.has(value)) return false;
      if (young.size >= KEPT) [young, old] = [new Set(), young];
      young.add(value);
      return true;
    },
    clear() {
      [young, old] = [new Set(), new Set()];
    },
  };
}

const spent = createRecent();
const jtis = createRecent();
const outcomes = new Map();
const router = createTokenRouter({
  findCode: async (code) =>
    code.startsWith('code-')
      ? {
          code,
          clientId: 'spa',
          redirectUri: REDIRECT_URI,
          codeChallenge: CHALLENGE,
          codeChallengeMethod: 'S256',
          expiresAt: new Date(Date.now() + 60_000),
          dpopJkt: null,
        }
      : null,
  consumeCode: async ({ code }) => code !== 'code-0' && spent.add(code),
  issueTokens: async ({ code }) => ({ access_token: `token of ${code.code}`, expires_in: LIFETIME }),
  revokeTokens: async () => {},
  verifyDpop: createDpopVerifier({ consumeJti: async ({ jti }) => jtis.add(jti) }),
  tokenEndpoint: 'http://auth.example/oauth/token',
  allowedOrigins: ['https://app.example'],
  // A window that ends within the run: its counts have to go.
  rateLimit: { windowMs: 5000 },
  onOutcome({ outcome, reason, status, fault }) {
    const key = `${outcome} ${reason} ${status}`;
    outcomes.set(key, (outcomes.get(key) ?? 0) + 1);
    if (status === 500) process.send({ fault: String(fault?.stack ?? fault) });
  },
});

const server = createServer(express().set('trust proxy', 1).use(router));
// A client that the machine keeps waiting must not find its connection closed.
server.keepAliveTimeout = 120_000;
process.on('message', (asked) => {
  if (asked !== 'measure') return;
  spent.clear();
  jtis.clear();
  globalThis.gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  process.send({ heap: (heapUsed + external) / 2 ** 20, rss: rss / 2 ** 20, outcomes: [...outcomes] });
});
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
