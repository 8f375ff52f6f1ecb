// The same with node:test, and without supertest: `node --test`.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import * as kit from 'express-token-router/testing';
import { api, createApp, issuer, url } from './app.js';
import { host as contract, createBench } from './contract.js';

const prover = kit.createDpopProver();
let host;
let endpoint;
beforeEach(() => {
  host = createApp();
  endpoint = kit.tokenEndpoint(host.app, { prover, tokenEndpoint: url });
});
afterEach(() => mock.timers.reset());

async function login() {
  const { codeVerifier, ...challenge } = kit.createPkcePair();
  const code = kit.createCode();
  const record = kit.createCodeRecord({ ...challenge, userId: 'ada', audience: null, nonce: 'n-1' });
  await host.store.saveCode(code, record);
  return { code, codeVerifier };
}

test('a code brings tokens once, however many ask', async () => {
  const code = await login();
  const { issued } = await kit.race(5, () => endpoint.redeem(code));
  assert.equal(issued.length, 1);
  const granted = { issuer, clientId: 'spa', userId: 'ada', nonce: 'n-1', jkt: prover.jkt, resources: [api] };
  kit.checkTokenResponse(issued[0], { ...granted, jwks: host.jwks() });
});

test('a code ends after a minute', async () => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'], now: Date.now() });
  const code = await login();
  mock.timers.tick(61_000);
  assert.equal((await endpoint.redeem(code)).body.error, 'invalid_grant');
});

for (const { name, change, status, error } of kit.badRequests()) {
  test(`refused: ${name}`, async () => {
    const response = await endpoint.redeem({ ...(await login()), change });
    assert.deepEqual([response.status, response.body.error], [status, error]);
  });
}

describe('POST /oauth/token', () => kit.describeTokenEndpoint(test, createBench, contract));
