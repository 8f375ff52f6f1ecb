import express from 'express';
import request from 'supertest';
import { createTokenRouter } from '../../lib';
import { authorizationServerMetadata, createMetadataRouter, createRevocationRouter } from '../../lib/endpoints';
import { API, basic, claimsOf, createJwt, createServer, ISSUER, OPAQUE_API, SECRET, signJwt } from './support';

const INACTIVE = '{"active":false}';
const HINTS = [undefined, 'access_token', 'refresh_token', 'ACCESS_TOKEN', 'pct', ''];

describe('What a resource server says beside the token', () => {
  it.each([
    ['a JWT', API],
    ['an opaque token', OPAQUE_API],
  ])('does not change whether it is live: %s, whatever the hint', async (_which, audience) => {
    const server = createServer();
    const { access_token: token, refresh_token } = await server.logIn('spa', { audience });
    const client = audience === API ? 'api' : 'opaque';
    const ask = (form: object) =>
      client === 'api'
        ? server.post('/oauth/introspect', form).set('Authorization', basic('api'))
        : server.post('/oauth/introspect', { ...form, client_id: client, client_secret: SECRET });
    for (const hint of HINTS) {
      const { body } = await ask({ token, token_type_hint: hint });
      expect([hint, body.active, body.aud]).toEqual([hint, true, audience]);
      expect([hint, (await ask({ token: refresh_token, token_type_hint: hint })).text]).toEqual([hint, INACTIVE]);
    }
  });

  it('does not change it either if nobody knows the parameter', async () => {
    const server = createServer();
    const { access_token: live } = await server.logIn();
    const ask = (token: string) =>
      server
        .post('/oauth/introspect', { token, ip: '192.0.2.1', resource: OPAQUE_API, active: 'true', scope: 'admin' })
        .set('Authorization', basic('api'));
    expect((await ask(live)).body).toMatchObject({ active: true, aud: API, scope: claimsOf(live).scope });
    expect((await ask('unknown')).text).toBe(INACTIVE);
    expect(server.reasons().slice(-2)).toEqual(['token_introspected', 'token_inactive']);
  });
});

describe('The iss of a JWT is compared by its code points', () => {
  const claims = claimsOf(createJwt());
  const withIssuer = (written: string) =>
    signJwt(JSON.stringify({ ...claims, iss: '' }).replace('"iss":""', `"iss":"${written}"`));

  it.each([
    ['with slashes escaped as JSON allows it', ISSUER.replaceAll('/', '\\/'), true],
    ['with a letter escaped as JSON allows it', ISSUER.replace('a', '\\u0061'), true],
    ['with a letter of full width, which Unicode normalizes to it', ISSUER.replace('a', '\uFF41'), false],
    ['with that letter escaped', ISSUER.replace('a', '\\uff41'), false],
    ['with a capital letter in its host', ISSUER.replace('a', 'A'), false],
    ['with its default port', `${ISSUER}:443`, false],
  ])('%s: %s is %p', async (_how, written, isActive) => {
    const server = createServer();
    expect((await server.introspect(withIssuer(written))).body.active).toBe(isActive);
    expect(server.reasons()).toEqual([isActive ? 'token_introspected' : 'token_inactive']);
  });
});

describe('Tokens', () => {
  it('of the issuer have the characters of a Bearer credential', async () => {
    const server = createServer();
    const tokens = [
      (await server.logIn()).access_token,
      (await server.logIn('spa', { audience: OPAQUE_API })).access_token,
      await server.issueForClient('web', { scope: 'read:notes' }),
    ];
    expect(tokens.map((token) => token.split('.').length)).toEqual([3, 1, 3]);
    for (const token of tokens) expect(token).toMatch(/^[\w.~+/-]+=*$/);
  });

  it('are in no URL and in no cookie of an answer, be it good or bad', async () => {
    const server = createServer();
    const { access_token: live, refresh_token } = await server.logIn();
    const answers = [
      await server.refresh(refresh_token),
      await server.refresh('unknown'),
      await server.introspect(live),
      await server.introspect('unknown'),
      await server.introspect(live).set('Authorization', basic('api', 'wrong')),
      await server.revoke(live),
      await server.revoke('unknown'),
      await server.revoke('a.b.c'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 400, 200, 200, 401, 200, 200, 400]);
    for (const { headers } of answers) {
      expect([headers['set-cookie'], headers.location, headers.refresh, headers.link]).toEqual(
        Array(4).fill(undefined),
      );
      expect([headers['cache-control'], headers.pragma]).toEqual(['no-store', 'no-cache']);
    }
  });
});

describe('The URL of the revocation endpoint', () => {
  const createOwn = (query: string) => {
    const revoked: string[] = [];
    const revocationRouter = createRevocationRouter({
      findRefreshToken: async (token) => (token === 'known' ? { clientId: 'spa', grantId: 'grant 1' } : null),
      revokeGrant: async (grantId) => void revoked.push(grantId),
    });
    const tokenRouter = createTokenRouter({
      findCode: () => null,
      consumeCode: () => false,
      issueTokens: () => ({ access_token: 'a', expires_in: 60 }),
    });
    const metadata = authorizationServerMetadata({
      issuer: ISSUER,
      tokenRouter,
      revocationRouter,
      members: {
        authorization_endpoint: `${ISSUER}/authorize`,
        revocation_endpoint: `${ISSUER}/oauth/revoke${query}`,
      },
    });
    return { app: express().use(revocationRouter, createMetadataRouter({ metadata })), revoked };
  };

  it('may have a query, which is kept', async () => {
    const { app, revoked } = createOwn('?tenant=one');
    const { body } = await request(app).get('/.well-known/oauth-authorization-server');
    const { pathname, search } = new URL(body.revocation_endpoint);
    expect([pathname, search]).toEqual(['/oauth/revoke', '?tenant=one']);
    const form = { token: 'known', client_id: 'spa' };
    expect((await request(app).post(`${pathname}${search}`).type('form').send(form)).status).toBe(200);
    expect(revoked).toEqual(['grant 1']);
  });

  it('has no fragment', () => {
    expect(() => createOwn('#tenant')).toThrow(
      `members.revocation_endpoint is '${ISSUER}/oauth/revoke#tenant'. Write an http(s) URL without a fragment.`,
    );
  });
});
