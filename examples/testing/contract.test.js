// The whole contract, what ends by the clock, and what will hurt in production: `npx jest`.
const kit = require('express-token-router/testing');
const { url } = require('./app');
const { createBench, host } = require('./contract');

describe('POST /oauth/token', () => kit.describeTokenEndpoint(test, createBench, host));

test('a code ends after a minute', async () => {
  const { app, saveCode } = createBench();
  const endpoint = kit.tokenEndpoint(app, { prover: kit.createDpopProver(), tokenEndpoint: url });
  jest.useFakeTimers();
  const { codeVerifier, ...challenge } = kit.createPkcePair();
  await saveCode('a-code', kit.createCodeRecord(challenge));
  jest.advanceTimersByTime(61_000);
  expect((await endpoint.redeem({ code: 'a-code', codeVerifier })).body.error).toBe('invalid_grant');
  jest.useRealTimers();
});

test('nothing that will hurt in production', async () => {
  expect(await kit.inspectTokenRouter(createBench().app, { proxies: 0, origins: host.origins })).toEqual([]);
});
