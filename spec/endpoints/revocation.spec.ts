import express from 'express';
import request from 'supertest';
import { OAuthError } from '../../lib';
import { createRevocationRouter } from '../../lib/endpoints';
import { API, basic, claimsOf, createJwt, createServer, OPAQUE_API, type Server } from './support';

type Answer = Awaited<ReturnType<Server['revoke']>>;

/** The one answer to a token that was revoked, that is not known, or that is another client's. */
function expectEmpty({ status, headers, text }: Answer): void {
  const { date, 'keep-alive': _keepAlive, connection, ...fields } = headers;
  expect([status, text]).toEqual([200, '']);
  expect(fields).toEqual({
    'x-powered-by': 'Express',
    'cache-control': 'no-store',
    pragma: 'no-cache',
    'content-length': '0',
  });
}

describe('POST /oauth/revoke ends the grant of', () => {
  it.each([
    ['a refresh token', 'refresh_token', API],
    ['a JWT access token', 'access_token', API],
    ['an opaque access token', 'access_token', OPAQUE_API],
  ] as const)('%s, whatever the hint says', async (_title, member, audience) => {
    for (const hint of [undefined, 'access_token', 'refresh_token', 'pct', '']) {
      const server = createServer();
      const tokens = await server.logIn('spa', { audience });
      const more = { client_id: 'spa', ...(hint !== undefined && { token_type_hint: hint }) };
      expectEmpty(await server.revoke(tokens[member], more));
      expect(server.outcomes.at(-1)).toMatchObject({ outcome: 'served', reason: 'token_revoked', clientId: 'spa' });
      const { status, body } = await server.refresh(tokens.refresh_token);
      expect([status, body.error]).toEqual([400, 'invalid_grant']);
    }
  });

  it('a refresh token that is spent', async () => {
    const server = createServer();
    const first = await server.logIn();
    const { body: second } = await server.refresh(first.refresh_token);
    expectEmpty(await server.revoke(first.refresh_token));
    expect((await server.refresh(second.refresh_token)).body.error).toBe('invalid_grant');
  });

  it('a token of a client that authenticates, by its credential only', async () => {
    const server = createServer();
    const tokens = await server.logIn('web');
    const naked = await server.revoke(tokens.refresh_token, { client_id: 'web' });
    expect([naked.status, naked.body.error, naked.headers['www-authenticate']]).toEqual([
      401,
      'invalid_client',
      undefined,
    ]);
    const wrong = await server.revoke(tokens.refresh_token, {}).set('Authorization', basic('web', 'wrong'));
    expect([wrong.status, wrong.headers['www-authenticate']]).toEqual([401, 'Basic realm="revocation endpoint"']);
    expect((await server.store.findRefreshToken(tokens.refresh_token))?.clientId).toBe('web');
    expectEmpty(await server.revoke(tokens.refresh_token, {}).set('Authorization', basic('web')));
    expect(await server.store.findRefreshToken(tokens.refresh_token)).toBeNull();
  });

  it('a token that a client sends as JSON', async () => {
    const server = createServer();
    const { refresh_token: token } = await server.logIn();
    expectEmpty(await request(server.app).post('/oauth/revoke').send({ token, client_id: 'spa' }));
    expect(server.reasons().at(-1)).toBe('token_revoked');
  });

  it('a token whose client is gone before the answer', async () => {
    let isRevoked = false;
    let begin = () => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const server = createServer({
      revocation: {
        async findRefreshToken() {
          begin();
          await gone;
          return { clientId: 'spa', grantId: 'grant 1' };
        },
        async revokeGrant() {
          isRevoked = true;
        },
      },
    });
    let end = () => {};
    const gone = new Promise<void>((resolve) => {
      end = resolve;
    });
    const listening = server.app.listen(0);
    const { port } = listening.address() as { port: number };
    const abort = new AbortController();
    const body = new URLSearchParams({ token: 'a token', client_id: 'spa' });
    const sent = fetch(`http://127.0.0.1:${port}/oauth/revoke`, { method: 'POST', body, signal: abort.signal });
    await begun;
    abort.abort();
    await expect(sent).rejects.toThrow();
    end();
    for (let turn = 0; turn < 200 && !server.reasons().includes('token_revoked'); turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect([isRevoked, server.reasons()]).toEqual([true, ['token_revoked']]);
    listening.closeAllConnections();
    listening.close();
  });
});

describe('POST /oauth/revoke answers alike', () => {
  it.each([
    [
      'to a token that was revoked before',
      async (server: Server) => {
        const { refresh_token: token } = await server.logIn();
        await server.revoke(token);
        return token;
      },
      'token_not_found',
    ],
    ['to an unknown one', async () => 'unknown', 'token_not_found'],
    [
      'to a refresh token of another client',
      async ({ logIn }: Server) => (await logIn('other')).refresh_token,
      'token_of_another_client',
    ],
    [
      'to a JWT of another client',
      async ({ logIn }: Server) => (await logIn('other')).access_token,
      'token_of_another_client',
    ],
    [
      'to an opaque token of another client',
      async ({ logIn }: Server) => (await logIn('other', { audience: OPAQUE_API })).access_token,
      'token_of_another_client',
    ],
  ] as const)('%s', async (_title, create, reason) => {
    const server = createServer();
    const token = await create(server);
    expectEmpty(await server.revoke(token));
    expect(server.outcomes.at(-1)).toMatchObject({ outcome: 'served', status: 200, reason });
  });

  it('to tokens of others, which stay as they are, and are counted once the answer has left', async () => {
    const server = createServer({ revocation: { rateLimit: { limit: 2 } } });
    const { refresh_token: foreign } = await server.logIn('other');
    const { refresh_token: own } = await server.logIn();
    for (const token of ['unknown', foreign, 'unknown', foreign]) expectEmpty(await server.revoke(token));
    const { status, body, headers } = await server.revoke(own);
    expect([status, body.error, Number(headers['retry-after']) > 0]).toEqual([429, 'too_many_requests', true]);
    expect((await server.refresh(foreign, 'other')).status).toBe(200);
    expect((await server.refresh(own)).status).toBe(200);
  });

  it('to an access token that is over: whoever finds it in a log ends no login with it', async () => {
    const server = createServer();
    const tokens = await server.logIn('spa', { audience: OPAQUE_API });
    const record = server.accessTokens.get(tokens.access_token);
    server.accessTokens.set(tokens.access_token, { ...record, expiresAt: new Date(Date.now() - 1) } as never);
    expectEmpty(await server.revoke(tokens.access_token));
    expect(server.reasons().at(-1)).toBe('token_not_found');
    expect((await server.refresh(tokens.refresh_token)).status).toBe(200);
  });
});

describe('POST /oauth/revoke refuses', () => {
  it('a JWT that it cannot find, for resource servers still accept it', async () => {
    const { refresh_token: _refreshToken, access_token: jwt } = await createServer().logIn();
    const strange = createServer({ revocation: { issuer: 'https://other.example' } });
    const { status, body } = await strange.revoke(jwt);
    expect([status, body]).toEqual([
      400,
      {
        error: 'unsupported_token_type',
        error_description: 'This token cannot be revoked, it expires by itself',
      },
    ]);
    expect(strange.reasons()).toEqual(['token_not_revocable']);
  });

  it('a JWT without a grant, as an issuer without a store makes it', async () => {
    const server = createServer({ revocation: { jwks: undefined, issuer: undefined } });
    const { access_token: jwt } = await server.logIn();
    expect((await server.revoke(jwt)).body.error).toBe('unsupported_token_type');
  });

  it('a JWT that names no grant', async () => {
    const server = createServer();
    expect((await server.revoke(createJwt({ jti: 'no grant' }))).body.error).toBe('unsupported_token_type');
  });

  it('JWTs that it cannot find, and counts none: apps send what they have when a user logs out', async () => {
    const server = createServer({ revocation: { rateLimit: { limit: 1 } } });
    for (const token of ['a.b.c', 'a.b.c', 'a.b.c']) expect((await server.revoke(token)).status).toBe(400);
  });

  it('no JWT that is over by its own words, for nobody accepts it', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const jwtOf = (claims: object) => `${part({ alg: 'ES256' })}.${part(claims)}.c2ln`;
    const server = createServer();
    expectEmpty(await server.revoke(jwtOf({ exp: 1 })));
    for (const claims of [{ exp: '1' }, { exp: Date.now() / 1000 + 60 }, {}]) {
      expect((await server.revoke(jwtOf(claims))).body.error).toBe('unsupported_token_type');
    }
    for (const shaped of ['a.b.c', `${part({})}.bm8.c2ln`]) {
      expect((await server.revoke(shaped)).body.error).toBe('unsupported_token_type');
    }
  });

  it.each([
    ['a token that is missing', { client_id: 'spa' }, 'parameter_missing'],
    ['an empty one', { client_id: 'spa', token: '' }, 'parameter_missing'],
    ['one that is sent twice', { client_id: 'spa', token: ['a', 'b'] }, 'parameter_repeated'],
    ['one with other characters', { client_id: 'spa', token: 'ü' }, 'parameter_characters'],
    ['a hint that is sent twice', { client_id: 'spa', token: 'a', token_type_hint: ['a', 'b'] }, 'parameter_repeated'],
    ['a request without a client', { token: 'a' }, 'parameter_missing'],
  ])('%s', async (_title, form, reason) => {
    const server = createServer();
    const body = Object.entries(form)
      .flatMap(([name, value]) => [value].flat().map((each) => `${name}=${encodeURIComponent(each)}`))
      .join('&');
    const answer = await request(server.app).post('/oauth/revoke').type('form').send(body);
    expect([answer.status, answer.body.error, server.reasons()]).toEqual([400, 'invalid_request', [reason]]);
  });

  it.each(['token', 'token_type_hint', 'client_secret', 'refresh_token'])(
    '%s in the query string, and revokes nothing',
    async (name) => {
      const server = createServer();
      const { refresh_token: token } = await server.logIn();
      const answer = await request(server.app)
        .post(`/oauth/revoke?${name}=x`)
        .type('form')
        .send({ token, client_id: 'spa' });
      expect([answer.status, server.reasons().at(-1)]).toEqual([400, 'parameter_in_query']);
      expect((await server.refresh(token)).status).toBe(200);
    },
  );

  it('other methods, in its own name', async () => {
    const { status, body, headers } = await request(createServer().app).get('/oauth/revoke?token=x');
    expect([status, body.error_description, headers.allow]).toEqual([
      405,
      'The revocation endpoint takes POST requests only',
      'POST',
    ]);
  });
});

describe('The revocation endpoint', () => {
  it('is open to pages of allowed origins, and to no others', async () => {
    const { app } = createServer({ revocation: { allowedOrigins: ['https://app.example'] } });
    const from = (origin: string) =>
      request(app).post('/oauth/revoke').set('Origin', origin).type('form').send({ token: 'a', client_id: 'spa' });
    expect((await from('https://app.example')).headers['access-control-allow-origin']).toBe('https://app.example');
    expect((await from('https://evil.example')).headers['access-control-allow-origin']).toBeUndefined();
    const { status } = await from('https://evil.example')
      .set('Sec-Fetch-Site', 'cross-site')
      .set('Sec-Fetch-Mode', 'cors');
    expect(status).toBe(403);
  });

  it.each([
    [undefined, ['refresh', 'access']],
    ['refresh_token', ['refresh', 'access']],
    ['access_token', ['access', 'refresh']],
    ['Access_Token', ['refresh', 'access']],
  ])('begins to look where the hint says: %s', async (hint, order) => {
    const asked: string[] = [];
    const server = createServer({
      revocation: {
        findRefreshToken: () => void asked.push('refresh'),
        findAccessToken: () => void asked.push('access'),
      },
    });
    await server.revoke('unknown', { client_id: 'spa', ...(hint !== undefined && { token_type_hint: hint }) });
    expect(asked).toEqual(order);
  });

  it('looks no further once it has found the token', async () => {
    const findAccessToken = jest.fn(() => null);
    const server = createServer({ revocation: { findAccessToken } });
    const { refresh_token: token } = await server.logIn();
    await server.revoke(token);
    expect([server.reasons().at(-1), findAccessToken.mock.calls]).toEqual(['token_revoked', []]);
  });

  it.each([
    ['that is over now', 0, 'grant 1', 'token_not_found'],
    ['for another millisecond', 1, 'grant 1', 'token_revoked'],
    ['of no grant', 1, null, 'token_not_found'],
  ])('finds an access token %s: %d ms left, %s', async (_which, leftMs, grantId, reason) => {
    const now = Date.now();
    const server = createServer({
      revocation: {
        findAccessToken: () => ({ grantId, expiresAt: new Date(now + leftMs), claims: { client_id: 'spa' } }),
      },
    });
    const clock = jest.spyOn(Date, 'now').mockReturnValue(now);
    expectEmpty(await server.revoke('an access token'));
    clock.mockRestore();
    expect(server.reasons()).toEqual([reason]);
  });

  it('works on adapters of the host alone, for public clients, at a path of its own', async () => {
    const revoked: string[] = [];
    const router = createRevocationRouter({
      path: '/logout',
      findRefreshToken: async (token) => (token === 'known' ? { clientId: 'spa', grantId: 'grant 1' } : null),
      revokeGrant: async (grantId) => void revoked.push(grantId),
      rateLimit: false,
    });
    const app = express().use('/t/:tenant', router);
    const send = (form: object) => request(app).post('/t/one/logout').type('form').send(form);
    expect((await send({ token: 'known', client_id: 'spa' })).status).toBe(200);
    expect((await send({ token: 'known', client_id: 'other' })).status).toBe(200);
    expect((await send({ token: 'unknown', client_id: 'spa' })).status).toBe(200);
    expect(revoked).toEqual(['grant 1']);
  });

  it('finds access tokens only, if the host says no more', async () => {
    const router = createRevocationRouter({
      findAccessToken: () => ({
        grantId: 'grant 1',
        expiresAt: new Date(Date.now() + 60_000),
        claims: { client_id: 'spa' },
      }),
      revokeGrant: async () => {},
    });
    const app = express().use(router);
    expect((await request(app).post('/oauth/revoke').type('form').send({ token: 'a', client_id: 'spa' })).status).toBe(
      200,
    );
  });

  it.each([
    ['findRefreshToken', async () => ({ clientId: 'spa' }) as never, 'refresh_token_malformed'],
    ['findRefreshToken', async () => ({ clientId: '', grantId: 'g' }), 'refresh_token_malformed'],
    ['findRefreshToken', async () => true as never, 'refresh_token_malformed'],
    ['findRefreshToken', () => Promise.reject(new Error('gone')), 'find_refresh_token_failed'],
    ['revokeGrant', () => Promise.reject(new Error('gone')), 'revoke_grant_failed'],
    ['findAccessToken', () => Promise.reject(new Error('gone')), 'find_access_token_failed'],
    ['findAccessToken', async () => 1 as never, 'access_token_malformed'],
    ['findAccessToken', async () => ({ grantId: '', expiresAt: new Date(), claims: {} }), 'access_token_malformed'],
    [
      'findAccessToken',
      async () => ({ grantId: 'g', expiresAt: '2030' as never, claims: {} }),
      'access_token_malformed',
    ],
    [
      'findAccessToken',
      async () => ({ grantId: 'g', expiresAt: new Date('no'), claims: {} }),
      'access_token_malformed',
    ],
    [
      'findAccessToken',
      async () => ({ grantId: 'g', expiresAt: new Date(), claims: null as never }),
      'access_token_malformed',
    ],
  ] as const)('reports what is wrong with %s (%#)', async (name, adapter, reason) => {
    const server = createServer({ revocation: { [name]: adapter } });
    const { refresh_token: token } = await server.logIn();
    const { status, body } = await server.revoke(name === 'findAccessToken' ? 'unknown' : token);
    expect([status, body.error, server.reasons().at(-1)]).toEqual([500, 'server_error', reason]);
  });

  it('lets an adapter refuse, and answers 503 when one hangs', async () => {
    const refusing = createServer({
      revocation: {
        findRefreshToken() {
          throw new OAuthError('access_denied', 'Not today', { reason: 'closed' });
        },
      },
    });
    expect((await refusing.revoke('a')).body).toEqual({ error: 'access_denied', error_description: 'Not today' });
    const hanging = createServer({
      revocation: {
        adapterTimeout: 300,
        findRefreshToken: async () => ({ clientId: 'spa', grantId: 'grant 1' }),
        revokeGrant: () => new Promise<void>(() => {}),
      },
    });
    const { status, headers } = await hanging.revoke('a');
    expect([status, headers['retry-after'], hanging.reasons()]).toEqual([503, '1', ['adapter_timeout']]);
  });

  it('knows a public client by the form of its id that a token was saved under', async () => {
    const revokeGrant = jest.fn(async () => {});
    const router = createRevocationRouter({
      findRefreshToken: async () => ({ clientId: 'a%20b', grantId: 'grant 1' }),
      revokeGrant,
    });
    const id = Buffer.from('a%20b:').toString('base64');
    const send = request(express().use(router)).post('/oauth/revoke').type('form').send({ token: 'a' });
    await send.set('Authorization', `Basic ${id}`);
    expect(revokeGrant).toHaveBeenCalledTimes(1);
  });
});

describe('The token endpoint beside it', () => {
  it('keeps its own name and answers', async () => {
    const { app } = createServer();
    const { body } = await request(app).get('/oauth/token');
    expect(body.error_description).toBe('The token endpoint takes POST requests only');
  });

  it('writes the grant into the jti of JWTs, which stay unique', async () => {
    const { logIn } = createServer();
    const [one, two] = [claimsOf((await logIn()).access_token), claimsOf((await logIn()).access_token)];
    expect(one.jti).toMatch(/^[\da-f-]{36}\.[\da-f]{64}$/);
    expect(one.jti).not.toBe(two.jti);
  });
});
