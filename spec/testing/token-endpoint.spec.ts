import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import express from 'express';
import request from 'supertest';
import type { ClientCredentials } from '../../lib';
import { createClientAuthentication } from '../../lib/clients';
import { createDpopVerifier } from '../../lib/dpop';
import { memoryJtis } from '../../lib/stores/memory';
import {
  createDpopProver,
  type Differences,
  race,
  type TokenEndpointOptions,
  type TokenRequest,
  tokenEndpoint,
} from '../../lib/testing';
import type { HttpRequest } from '../../lib/testing/requester';
import { createTokenEndpoint } from '../../lib/testing/token-endpoint';
import { CODE, CODE_VERIFIER, createEndpoint } from '../support/endpoint';
import { createRefreshEndpoint, REFRESH_TOKEN } from '../support/refresh';

const URL = 'https://auth.example/oauth/token';
const good = { code: CODE, codeVerifier: CODE_VERIFIER };

describe('tokenEndpoint', () => {
  it.each<[string, (app: express.Express) => Parameters<typeof tokenEndpoint>[0]]>([
    ['request(app)', (app) => request(app)],
    ['request.agent(app)', (app) => request.agent(app)],
    ['a server', (app) => request(createServer(app))],
    ['the app', (app) => app],
  ])('redeems a code over %s', async (_what, target) => {
    const { app } = createEndpoint();
    const response = await tokenEndpoint(target(app)).redeem(good);
    expect(response).toMatchObject({ status: 200, body: { access_token: 'an access token', token_type: 'Bearer' } });
    expect(response.headers).toHaveProperty('cache-control', 'no-store');
  });

  it('brings what supertest brings', async () => {
    const { app } = createEndpoint();
    const response: request.Response = await tokenEndpoint(request(app)).redeem(good);
    expect(response.type).toBe('application/json');
  });

  it('brings a refusal as it is, and a page of HTML as text', async () => {
    const { app } = createEndpoint();
    expect(await tokenEndpoint(app).redeem({ ...good, code: 'another' })).toMatchObject({ status: 400 });
    const lost = await tokenEndpoint(app, { path: '/elsewhere' }).redeem(good);
    expect(lost).toMatchObject({ status: 404, body: {} });
    expect(lost.text).toContain('<html');
  });

  it('fails where the app hangs up', async () => {
    const app = express().use((req) => req.destroy());
    await expect(tokenEndpoint(app).redeem(good)).rejects.toThrow(/hang up|ECONNRESET/);
    const half = express().use((_req, res) => {
      res.writeHead(200, { 'Content-Length': '10' });
      res.write('1', () => res.destroy());
    });
    await expect(tokenEndpoint(half).redeem(good)).rejects.toThrow(/aborted/);
  });

  it('says what it needs, where it gets what is no requester', async () => {
    await expect(tokenEndpoint({} as never).redeem(good)).rejects.toThrow(
      new TypeError('request(app) has no post. Pass what supertest makes'),
    );
  });

  it.each<[TokenEndpointOptions, string]>([
    [{ path: 'oauth/token' }, "path is 'oauth/token'. Write the path alone, such as '/oauth/token'."],
    [
      { path: 'https://auth.example/oauth/token' },
      "path is 'https://auth.example/oauth/token'. Write the path alone, such as '/oauth/token'.",
    ],
    ...[
      'auth.example/oauth/token',
      '/oauth/token',
      'https://',
      'https:///oauth/token',
      'https://a b/',
      'xhttps://a',
    ].map((url): [TokenEndpointOptions, string] => [
      { tokenEndpoint: url },
      `tokenEndpoint is '${url}'. Write the public URL, such as 'https://auth.example/oauth/token'.`,
    ]),
  ])('says what to write where it gets %j', (options, message) => {
    const { app } = createEndpoint();
    expect(() => tokenEndpoint(app, options)).toThrow(new TypeError(`tokenEndpoint: ${message}`));
  });

  it.each(['http://localhost:3000/oauth/token', 'HTTPS://auth.example'])('takes the URL %s', async (url) => {
    const { app } = createEndpoint();
    expect((await tokenEndpoint(app, { tokenEndpoint: url }).redeem(good)).status).toBe(200);
  });

  it('redeems a refresh token, in part if it is told so', async () => {
    const { app } = createRefreshEndpoint();
    const endpoint = tokenEndpoint(request(app));
    expect(await endpoint.refresh({ refreshToken: REFRESH_TOKEN, scope: 'everything' })).toMatchObject({ status: 400 });
    expect(await endpoint.refresh({ refreshToken: REFRESH_TOKEN })).toMatchObject({ status: 200 });
  });

  it('sends another grant, with resources, parameters and header fields', async () => {
    const seen: unknown[] = [];
    const app = express().use(express.urlencoded({ extended: true }), ({ body, headers }, res) => {
      seen.push(body, headers['x-tenant']);
      res.json({});
    });
    const endpoint = tokenEndpoint(request(app), { headers: { 'X-Tenant': 'one' } });
    await endpoint.send({ grant_type: 'client_credentials' }, { resource: ['urn:a', 'urn:b'], parameters: { x: 'y' } });
    const [body, tenant] = seen;
    expect({ body, tenant }).toEqual({
      body: { grant_type: 'client_credentials', client_id: 'spa', x: 'y', resource: ['urn:a', 'urn:b'] },
      tenant: 'one',
    });
    await endpoint.send({ grant_type: 'client_credentials' });
    await endpoint.redeem({ ...good, redirectUri: null, resource: 'urn:a' });
    expect(seen[4]).toEqual({
      grant_type: 'authorization_code',
      client_id: 'spa',
      code: CODE,
      code_verifier: CODE_VERIFIER,
      resource: 'urn:a',
    });
  });
});

describe('A client of tokenEndpoint', () => {
  const secret = 'a+b c%25:';

  it.each<[string, Differences['client'], ClientCredentials]>([
    ['has no secret', { clientId: 'spa' }, { method: 'none', clientId: 'spa' }],
    [
      'uses Basic, encoded',
      { clientId: 'spa', clientSecret: secret },
      {
        method: 'client_secret_basic',
        clientId: 'spa',
        clientSecret: secret,
        clientSecretAsSent: 'a%2Bb+c%2525%3A',
      },
    ],
    [
      'uses Basic as many do',
      { clientId: 'spa', clientSecret: 'a+b', encodes: false, method: 'client_secret_basic' },
      { method: 'client_secret_basic', clientId: 'spa', clientSecret: 'a b', clientSecretAsSent: 'a+b' },
    ],
    [
      'sends its secret in the body',
      { clientId: 'spa', clientSecret: 's3cret', method: 'client_secret_post' },
      { method: 'client_secret_post', clientId: 'spa', clientSecret: 's3cret' },
    ],
  ])('%s', async (_what, client, credentials) => {
    const seen: ClientCredentials[] = [];
    const { app } = createEndpoint({
      authenticateClient(given) {
        seen.push(given);
        return { clientId: 'spa' };
      },
    });
    await tokenEndpoint(request(app), { client }).redeem(good);
    expect(seen).toEqual([expect.objectContaining(credentials)]);
  });

  it('signs a new assertion for each request, also for the second one of a nonce', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { consumeJti } = memoryJtis();
    const { app, reasons } = createEndpoint({
      authenticateClient: createClientAuthentication({
        findClient: () => ({
          clientId: 'spa',
          tokenEndpointAuthMethod: 'private_key_jwt',
          jwks: { keys: [publicKey.export({ format: 'jwk' })] },
        }),
        audience: 'https://auth.example',
        consumeJti,
      }),
      verifyDpop: createDpopVerifier({ consumeJti, nonceSecret: 'x'.repeat(32) }),
      tokenEndpoint: URL,
    });
    const client = { clientId: 'spa', privateKey, audience: 'https://auth.example' };
    const endpoint = tokenEndpoint(request(app), { client, tokenEndpoint: URL, prover: createDpopProver() });
    expect(await endpoint.redeem(good)).toMatchObject({ status: 200, body: { token_type: 'DPoP' } });
    expect(reasons()).toEqual(['dpop_nonce_missing', 'code_redeemed']);
  });
});

describe('The proofs of tokenEndpoint', () => {
  const prover = createDpopProver();
  const createNonceEndpoint = () => {
    const verifyDpop = createDpopVerifier({ ...memoryJtis(), nonceSecret: 'x'.repeat(32) });
    return createEndpoint({ verifyDpop, tokenEndpoint: URL });
  };

  it('have the nonce of the answer before', async () => {
    const { app, reasons } = createNonceEndpoint();
    const endpoint = tokenEndpoint(request(app), { tokenEndpoint: URL, prover });
    await endpoint.redeem(good);
    await endpoint.redeem(good);
    expect(reasons()).toEqual(['dpop_nonce_missing', 'code_redeemed', 'code_replayed']);
  });

  it('are sent as they are given, and once', async () => {
    const { app, reasons } = createNonceEndpoint();
    const endpoint = tokenEndpoint(request(app), { tokenEndpoint: URL, prover });
    await endpoint.redeem({ ...good, proof: prover.proof({ htu: URL }) });
    await endpoint.redeem({ ...good, proof: null });
    expect(reasons()).toEqual(['dpop_nonce_missing', 'code_redeemed']);
  });

  it('are made of the nonce, where a function makes them', async () => {
    const { app, reasons } = createNonceEndpoint();
    const proof = jest.fn((nonce?: string) => prover.proof({ htu: URL, nonce }));
    await tokenEndpoint(request(app)).redeem({ ...good, proof });
    expect(proof.mock.calls).toEqual([[undefined], [expect.any(String)]]);
    expect(reasons()).toEqual(['dpop_nonce_missing', 'code_redeemed']);
  });

  it('need the URL of the endpoint', async () => {
    const { app } = createEndpoint();
    const missing = new TypeError(
      "tokenEndpoint is missing, and prover needs it. Write the public URL, such as 'https://auth.example/oauth/token'.",
    );
    expect(() => tokenEndpoint(request(app), { prover })).toThrow(missing);
    await expect(tokenEndpoint(request(app)).redeem({ ...good, prover })).rejects.toThrow(missing);
  });
});

describe('A challenge', () => {
  const NONCE = { 'DPoP-Nonce': 'n1' };
  const challenge = { status: 400, headers: NONCE, body: { error: 'use_dpop_nonce' } };

  /** An endpoint that gives these answers, and the nonces of the proofs that it got. */
  function createScripted(answers: readonly { status: number; headers?: object; body?: object }[]) {
    const nonces: unknown[] = [];
    const app = express().use((req, res) => {
      const [, claims = ''] = String(req.headers.dpop).split('.');
      nonces.push(JSON.parse(Buffer.from(claims, 'base64url').toString()).nonce);
      const { status, headers = {}, body = {} } = answers[nonces.length - 1] ?? { status: 200 };
      res.status(status).set(headers).json(body);
    });
    const endpoint = tokenEndpoint(request(app), { tokenEndpoint: URL, prover: createDpopProver() });
    return { endpoint, nonces };
  }

  it('is answered once, with the nonce', async () => {
    const { endpoint, nonces } = createScripted([challenge, { ...challenge, headers: { 'DPoP-Nonce': 'n2' } }]);
    expect((await endpoint.redeem(good)).status).toBe(400);
    expect(nonces).toEqual([undefined, 'n1']);
  });

  it('gives the nonce for the next requests, until there is another one', async () => {
    const { endpoint, nonces } = createScripted([
      { status: 200, headers: NONCE },
      { status: 200 },
      { status: 200, headers: { 'DPoP-Nonce': 'n2' } },
    ]);
    for (let times = 0; times < 4; times += 1) await endpoint.redeem(good);
    expect(nonces).toEqual([undefined, 'n1', 'n1', 'n2']);
  });

  it.each([
    ['with another status', { ...challenge, status: 401 }],
    ['with another error', { ...challenge, body: { error: 'invalid_dpop_proof' } }],
    ['without a nonce', { ...challenge, headers: {} }],
  ])('is none %s', async (_what, answer) => {
    const { endpoint, nonces } = createScripted([answer]);
    expect((await endpoint.redeem(good)).status).toBe(answer.status);
    expect(nonces).toEqual([undefined]);
  });
});

describe('A request of tokenEndpoint', () => {
  async function send(options: Parameters<typeof tokenEndpoint>[1], differences: Differences = {}) {
    const seen: unknown[] = [];
    const app = express().use(express.text({ type: () => true }), ({ method, url, headers, body }, res) => {
      seen.push({ method, url, type: headers['content-type'], more: headers['x-more'], body });
      res.json({});
    });
    await tokenEndpoint(app, options).send({ grant_type: 'g' }, differences);
    return seen[0];
  }
  const FORM = 'application/x-www-form-urlencoded';

  it('is a form of the client spa at /oauth/token, if nothing else is said', async () => {
    const body = 'grant_type=g&client_id=spa';
    expect(await send({})).toEqual({ method: 'POST', url: '/oauth/token', type: FORM, body });
  });

  it('has the path, the client, the header fields and the parameters that are given', async () => {
    const client = { clientId: 'web', clientSecret: 's', method: 'client_secret_post' } as const;
    const sent = await send({ path: '/t', client, headers: { 'X-More': 'a' } }, { parameters: { a: 'b' } });
    const body = 'grant_type=g&client_id=web&client_secret=s&a=b';
    expect(sent).toEqual({ method: 'POST', url: '/t', type: FORM, more: 'a', body });
  });

  it.each(['GET', 'HEAD'])('has no body by %s', async (method) => {
    const sent = await send({}, { change: (request) => ({ ...request, method }) });
    expect(sent).toEqual({ method, url: '/oauth/token', type: FORM });
  });

  it.each(['GET', 'HEAD'])('is handed on without a body where it is sent by %s', async (method) => {
    const send = jest.fn(async (_sent: HttpRequest) => ({ status: 200, headers: {}, body: {} }));
    const change = (request: TokenRequest) => ({ ...request, method });
    await createTokenEndpoint(send, {}).send({ grant_type: 'g' }, { change });
    expect(send.mock.calls).toEqual([[expect.objectContaining({ method, body: undefined })]]);
  });

  it('has the body that is given in the place of the parameters', async () => {
    expect(await send({}, { change: (request) => ({ ...request, method: 'PUT', body: 'other' }) })).toMatchObject({
      method: 'PUT',
      body: 'other',
    });
  });
});

describe('race', () => {
  it('tells the one that was issued from those that were refused', async () => {
    const { app } = createEndpoint();
    const endpoint = tokenEndpoint(request(app));
    const { responses, issued, refused } = await race(5, () => endpoint.redeem(good));
    expect([responses.length, issued.length, refused.length]).toEqual([5, 1, 4]);
    expect(refused.map(({ body }) => body.error)).toEqual(Array(4).fill('invalid_grant'));
  });

  it('tells each call which one it is', async () => {
    const { responses } = await race(3, async (index) => ({ status: 200 + index }));
    expect(responses.map(({ status }) => status)).toEqual([200, 201, 202]);
  });
});

describe('Under fake timers', () => {
  beforeEach(() => jest.useFakeTimers({ now: new Date('2030-01-02T03:04:05Z') }));
  afterEach(() => jest.useRealTimers());

  it.each<[string, (app: express.Express) => Parameters<typeof tokenEndpoint>[0]]>([
    ['supertest', (app) => request(app)],
    ['the app', (app) => app],
  ])('codes are redeemed with a nonce, raced and refused over %s', async (_what, target) => {
    const verifyDpop = createDpopVerifier({ ...memoryJtis(), nonceSecret: 'x'.repeat(32) });
    const { app } = createEndpoint({ verifyDpop, tokenEndpoint: URL });
    const endpoint = tokenEndpoint(target(app), { tokenEndpoint: URL, prover: createDpopProver() });
    const { issued } = await race(3, () => endpoint.redeem(good));
    expect(issued).toHaveLength(1);
    jest.advanceTimersByTime(3_600_000);
    expect(await endpoint.redeem(good)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });
});
