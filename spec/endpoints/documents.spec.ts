import { generateKeyPairSync } from 'node:crypto';
import express from 'express';
import request from 'supertest';
import { createTokenRouter } from '../../lib';
import { authorizationServerMetadata, createJwksRouter, createMetadataRouter } from '../../lib/endpoints';
import { createTokenIssuer } from '../../lib/tokens';
import { EC } from '../support/issuer';
import { ISSUER } from './support';

const jwks = () => ({ keys: [{ kty: 'EC', alg: 'ES256' }] });
const metadataOf = (issuer: string, members: object = {}, keys: typeof jwks | undefined = jwks) =>
  authorizationServerMetadata({
    issuer,
    tokenRouter: createTokenRouter({
      findCode: () => null,
      consumeCode: () => false,
      issueTokens: () => ({ access_token: 'an access token', expires_in: 60 }),
    }),
    jwks: keys,
    members: { authorization_endpoint: `${ISSUER}/authorize`, ...members },
  });

describe('createMetadataRouter', () => {
  it.each([
    ['https://auth.example', ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']],
    ['https://auth.example/', ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']],
    [
      'https://auth.example/t/one',
      [
        '/.well-known/oauth-authorization-server/t/one',
        '/t/one/.well-known/openid-configuration',
        '/.well-known/openid-configuration/t/one',
      ],
    ],
    [
      'https://auth.example/t/one/',
      [
        '/.well-known/oauth-authorization-server/t/one',
        '/t/one/.well-known/openid-configuration',
        '/.well-known/openid-configuration/t/one',
      ],
    ],
  ])('serves the document of %s to every page', async (issuer, paths) => {
    const metadata = metadataOf(issuer, { scopes_supported: ['openid'] });
    const app = express().use(createMetadataRouter({ metadata, jwks }));
    for (const path of [...paths, new URL(String(metadata.jwks_uri)).pathname]) {
      const { status, body, headers } = await request(app).get(path).set('Origin', 'https://app.example');
      expect([path, status, body]).toEqual([path, 200, path.endsWith('jwks.json') ? jwks() : metadata]);
      expect(headers).toMatchObject({
        'access-control-allow-origin': '*',
        'cache-control': 'public, max-age=300',
        'content-type': expect.stringMatching(/^application\/json/),
      });
      const wrong = await request(app).post(path);
      expect([wrong.status, wrong.headers.allow]).toEqual([405, 'GET, HEAD']);
      expect((await request(app).get(`${path}x`)).status).toBe(404);
    }
  });

  it('answers the preflight of every page: for GET, with any fields, for two hours', async () => {
    const app = express().use(createMetadataRouter({ metadata: metadataOf(ISSUER) }));
    const { status, headers } = await request(app).options('/.well-known/oauth-authorization-server').set({
      Origin: 'https://app.example',
      'Access-Control-Request-Method': 'GET',
      'Access-Control-Request-Headers': 'mcp-protocol-version',
    });
    expect(status).toBe(204);
    expect(headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET',
      'access-control-allow-headers': 'mcp-protocol-version',
      'access-control-max-age': '7200',
    });
  });

  it.each([
    ['in other letters', '/.Well-Known/OAuth-Authorization-Server', 404],
    ['with any character for a dot', '/xwell-known/oauth-authorization-server', 404],
    ['below another path', '/t/.well-known/oauth-authorization-server', 404],
    ['with a slash after it', '/.well-known/oauth-authorization-server/', 200],
  ])('answers the path %s: %s is %d', async (_which, path, status) => {
    const app = express().use(createMetadataRouter({ metadata: metadataOf(ISSUER) }));
    expect((await request(app).get(path)).status).toBe(status);
  });

  it('serves the keys at the path of jwks_uri', async () => {
    const metadata = metadataOf(ISSUER, { jwks_uri: `${ISSUER}/keys(1)+$` });
    const app = express().use(createMetadataRouter({ metadata, jwks }));
    expect((await request(app).get('/keys(1)+$')).body).toEqual(jwks());
    expect((await request(app).get('/.well-known/jwks.json')).status).toBe(404);
  });

  it('serves no document of OpenID Connect, and no keys, where there are none', async () => {
    const app = express().use(createMetadataRouter({ metadata: metadataOf(ISSUER, {}, undefined), maxAge: 0 }));
    const { headers } = await request(app).get('/.well-known/oauth-authorization-server');
    expect(headers['cache-control']).toBe('public, max-age=0');
    for (const path of ['/.well-known/openid-configuration', '/.well-known/jwks.json']) {
      expect((await request(app).get(path)).status).toBe(404);
    }
  });

  it.each([
    [{}, 'metadata is undefined. Pass what authorizationServerMetadata returned.'],
    [undefined, 'metadata is undefined. Pass what authorizationServerMetadata returned.'],
    [{ jwks }, 'metadata is undefined. Pass what authorizationServerMetadata returned.'],
    [{ metadata: { issuer: ISSUER }, maxAge: -1 }, 'maxAge is -1. Write seconds, a whole number from 0.'],
    [{ metadata: { issuer: ISSUER }, maxage: 5 }, 'maxage does not exist. Did you mean maxAge?'],
    [{ metadata: { issuer: ISSUER }, ttl: 5 }, 'ttl does not exist. These exist: metadata, jwks, maxAge.'],
    [
      { metadata: { issuer: ISSUER }, jwks },
      'jwks is served nowhere, because metadata has no jwks_uri. Pass jwks to authorizationServerMetadata as well.',
    ],
    [
      { metadata: { issuer: ISSUER, jwks_uri: `${ISSUER}/keys` }, jwks: { keys: [] } },
      'jwks is an object with keys. Pass jwks of createTokenIssuer, a function that answers at once.',
    ],
    [
      { metadata: { issuer: ISSUER, jwks_uri: `${ISSUER}/keys` }, jwks: async () => ({ keys: [] }) },
      'jwks is the async function jwks. Pass jwks of createTokenIssuer, a function that answers at once.',
    ],
  ])('refuses wrong options, and says no more: %#', (options, message) => {
    const create = () => createMetadataRouter(options as never);
    expect(create).toThrow(TypeError);
    expect(create).toThrow(new TypeError(`createMetadataRouter: ${message}`));
  });
});

describe('createJwksRouter', () => {
  it('serves the keys as they are now', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const issuer = createTokenIssuer({
      issuer: ISSUER,
      keys: [{ kid: 'one', privateKey: EC.privateKey }],
      apis: [{ identifier: 'api', lifetime: 60, scopes: [] }],
    });
    const app = express().use(createJwksRouter({ jwks: issuer.jwks, maxAge: 60 }));
    const kids = async () => (await request(app).get('/.well-known/jwks.json')).body.keys.map(({ kid }: never) => kid);
    expect(await kids()).toEqual(['one']);
    issuer.rotateKeys([{ kid: 'two', privateKey }]);
    expect(await kids()).toEqual(['two']);
    const { headers } = await request(app).head('/.well-known/jwks.json');
    expect(headers['cache-control']).toBe('public, max-age=60');
  });

  it('serves them at a path of your own, in these letters only', async () => {
    const app = express().use(createJwksRouter({ jwks, path: '/keys' }));
    const { body, headers } = await request(app).get('/keys');
    expect([body, headers['cache-control']]).toEqual([jwks(), 'public, max-age=300']);
    for (const path of ['/Keys', '/t/keys', '/keys/1']) expect((await request(app).get(path)).status).toBe(404);
  });

  it.each([
    [undefined, 'jwks is undefined. Pass jwks of createTokenIssuer, a function that answers at once.'],
    [{}, 'jwks is undefined. Pass jwks of createTokenIssuer, a function that answers at once.'],
    [
      { jwks: createTokenIssuer },
      'jwks is the function createTokenIssuer. Pass jwks of createTokenIssuer, a function that answers at once.',
    ],
    [
      { jwks: async () => ({ keys: [] }) },
      'jwks is the async function jwks. Pass jwks of createTokenIssuer, a function that answers at once.',
    ],
    [{ jwks, paht: '/keys' }, 'paht does not exist. These exist: jwks, path, maxAge.'],
    [{ jwks, path: 'keys' }, "path is 'keys'. Write a path such as '/.well-known/jwks.json': a slash first."],
    [{ jwks, path: ['/keys'] }, "path is an array of 1. Write a path such as '/.well-known/jwks.json': a slash first."],
    [{ jwks, maxAge: '1' }, "maxAge is '1'. Write seconds, a whole number from 0."],
    [{ jwks, maxAge: 1.5 }, 'maxAge is 1.5. Write seconds, a whole number from 0.'],
  ])('refuses wrong options, and says what to write: %#', (options, message) => {
    const create = () => createJwksRouter(options as never);
    expect(create).toThrow(TypeError);
    expect(create).toThrow(new TypeError(`createJwksRouter: ${message}`));
  });
});
