// The same with vitest: `npx vitest run`.
import * as kit from 'express-token-router/testing';
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { api, createApp, issuer, url } from './app.js';
import { host as contract, createBench } from './contract.js';

const prover = kit.createDpopProver();
let host;
let endpoint;
beforeEach(() => {
  host = createApp();
  endpoint = kit.tokenEndpoint(request(host.app), { prover, tokenEndpoint: url });
});
afterEach(() => vi.useRealTimers());

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
  expect(issued).toHaveLength(1);
  const granted = { issuer, clientId: 'spa', userId: 'ada', nonce: 'n-1', jkt: prover.jkt, resources: [api] };
  kit.checkTokenResponse(issued[0], { ...granted, jwks: host.jwks() });
});

test('a code ends after a minute', async () => {
  vi.useFakeTimers();
  const code = await login();
  vi.advanceTimersByTime(61_000);
  expect((await endpoint.redeem(code)).body.error).toBe('invalid_grant');
});

test.each(kit.badRequests())('refused: $name', async ({ change, status, error }) => {
  expect(await endpoint.redeem({ ...(await login()), change })).toMatchObject({ status, body: { error } });
});

describe('POST /oauth/token', () => kit.describeTokenEndpoint(test, createBench, contract));
