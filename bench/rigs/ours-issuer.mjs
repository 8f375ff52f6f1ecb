import express from 'express';
import { load } from '../lib/ours.mjs';
import { AUDIENCE, ISSUER, LIFETIME } from '../lib/wire.mjs';

const { createTokenRouter } = load('index.js');

/** This package with its own issuer, which signs in the thread pool. */
export function createRig({ codes, key }) {
  const { createTokenIssuer } = load('tokens/index.js');
  const { issueTokens } = createTokenIssuer({
    issuer: ISSUER,
    keys: [{ kid: key.kid, privateKey: key.privateKey }],
    apis: [{ identifier: AUDIENCE, lifetime: LIFETIME, scopes: ['read'] }],
  });

  return express().use(
    createTokenRouter({ findCode: codes.find, consumeCode: codes.consume, issueTokens, rateLimit: false }),
  );
}
