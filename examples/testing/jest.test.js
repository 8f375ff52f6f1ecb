// The suite of a host, with jest and supertest: `npx jest`.
const request = require('supertest');
const kit = require('express-token-router/testing');
const { api, createApp, issuer, url } = require('./app');

const prover = kit.createDpopProver();
const granted = { issuer, clientId: 'spa', userId: 'ada', jkt: prover.jkt, resources: [api], nonce: 'n-1' };
const host = createApp();
const endpoint = kit.tokenEndpoint(request(host.app), { prover, tokenEndpoint: url });

/** What /authorize does at the end of a login. */
async function login({ scope = 'openid notes:read' } = {}) {
  const { codeVerifier, ...challenge } = kit.createPkcePair();
  const login = { code: kit.createCode(), codeVerifier };
  const record = { ...challenge, scope, userId: 'ada', audience: null, nonce: 'n-1' };
  await host.store.saveCode(login.code, kit.createCodeRecord(record));
  return login;
}

test('a code brings tokens once, however many ask', async () => {
  const code = await login();
  const { issued } = await kit.race(5, () => endpoint.redeem(code));
  expect(issued).toHaveLength(1);
  kit.checkTokenResponse(issued[0], { ...granted, scope: 'openid notes:read', jwks: host.jwks() });
});

test('a refresh token brings the next one', async () => {
  const { body } = await endpoint.redeem(await login({ scope: 'openid offline_access' }));
  const response = await endpoint.refresh({ refreshToken: body.refresh_token });
  kit.checkTokenResponse(response, { ...granted, nonce: null, scope: 'openid offline_access', jwks: host.jwks() });
});

test.each(kit.badRequests())('refused: $name', async ({ change, status, error }) => {
  expect(await endpoint.redeem({ ...(await login()), change })).toMatchObject({ status, body: { error } });
});
