import express from 'express';
import { createIssueNext } from '../lib/hand-written.mjs';
import { load } from '../lib/ours.mjs';
import { CLIENT_ID, HTU } from '../lib/wire.mjs';

const { createTokenRouter } = load('index.js');

/** This package, over the store and the signing of the other rigs. */
export function createRig({ mode, codes, refreshTokens, issue }, { isLimited = false } = {}) {
  const issueNext = createIssueNext({ refreshTokens, issue });
  return express().use(
    createTokenRouter({
      findCode: codes.find,
      consumeCode: codes.consume,
      issueTokens: ({ code, refreshToken, confirmation }) =>
        refreshToken ? issueNext(refreshToken) : issue(code, confirmation?.jkt),
      ...(mode === 'refresh' && {
        refresh: { findRefreshToken: refreshTokens.find, consumeRefreshToken: refreshTokens.consume },
      }),
      authenticateClient: ({ clientId, method }) =>
        method === 'none' && clientId === CLIENT_ID ? { clientId } : undefined,
      // Without this option the endpoint limits, as it does by default.
      ...(!isLimited && { rateLimit: false }),
      ...(mode === 'dpop' && createDpop()),
    }),
  );
}

function createDpop() {
  const { createDpopVerifier } = load('dpop/index.js');
  const { memoryJtis } = load('stores/memory-jtis.js');
  return { verifyDpop: createDpopVerifier(memoryJtis()), tokenEndpoint: HTU };
}
