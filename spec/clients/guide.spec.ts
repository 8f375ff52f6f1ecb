import * as crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import express from 'express';
import request from 'supertest';
import * as core from '../../lib';
import * as clientsModule from '../../lib/clients';
import * as memory from '../../lib/stores/memory';
import * as tokens from '../../lib/tokens';

const app = express();
const MODULES: Readonly<Record<string, unknown>> = {
  'node:crypto': crypto,
  express: () => Object.assign(app, { listen: jest.fn() }),
  'express-token-router': core,
  'express-token-router/clients': clientsModule,
  'express-token-router/memory': memory,
  'express-token-router/tokens': tokens,
};
const guide = readFileSync(join(__dirname, '../../docs/guides/clients.md'), 'utf8');
const [start, keys, documents, own] = [...guide.matchAll(/^```js(?: [^\n]*)?\n(.*?)^```$/gms)].map(([, code]) =>
  String(code),
);

/** A function body imports nothing, and awaits nothing. */
const toRequire = (code = '') =>
  code.replaceAll(/^import (.+) from ('[^']+');$/gm, 'const $1 = require($2);').replaceAll(/^await /gm, 'void ');

/** Runs a sample of the guide with the names that it does not declare, and returns some that it does. */
function runSample(code: string | undefined, given: Record<string, unknown>, wanted: readonly string[]) {
  const require = (name: string) => MODULES[name];
  const run = new Function('require', ...Object.keys(given), `${toRequire(code)}\nreturn { ${wanted.join(', ')} };`);
  return run(require, ...Object.values(given)) as Record<string, never>;
}

it('The guide has four samples', () => {
  expect([start, keys, documents, own].every((sample) => sample !== undefined)).toBe(true);
});

it('The first sample of the guide serves a client with its secret, and refuses it without', async () => {
  const log = jest.fn();
  const { clientSecret } = runSample(start, { console: { log } }, ['clientSecret']);
  expect(log).toHaveBeenCalledWith(`export CLIENT_SECRET=${clientSecret}`);
  const form = {
    grant_type: 'authorization_code',
    code: 'a-code',
    redirect_uri: 'https://app.example/callback',
    code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
  };
  const post = (secret: string) => request(app).post('/oauth/token').type('form').send(form).auth('web', secret);
  expect((await post('wrong')).status).toBe(401);
  expect(
    (
      await request(app)
        .post('/oauth/token')
        .type('form')
        .send({ ...form, client_id: 'web' })
    ).status,
  ).toBe(401);
  expect((await post(String(clientSecret))).status).toBe(200);
});

it('The second sample is a client whose public key has no private half', () => {
  const { client } = runSample(keys, {}, ['client']) as never as { client: { jwks: { keys: object[] } } };
  expect(client.jwks.keys.map((key) => Object.keys(key).sort())).toEqual([['crv', 'kty', 'x', 'y']]);
});

it('The third sample finds clients that are registered, and looks others up by their URL', async () => {
  const clients = new Map([['spa', { clientId: 'spa', tokenEndpointAuthMethod: 'none' }]]);
  const given = { clients, consumeJti: () => true };
  const { authenticateClient } = runSample(documents, given, ['authenticateClient']) as never as {
    authenticateClient: clientsModule.AuthenticateClient;
  };
  const find = (clientId: string) => authenticateClient({ method: 'none', clientId }, {} as never);
  await expect(find('spa')).resolves.toMatchObject({ clientId: 'spa' });
  await expect(find('nobody')).rejects.toMatchObject({ reason: 'client_not_found' });
  await expect(find('https://127.0.0.1/id')).rejects.toMatchObject({ reason: 'client_metadata_unusable' });
});

it('The fourth sample authenticates clients at an endpoint of the host’s own', async () => {
  const app = express();
  const { clientSecret, clientSecretHash } = clientsModule.createClientSecret();
  const authenticateClient = clientsModule.createClientAuthentication({
    findClient: () => ({ clientId: 'web', tokenEndpointAuthMethod: 'client_secret_post', clientSecretHash }),
    methods: ['client_secret_post'],
  });
  runSample(own, { app, express, authenticateClient }, []);
  const post = (client_secret: string) =>
    request(app).post('/device_authorization').type('form').send({ client_id: 'web', client_secret });
  expect([(await post('wrong')).status, (await post(clientSecret)).body]).toEqual([401, { client_id: 'web' }]);
});
