// What every adapter of examples/adapters has to hold: the suites, and a login over HTTP. For jest and for node:test.
const assert = require('node:assert/strict');
const { randomUUID } = require('node:crypto');
const express = require('express');
const request = require('supertest');
const { createTokenRouter } = require('express-token-router');
const {
  codeStoreConformance,
  createCode,
  createCodeRecord,
  createPkcePair,
  createRefreshToken,
  refreshTokenStoreConformance,
} = require('express-token-router/testing');

/** An app whose tokens are names, on the adapter as a host wires it. */
function createApp(store, options = {}) {
  const outcomes = [];
  const { findCode, consumeCode, findRefreshToken, consumeRefreshToken, revokeTokens } = store;
  const issueTokens = async ({ code, refreshToken }) => {
    const { grantId, clientId, userId, scope, dpopJkt } = code ?? refreshToken;
    const next = createRefreshToken();
    const expiresAt = new Date(Date.now() + 86_400_000);
    await store.saveRefreshToken(next, { grantId, clientId, userId, scope, dpopJkt, resources: null, expiresAt });
    return { access_token: `of ${userId}`, expires_in: 60, refresh_token: next };
  };
  const app = express().use(
    createTokenRouter({
      findCode,
      consumeCode,
      revokeTokens,
      refresh: { findRefreshToken, consumeRefreshToken, revokeTokens, ...options },
      issueTokens,
      onOutcome: ({ reason, fault }) => outcomes.push(fault ? String(fault) : reason),
    }),
  );
  const post = (form, address = '203.0.113.9') =>
    request(app)
      .post('/oauth/token')
      .set('X-Forwarded-For', address)
      .type('form')
      .send({ client_id: 'spa', ...form });
  app.set('trust proxy', 'loopback');
  return {
    outcomes,
    async login() {
      const { codeVerifier, ...challenge } = createPkcePair();
      const code = createCode();
      const { grantId } = await store.saveCode(code, createCodeRecord({ ...challenge, userId: 'u1', resources: null }));
      const form = { grant_type: 'authorization_code', code, code_verifier: codeVerifier };
      return { grantId, redeem: (address) => post({ ...form, redirect_uri: 'https://app.example/callback' }, address) };
    },
    refresh: (refreshToken) => post({ grant_type: 'refresh_token', refresh_token: refreshToken }),
  };
}

/**
 * `createBench` makes a bench of the suites over empty tables, in which there is a user `u1`; `createStore` an adapter on one
 * more connection to them.
 *
 * @param {{ describe: any, test: any }} runner
 * @param {{ createBench: () => any, createStore: (options: { keptFor: number }) => any, options?: object }} how
 */
exports.holdStore = function holdStore({ describe, test }, { createBench, createStore, options }) {
  const inApp = (name, body, appOptions) =>
    test(name, async () => {
      const bench = await createBench();
      try {
        await body(createApp(bench.stores[0], appOptions), bench.stores[0]);
      } finally {
        await bench.close?.();
      }
    });

  describe('codes', () => codeStoreConformance(test, createBench, options));
  describe('refresh tokens', () => refreshTokenStoreConformance(test, createBench, options));

  describe('over HTTP', () => {
    inApp('a login brings tokens, and a refresh the next ones', async ({ login, refresh, outcomes }) => {
      const { redeem } = await login();
      const first = await redeem();
      assert.deepEqual([first.status, first.body.access_token], [200, 'of u1']);
      const second = await refresh(first.body.refresh_token);
      assert.deepEqual([second.status, second.body.access_token], [200, 'of u1']);
      const third = await refresh(second.body.refresh_token);
      assert.equal(third.status, 200);
      assert.deepEqual(outcomes, ['code_redeemed', 'refresh_token_redeemed', 'refresh_token_redeemed']);
    });

    inApp('a replay of the code ends the login', async ({ login, refresh, outcomes }, { isRevoked }) => {
      const { redeem, grantId } = await login();
      const { body } = await redeem();
      assert.equal(await isRevoked(grantId), false);
      assert.equal((await redeem('198.51.100.7')).body.error, 'invalid_grant');
      assert.equal(await isRevoked(grantId), true);
      assert.equal((await refresh(body.refresh_token)).body.error, 'invalid_grant');
      assert.deepEqual(outcomes, ['code_redeemed', 'code_replayed', 'refresh_token_unknown']);
    });

    inApp('a double click gets tokens once, and ends nothing', async ({ login, refresh, outcomes }) => {
      const { redeem } = await login();
      const answers = await Promise.all([redeem(), redeem(), redeem()]);
      const [{ body }] = answers.filter(({ status }) => status === 200);
      assert.deepEqual(outcomes.sort(), ['code_redeemed', 'code_replayed_at_once', 'code_replayed_at_once']);
      assert.equal((await refresh(body.refresh_token)).status, 200);
    });

    inApp('a refresh token that comes again ends the login', async ({ login, refresh, outcomes }) => {
      const { body } = await (await login()).redeem();
      const next = await refresh(body.refresh_token);
      assert.equal((await refresh(body.refresh_token)).body.error, 'invalid_grant');
      assert.equal((await refresh(next.body.refresh_token)).body.error, 'invalid_grant');
      assert.deepEqual(outcomes.slice(2), ['refresh_token_reused', 'refresh_token_unknown']);
    });

    inApp('of ten refreshes at once one gets tokens', async ({ login, refresh, outcomes }) => {
      const { body } = await (await login()).redeem();
      const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(body.refresh_token)));
      assert.equal(answers.filter(({ status }) => status === 200).length, 1);
      assert.equal(outcomes.filter((reason) => reason === 'refresh_token_redeemed').length, 1);
    });

    inApp(
      'within the leeway of the router tabs may race',
      async ({ login, refresh }) => {
        const { body } = await (await login()).redeem();
        const answers = await Promise.all(Array.from({ length: 3 }, () => refresh(body.refresh_token)));
        assert.deepEqual(
          answers.map(({ status }) => status),
          [200, 200, 200],
        );
        assert.equal((await refresh(answers[0].body.refresh_token)).status, 200);
      },
      { leeway: 10_000 },
    );
  });

  test('a grant that is not known is revoked', async () => {
    const bench = await createBench();
    assert.equal(await bench.stores[0].isRevoked(randomUUID()), true);
    await bench.close?.();
  });

  test('purge removes logins that are over, with their codes and tokens, and no others', async () => {
    const bench = await createBench();
    const over = await createStore({ keptFor: -60_000 });
    const [store] = bench.stores;
    const record = () => createCodeRecord({ userId: 'u1', resources: null, expiresAt: new Date() });
    const { grantId } = await over.saveCode('over', record());
    const { redirectUri, codeChallenge, codeChallengeMethod, ...token } = record();
    await over.saveRefreshToken('a token', { ...token, grantId });
    await store.saveCode('live', record());
    await over.saveCode('revoked', record());
    await store.revokeTokens(await store.findCode('revoked'));
    await store.purge();
    assert.deepEqual([await store.findCode('over'), await store.findRefreshToken('a token')], [null, null]);
    assert.ok(await store.findCode('live'));
    assert.ok(await store.findCode('revoked'), 'what is revoked is remembered for longer than its code');
    await bench.close?.();
  });
};
