import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import express from 'express';
import request from 'supertest';
import { createIntrospectionRouter, createRevocationRouter } from '../lib/endpoints';
import { countOf, createClient, good, PATIENT } from './support/burst';
import { createEndpoint, goodForm, type Options } from './support/endpoint';
import { createGate } from './support/gate';
import { chunkedHead, openConnection, withServer } from './support/raw';
import { expectRedeemable, expectRefusal } from './support/refusals';
import { untilTrue } from './support/until';

const ORIGIN = 'https://app.example';
const bad = () => ({ ...goodForm(), code: 'unknown' });
const from = (origin: string) => ({ Origin: origin, 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'cors' });

/** An endpoint whose `findCode` waits for the gate with the good code. `asked` opens when it does. */
function createWaiting(options: Partial<Options>) {
  const [asked, gate] = [createGate(), createGate()];
  const endpoint = createEndpoint({
    ...PATIENT,
    ...options,
    async findCode(code) {
      if (code !== goodForm().code) return null;
      asked.open();
      await gate.opened;
      return endpoint.code;
    },
  });
  return { endpoint, asked: asked.opened, open: gate.open };
}

describe('Pages of other origins:', () => {
  it('without allowedOrigins a page may send a request, because a proxy may let it read the answer', async () => {
    const endpoint = createEndpoint();
    const answer = await endpoint.post().set(from(ORIGIN));
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([200, undefined]);
  });

  it('with allowedOrigins a page of such an origin is served, and may read the answer', async () => {
    const endpoint = createEndpoint({ allowedOrigins: [ORIGIN] });
    const answer = await endpoint.post().set(from(ORIGIN));
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([200, ORIGIN]);
  });

  it('with allowedOrigins a page of another origin spends nothing', async () => {
    const endpoint = createEndpoint({ allowedOrigins: [ORIGIN] });
    const answer = await endpoint.post().set(from('https://evil.example'));
    expectRefusal(answer, endpoint, { status: 403, error: 'invalid_request', reason: 'origin_not_allowed' });
    expect(endpoint.calls).toEqual([]);
    await expectRedeemable(endpoint);
  });
});

describe('The limit', () => {
  const behindProxy = ({ router }: ReturnType<typeof createEndpoint>) => express().set('trust proxy', 1).use(router);

  it('is asked before a byte of the body is there', async () => {
    const endpoint = createEndpoint({ rateLimit: { limit: 1 } });
    expect((await endpoint.post(bad())).status).toBe(400);
    await withServer(endpoint.app, async (port) => {
      const connection = await openConnection(port);
      await connection.write(chunkedHead(['Content-Type: application/x-www-form-urlencoded']));
      expect(await connection.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 429 /);
      await connection.closed;
    });
    expect(endpoint.reasons()).toEqual(['code_unknown', 'rate_limited']);
  });

  it('counts each address that a trusted proxy names by itself', async () => {
    const endpoint = createEndpoint({ rateLimit: { limit: 1 } });
    const app = behindProxy(endpoint);
    const send = (address: string, form: object) =>
      request(app).post('/oauth/token').set('X-Forwarded-For', address).type('form').send(form);
    expect((await send('192.0.2.1', bad())).status).toBe(400);
    expect((await send('192.0.2.1', goodForm())).status).toBe(429);
    expect((await send('192.0.2.2', goodForm())).status).toBe(200);
  });

  it('stops a request that is on its way, before it spends the code', async () => {
    const { endpoint, asked, open } = createWaiting({ rateLimit: { limit: 1 } });
    await withServer(endpoint.app, async (port) => {
      const post = (form: object) =>
        request(`http://127.0.0.1:${port}`).post('/oauth/token').type('form').send(form).then();
      const valid = post(goodForm());
      await asked;
      expect((await post(bad())).status).toBe(400);
      open();
      const answer = await valid;
      expect([answer.status, answer.body.error, endpoint.reasons()]).toEqual([
        429,
        'too_many_requests',
        ['code_unknown', 'rate_limited'],
      ]);
      expect(endpoint.isSpent()).toBe(false);
    });
  });

  it('is none with rateLimit: false, neither for good requests nor for bad ones', async () => {
    const endpoint = createEndpoint({ rateLimit: false });
    for (let sent = 0; sent < 3; sent += 1) {
      expectRefusal(await endpoint.post(bad()), endpoint, { error: 'invalid_grant', reason: 'code_unknown' });
    }
    await expectRedeemable(endpoint);
  });

  it('names its store where this one does not answer', async () => {
    const never = () => new Promise<never>(() => {});
    const store = { get: never, increment: never, decrement() {}, resetKey() {} };
    const endpoint = createEndpoint({ adapterTimeout: 300, rateLimit: { store } });
    expectRefusal(await endpoint.post(), endpoint, {
      status: 503,
      error: 'temporarily_unavailable',
      reason: 'adapter_timeout',
    });
    expect(endpoint.outcomes[0]?.fault).toMatchObject({ message: expect.stringMatching(/^rateLimit did not answer/) });
  });
});

describe('A place among the requests in flight', () => {
  it('is taken by each request, is free again after its answer, and a request without one has none to leave', async () => {
    const { endpoint, asked, open } = createWaiting({ maxInFlight: 1, rateLimit: false });
    await withServer(endpoint.app, async (port) => {
      const post = (form: object) =>
        request(`http://127.0.0.1:${port}`).post('/oauth/token').type('form').send(form).then();
      const first = post(goodForm());
      await asked;
      const second = await post(bad());
      expect([second.status, second.body.error, endpoint.reasons()]).toEqual([
        503,
        'temporarily_unavailable',
        ['too_many_in_flight'],
      ]);
      open();
      expect((await first).status).toBe(200);
      expect([(await post(bad())).status, (await post(bad())).status]).toEqual([400, 400]);
    });
  });

  it('is refused where more than a hundred are taken, and those that were served had to wait for one another', async () => {
    const waiting: (() => void)[] = [];
    let isQuick = true;
    const endpoint = createEndpoint({
      ...PATIENT,
      rateLimit: false,
      consumeCode: () => true,
      async findCode(code) {
        if (!isQuick) await new Promise<void>((resolve) => waiting.push(resolve));
        return code === goodForm().code ? endpoint.code : null;
      },
    });
    await withServer(endpoint.app, async (port) => {
      const post = createClient(port);
      expect(await post(good())).toBe(200);
      isQuick = false;
      const sent = Array.from({ length: 130 }, () => post(good()));
      await untilTrue(() => waiting.length === sent.length);
      // Twelve take so long that the average is more than the 1.5 s which are slow.
      await sleep(2000);
      for (const go of waiting.splice(0, 12)) go();
      await untilTrue(() => endpoint.outcomes.length === 13);
      expect([await post(good()), endpoint.outcomes.at(-1)]).toMatchObject([
        503,
        { reason: 'too_many_in_flight', fault: { message: expect.stringMatching(/wait for each other/) } },
      ]);
      for (const go of waiting) go();
      expect(countOf(await Promise.all(sent))).toEqual({ 200: 130 });
    });
  });
});

describe('One request has one answer and one outcome', () => {
  it('where its adapter succeeds after the answer that it was too late', async () => {
    const settled = createGate();
    const endpoint = createEndpoint({
      actTimeout: 300,
      async issueTokens() {
        await settled.opened;
        return { access_token: 'too late', expires_in: 60 };
      },
    });
    const answer = await endpoint.post();
    settled.open();
    await sleep(50);
    expect([answer.status, answer.body.error, endpoint.reasons()]).toEqual([
      500,
      'server_error',
      ['adapter_timeout_after_consumption'],
    ]);
  });

  it('where its adapter fails after the answer that it was too late', async () => {
    const settled = createGate();
    const endpoint = createEndpoint({
      adapterTimeout: 300,
      async authenticateClient() {
        await settled.opened;
        throw new Error('too late, and failed');
      },
    });
    await withServer(endpoint.app, async (port, server) => {
      const arrived = once(server, 'request');
      const sent = request(`http://127.0.0.1:${port}`).post('/oauth/token').type('form').send(goodForm()).then();
      const [, res] = await arrived;
      const answer = await sent;
      settled.open();
      await sleep(50);
      expect([answer.status, endpoint.reasons(), res.destroyed]).toEqual([503, ['adapter_timeout'], true]);
    });
  });
});

it('A refusal that the answer does not show counts against the address all the same', async () => {
  const outcomes: string[] = [];
  const router = createRevocationRouter({
    rateLimit: { limit: 1 },
    findRefreshToken: () => ({ clientId: 'another', grantId: 'grant 1' }),
    revokeGrant() {},
    onOutcome: ({ reason }) => void outcomes.push(reason),
  });
  const guess = () =>
    request(express().use(router)).post('/oauth/revoke').type('form').send({ token: 'a guess', client_id: 'spa' });
  expect([(await guess()).status, (await guess()).status]).toEqual([200, 429]);
  expect(outcomes.at(-1)).toBe('rate_limited');
});

it('An endpoint that needs a credential does not ask authenticateClient without one', async () => {
  let asked = 0;
  const router = createIntrospectionRouter({
    authenticateClient({ clientId = '' }) {
      asked += 1;
      return { clientId };
    },
    findAccessToken: () => null,
    resourceServer: () => [],
    isRevoked: () => false,
  });
  const send = () => request(express().use(router)).post('/oauth/introspect').type('form');
  const without = await send().send({ token: 'a', client_id: 'api' });
  expect([without.status, without.body.error, asked]).toEqual([401, 'invalid_client', 0]);
  const answer = await send().send({ token: 'a', client_id: 'api', client_secret: 'a secret' });
  expect([answer.status, asked]).toEqual([200, 1]);
});
