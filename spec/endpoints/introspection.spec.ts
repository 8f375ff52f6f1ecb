import { generateKeyPairSync } from 'node:crypto';
import request from 'supertest';
import {
  API,
  basic,
  claimsOf,
  createJwt,
  createServer,
  ISSUER,
  OPAQUE_API,
  part,
  SECRET,
  type Server,
} from './support';

const INACTIVE = '{"active":false}';
const seconds = () => Math.floor(Date.now() / 1000);

describe('POST /oauth/introspect tells of', () => {
  it('a live JWT, and no claim beyond RFC 7662', async () => {
    const server = createServer();
    const { access_token: token } = await server.logIn();
    const { status, body, headers } = await server.introspect(token);
    const { iss, sub, aud, client_id, iat, exp, jti, scope } = claimsOf(token);
    expect(status).toBe(200);
    expect(body).toEqual({ active: true, iss, sub, aud, client_id, iat, exp, jti, scope, token_type: 'Bearer' });
    expect([headers['cache-control'], headers['content-type'], headers.etag]).toEqual([
      'no-store',
      'application/json',
      undefined,
    ]);
    expect(server.outcomes.at(-1)).toMatchObject({ outcome: 'served', reason: 'token_introspected', clientId: 'api' });
  });

  it('a live opaque token', async () => {
    const server = createServer();
    const { access_token: token } = await server.logIn('spa', { audience: OPAQUE_API });
    const { body } = await server.introspect(token, 'opaque');
    expect(body).toMatchObject({ active: true, sub: 'ann', aud: OPAQUE_API, client_id: 'spa', token_type: 'Bearer' });
  });

  it('a token that is bound to a key', async () => {
    const { body } = await createServer().introspect(createJwt({ cnf: { jkt: 'a thumbprint' }, email: 'a@b.example' }));
    expect([body.active, body.token_type, body.cnf, body.email]).toEqual([
      true,
      'DPoP',
      { jkt: 'a thumbprint' },
      undefined,
    ]);
  });

  it.each([
    ['by a certificate', { 'x5t#S256': 'a thumbprint' }],
    ['by nothing', {}],
    ['by a thumbprint that is no text', { jkt: 1 }],
    ['by null', null],
  ])('a token that is bound to no key, but %s', async (_title, cnf) => {
    const { body } = await createServer().introspect(createJwt({ cnf }));
    expect([body.active, body.token_type, body.cnf]).toEqual([true, 'Bearer', cnf]);
  });

  it('a token of any audience of the resource server', async () => {
    const server = createServer({ introspection: { resourceServer: () => ['https://other.example', API] } });
    expect((await server.introspect(createJwt())).body.active).toBe(true);
  });

  it.each([
    ['another typ', {}, { typ: 'JWT' }],
    ['a typ as a media type', {}, { typ: 'application/AT+JWT' }],
    ['several audiences', { aud: ['https://other.example', API] }, {}],
    ['its audience in another spelling', { aud: 'HTTPS://API.example' }, {}],
    ['a time before which it is not valid, and which is over', { nbf: 1 }, {}],
  ])('a JWT of %s', async (_title, claims, header) => {
    expect((await createServer().introspect(createJwt(claims, header))).body.active).toBe(true);
  });

  it('a JWT of a key that is published after a rotation, and of none that is gone', async () => {
    const server = createServer();
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const before = createJwt();
    expect((await server.introspect(before)).body.active).toBe(true);
    server.rotateKeys([{ kid: 'key 2', privateKey }]);
    expect((await server.introspect(before)).text).toBe(INACTIVE);
    expect((await server.introspect(createJwt({}, { kid: 'key 2' }, privateKey))).body.active).toBe(true);
  });
});

describe('POST /oauth/introspect says { "active": false } and no more of', () => {
  it.each<[string, (server: Server) => string | Promise<string>]>([
    ['an unknown token', () => 'unknown'],
    ['a refresh token', async ({ logIn }) => (await logIn()).refresh_token],
    ['an ID token', async ({ logIn }) => (await logIn()).id_token],
    ['a token of another audience', async ({ logIn }) => (await logIn('spa', { audience: OPAQUE_API })).access_token],
    [
      'a token whose grant was revoked',
      async ({ logIn, revoke }) => {
        const { access_token: token, refresh_token } = await logIn();
        await revoke(refresh_token);
        return token;
      },
    ],
    [
      'a token whose grant the store does not know',
      () => createJwt({ jti: `${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}.${'a'.repeat(64)}` }),
    ],
    ['a JWT that is over', () => createJwt({ exp: seconds() - 1 })],
    ['a JWT that is over now', () => createJwt({ exp: seconds() })],
    ['a JWT that is not valid yet', () => createJwt({ nbf: seconds() + 60 })],
    ['a JWT of another issuer', () => createJwt({ iss: 'https://other.example' })],
    ['a JWT of an issuer with a slash', () => createJwt({ iss: `${ISSUER}/` })],
    ['a JWT without a client', () => createJwt({ client_id: undefined })],
    ['a JWT without an end', () => createJwt({ exp: undefined })],
    ['a JWT whose end is text', () => createJwt({ exp: '9999999999' })],
    ['a JWT without an audience', () => createJwt({ aud: undefined })],
    ['a JWT whose audience is no text', () => createJwt({ aud: [1, {}, null] })],
    ['a JWT of another key', () => createJwt({}, {}, generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)],
    ['a JWT of an unknown key', () => createJwt({}, { kid: 'unknown' })],
    ['a JWT without a kid', () => createJwt({}, { kid: undefined })],
    ['a JWT that is not signed', () => `${part({ alg: 'none', typ: 'at+jwt', kid: 'key 1' })}.${part({})}.`],
    ['a JWT of alg none with a signature', () => createJwt({}, { alg: 'none' })],
    ['a JWT of a symmetric alg', () => createJwt({}, { alg: 'HS256' })],
    ['a DPoP proof', () => createJwt({}, { typ: 'dpop+jwt' })],
    ['a JWT with a critical extension', () => createJwt({}, { crit: ['exp'] })],
    [
      'a JWT whose payload was changed',
      () => createJwt().replace(/\.[^.]+\./, `.${part({ iss: ISSUER, aud: API, exp: seconds() + 9 })}.`),
    ],
    ['three parts of nothing', () => 'a.b.c'],
    ['a JWT in other base64', () => `${createJwt()}=`],
  ])('%s', async (_title, create) => {
    const server = createServer();
    const { status, text } = await server.introspect(await create(server));
    expect([status, text, server.outcomes.at(-1)?.reason]).toEqual([200, INACTIVE, 'token_inactive']);
  });

  it('every token to a client that is no resource server', async () => {
    const server = createServer();
    const { access_token: token } = await server.logIn();
    expect((await server.introspect(token, 'web')).text).toBe(INACTIVE);
  });

  it('an opaque token that is over', async () => {
    const server = createServer();
    const { access_token: token } = await server.logIn('spa', { audience: OPAQUE_API });
    server.accessTokens.set(token, { ...server.accessTokens.get(token), expiresAt: new Date() } as never);
    expect((await server.introspect(token, 'opaque')).text).toBe(INACTIVE);
  });

  it.each([
    ['is in a minute', false, { nbf: seconds() + 60 }],
    ['is over', true, { nbf: 1 }],
    ['is an empty column', true, { nbf: null }],
  ])(
    'an opaque token before its nbf, and not after it: one whose nbf %s is active: %p',
    async (_title, isActive, claims) => {
      const found = { expiresAt: new Date(Date.now() + 60_000), claims: { aud: API, sub: 'ann', ...claims } };
      const server = createServer({ introspection: { findAccessToken: () => found } });
      const { body } = await server.introspect('opaque');
      expect(body).toEqual(isActive ? expect.objectContaining({ active: true, sub: 'ann' }) : { active: false });
      expect(server.reasons()).toEqual([isActive ? 'token_introspected' : 'token_inactive']);
    },
  );

  it.each([
    [0, true],
    [-1, false],
  ])(
    'an opaque token by its nbf to the millisecond: %i ms after it, it is active: %p',
    async (milliseconds, isActive) => {
      const nbf = seconds() + 60;
      const claims = { aud: API, sub: 'ann', nbf };
      const found = { expiresAt: new Date(nbf * 1000 + 60_000), claims };
      const server = createServer({ introspection: { findAccessToken: () => found } });
      const clock = jest.spyOn(Date, 'now').mockReturnValue(nbf * 1000 + milliseconds);
      const { body } = await server.introspect('opaque');
      clock.mockRestore();
      expect(body.active).toBe(isActive);
    },
  );

  it('a JWT by a key that is too large to verify by', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'key 1', alg: 'RS256' };
    const odd = { kty: 'oct', kid: 'key 1', alg: 'HS256' };
    const server = createServer({ introspection: { jwks: () => ({ keys: [jwk, odd] }) } });
    expect((await server.introspect(createJwt())).text).toBe(INACTIVE);
  });
});

test.each([
  ['once', ['verify'], true],
  ['twice', ['verify', 'verify'], false],
])('A key verifies JWTs that has verify %s in its key_ops: %p is %p', async (_times, key_ops, isActive) => {
  const keys = createServer()
    .jwks()
    .keys.map((jwk) => ({ ...jwk, key_ops }));
  const server = createServer({ introspection: { jwks: () => ({ keys }) } });
  expect((await server.introspect(createJwt())).body.active).toBe(isActive);
});

describe('POST /oauth/introspect answers 401', () => {
  it.each<[string, Record<string, string>, string | undefined, string]>([
    ['to nobody', {}, undefined, 'client_credential_missing'],
    ['to a public client', { client_id: 'spa' }, undefined, 'client_credential_missing'],
    ['to a resource server without its secret', { client_id: 'opaque' }, undefined, 'client_credential_missing'],
    ['to an empty secret', {}, basic('api', ''), 'client_credential_missing'],
    ['to a wrong secret', {}, basic('api', 'wrong'), 'client_secret_wrong'],
    ['to an access token as the credential', {}, 'Bearer token', 'authorization_scheme_unsupported'],
  ])('%s', async (_title, form, authorization, reason) => {
    const server = createServer();
    const { access_token: token } = await server.logIn();
    const sent = server.post('/oauth/introspect', { token, ...form });
    const { status, body, headers } = await (authorization ? sent.set('Authorization', authorization) : sent);
    expect([status, body.error, server.outcomes.at(-1)?.reason]).toEqual([401, 'invalid_client', reason]);
    expect(headers['www-authenticate']).toBe(authorization && 'Basic realm="introspection endpoint"');
  });
});

describe('POST /oauth/introspect refuses', () => {
  it.each([
    ['a token that is missing', 'token_type_hint=access_token', 'parameter_missing'],
    ['a token that is sent twice', 'token=a&token=b', 'parameter_repeated'],
    ['a hint that is sent twice', 'token=a&token_type_hint=a&token_type_hint=b', 'parameter_repeated'],
  ])('%s', async (_title, body, reason) => {
    const server = createServer();
    const sent = request(server.app).post('/oauth/introspect').set('Authorization', basic('api')).type('form');
    const { status, body: answer } = await sent.send(body);
    expect([status, answer.error, server.reasons()]).toEqual([400, 'invalid_request', [reason]]);
  });

  it.each(['token', 'token_type_hint'])('%s in the query string', async (name) => {
    const server = createServer();
    const sent = server.post(`/oauth/introspect?${name}=a`, { token: 'a' });
    expect((await sent.set('Authorization', basic('api'))).status).toBe(400);
    expect(server.reasons()).toEqual(['parameter_in_query']);
  });
});

describe('The introspection endpoint', () => {
  it('counts wrong credentials, and no token that is inactive: whoever sends garbage to an API must not close it', async () => {
    const server = createServer({ introspection: { rateLimit: { limit: 2 } } });
    const { access_token: token } = await server.logIn();
    for (const each of ['a', 'b', 'c', 'a.b.c']) expect((await server.introspect(each)).status).toBe(200);
    const guess = () => server.post('/oauth/introspect', { token }).set('Authorization', basic('api', 'guess'));
    expect([(await guess()).status, (await guess()).status, (await guess()).status]).toEqual([401, 401, 429]);
    expect((await server.introspect(token)).status).toBe(429);
  });

  it('takes POST alone: a token in a URL is in a log by now', async () => {
    const server = createServer();
    const { access_token: token } = await server.logIn();
    const { status, headers, body } = await request(server.app)
      .get('/oauth/introspect')
      .query({ token })
      .set('Authorization', basic('api'));
    expect([status, headers.allow, body]).toEqual([
      405,
      'POST',
      { error: 'invalid_request', error_description: 'The introspection endpoint takes POST requests only' },
    ]);
  });

  it('is closed to pages', async () => {
    const { app } = createServer();
    const preflight = await request(app)
      .options('/oauth/introspect')
      .set({ Origin: 'https://app.example', 'Access-Control-Request-Method': 'POST' });
    expect([preflight.status, preflight.headers['access-control-allow-origin']]).toEqual([405, undefined]);
    const page = await request(app)
      .post('/oauth/introspect')
      .set({ Origin: 'https://app.example', 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'cors' })
      .type('form')
      .send({ token: 'a', client_id: 'opaque', client_secret: SECRET });
    expect([page.status, page.headers['access-control-allow-origin']]).toEqual([403, undefined]);
  });

  it('asks findAccessToken for JWTs that its keys do not know', async () => {
    const found = { expiresAt: new Date(Date.now() + 60_000), claims: { aud: API, sub: 'bob', client_id: 'spa' } };
    const server = createServer({ introspection: { findAccessToken: () => found } });
    expect((await server.introspect('a.b.c')).body).toMatchObject({ active: true, sub: 'bob' });
  });

  it.each([
    ['resourceServer', () => [API, 1] as never, 'resource_server_failed'],
    ['resourceServer', () => Promise.reject(new Error('gone')), 'resource_server_failed'],
    ['isRevoked', () => Promise.reject(new Error('gone')), 'is_revoked_failed'],
    [
      'jwks',
      () => {
        throw new Error('gone');
      },
      'unexpected',
    ],
  ] as const)('reports what is wrong with %s (%#)', async (name, adapter, reason) => {
    const server = createServer({ introspection: { [name]: adapter } });
    const { access_token: token } = await server.logIn();
    const { status, body } = await server.introspect(token);
    expect([status, body.error, server.outcomes.at(-1)?.reason]).toEqual([500, 'server_error', reason]);
  });

  it.each([
    ['resourceServer', null, 'null; it must return an array of audiences'],
    ['resourceServer', [1], 'an array of 1; it must return an array of audiences'],
    ['resourceServer', API, `'${API}'; it must return an array of audiences`],
    ['isRevoked', undefined, 'undefined; it must return true or false'],
    ['isRevoked', 0, '0; it must return true or false'],
  ] as const)('says what %s must return (%#)', async (name, value, message) => {
    const server = createServer({ introspection: { [name]: () => value } });
    const { access_token: token } = await server.logIn();
    expect((await server.introspect(token)).status).toBe(500);
    const { reason, fault } = server.outcomes.at(-1) ?? {};
    const expected = name === 'isRevoked' ? 'is_revoked_failed' : 'resource_server_failed';
    expect([reason, String(fault)]).toEqual([expected, `TypeError: ${name} returned ${message}`]);
  });
});
