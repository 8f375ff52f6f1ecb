// The app that is tested here: an authorization server with DPoP and refresh tokens, without its login page.
const { generateKeyPairSync } = require('node:crypto');
const express = require('express');
const { createTokenRouter } = require('express-token-router');
const { createDpopVerifier } = require('express-token-router/dpop');
const { memoryStore } = require('express-token-router/memory');
const { createTokenIssuer } = require('express-token-router/tokens');

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
exports.issuer = 'https://auth.example/';
exports.url = 'https://auth.example/oauth/token';
exports.api = 'https://api.example/';

/** A new app with an empty store: tests share nothing. */
exports.createApp = () => {
  const store = memoryStore();
  const { issueTokens, jwks } = createTokenIssuer({
    issuer: exports.issuer,
    keys: [{ kid: 'key-1', privateKey }],
    apis: [{ identifier: exports.api, lifetime: 300, scopes: ['notes:read'], allowOfflineAccess: true }],
    store,
  });
  const app = express();
  app.use(
    createTokenRouter({
      ...store.adapters,
      issueTokens,
      verifyDpop: createDpopVerifier({ consumeJti: store.consumeJti, nonceSecret: 'a secret of 32 bytes or of more ' }),
      tokenEndpoint: exports.url,
      allowedOrigins: ['https://app.example'],
    }),
  );
  return { app, store, jwks };
};
