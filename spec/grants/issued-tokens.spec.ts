import { createEndpoint, type Options } from '../support/endpoint';
import { expectRefusal } from '../support/refusals';

const TOKENS = { access_token: 'an access token', expires_in: 3600 };
const ANSWER = { ...TOKENS, token_type: 'Bearer' };
const DPOP: Partial<Options> = {
  tokenEndpoint: 'https://auth.example/oauth/token',
  verifyDpop: () => ({ jkt: 'a key' }),
};

const issuing = (issued: unknown, options: Partial<Options> = {}) =>
  createEndpoint({ issueTokens: (async () => issued) as never, ...options });

describe('POST /oauth/token answers 200 with', () => {
  it.each<[string, object, object]>([
    ['the access token, its type and its lifetime', TOKENS, ANSWER],
    [
      'all the members of RFC 6749 and OpenID Connect',
      { ...TOKENS, refresh_token: 'r', id_token: 'a.b.c', scope: 'openid email' },
      { ...ANSWER, refresh_token: 'r', id_token: 'a.b.c', scope: 'openid email' },
    ],
    ['what was checked, whatever it says of itself', { ...TOKENS, toJSON: () => ({ access_token: null }) }, ANSWER],
    [
      'no member that is null or undefined',
      { ...TOKENS, refresh_token: null, id_token: undefined, scope: null },
      ANSWER,
    ],
    [
      'no member that is an empty string, which says that there is none',
      { ...TOKENS, refresh_token: '', id_token: '', scope: '' },
      ANSWER,
    ],
    ['an empty string among the members of the host', { ...TOKENS, patient: '' }, { ...ANSWER, patient: '' }],
    [
      'more members of the host, as they are',
      { ...TOKENS, patient: '7', flags: [1], nothing: null, error: 'none' },
      { ...ANSWER, patient: '7', flags: [1], nothing: null, error: 'none' },
    ],
    ['the shortest lifetime', { ...TOKENS, expires_in: 1 }, { ...ANSWER, expires_in: 1 }],
    ['the router’s token_type, not the host’s', { ...TOKENS, token_type: 'DPoP' }, ANSWER],
    [
      'what toJSON of a member makes of it',
      { ...TOKENS, at: new Date(0) },
      { ...ANSWER, at: '1970-01-01T00:00:00.000Z' },
    ],
  ])('%s', async (_what, issued, expected) => {
    const endpoint = issuing(issued);
    const answer = await endpoint.post();
    expect([answer.status, answer.body, endpoint.reasons()]).toEqual([200, expected, ['code_redeemed']]);
  });

  it('the fields of every answer, and no ETag', async () => {
    const { headers, text } = await issuing({ ...TOKENS, name: 'Zoë' }).post();
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(text)),
      'cache-control': 'no-store',
      pragma: 'no-cache',
    });
    expect(headers).not.toHaveProperty('etag');
  });

  it('each member once, also those that the host has named', async () => {
    const { text } = await issuing({ token_type: 'x', scope: 'a', ...TOKENS, id_token: 'a.b.c' }).post();
    const names = [...text.matchAll(/"(\w+)":/g)].map(([, name]) => name);
    expect(names.sort()).toEqual(['access_token', 'expires_in', 'id_token', 'scope', 'token_type']);
  });

  it('DPoP as the token_type if and only if a proof was verified', async () => {
    const types = [
      (
        await issuing({ ...TOKENS, token_type: 'Bearer' }, DPOP)
          .post()
          .set('DPoP', 'x')
      ).body.token_type,
      (await issuing({ ...TOKENS, token_type: 'DPoP' }, DPOP).post()).body.token_type,
      (
        await issuing({ ...TOKENS, token_type: 'DPoP' })
          .post()
          .set('DPoP', 'x')
      ).body.token_type,
    ];
    expect(types).toEqual(['DPoP', 'Bearer', 'Bearer']);
  });

  it('nothing of what the host’s object inherits', async () => {
    const issued = Object.assign(Object.create({ refresh_token: 'inherited' }), TOKENS);
    expect((await issuing(issued).post()).body).toEqual(ANSWER);
  });

  it('the host’s object as it was', async () => {
    const issued = Object.freeze({ ...TOKENS, refresh_token: null, token_type: 'x' });
    expect((await issuing(issued).post()).status).toBe(200);
    expect(issued).toEqual({ ...TOKENS, refresh_token: null, token_type: 'x' });
  });
});

describe('A fault of the host, and no broken answer, is', () => {
  const circular: Record<string, unknown> = { ...TOKENS };
  circular.itself = circular;

  const token = (received: string) =>
    `issueTokens returned access_token as ${received}; return a string that is not empty`;
  const lifetime = (received: string) =>
    `issueTokens returned expires_in as ${received}; return a whole number of seconds above 0`;
  const member = (name: string, received: string) =>
    `issueTokens returned ${name} as ${received}; return a string, or leave it out`;

  it.each<[string, unknown, string]>([
    ['nothing', undefined, token('undefined')],
    ['null', null, token('undefined')],
    ['a bare token', 'an access token', token('undefined')],
    ['no access token', { expires_in: 3600 }, token('undefined')],
    ['an empty access token', { ...TOKENS, access_token: '' }, token('an empty string')],
    ['an access token that is null', { ...TOKENS, access_token: null }, token('null')],
    ['an access token that is no string', { ...TOKENS, access_token: 7 }, token('a number')],
    ['a promise of an access token', { ...TOKENS, access_token: Promise.resolve('a') }, token('an object')],
    ['no lifetime', { access_token: 'a' }, lifetime('undefined')],
    ['a lifetime of zero', { ...TOKENS, expires_in: 0 }, lifetime('0')],
    ['a lifetime below zero', { ...TOKENS, expires_in: -1 }, lifetime('-1')],
    ['a lifetime as a string', { ...TOKENS, expires_in: '3600' }, lifetime('a string')],
    ['a lifetime with a fraction', { ...TOKENS, expires_in: 0.5 }, lifetime('0.5')],
    ['a lifetime that is no number', { ...TOKENS, expires_in: Number.NaN }, lifetime('NaN')],
    ['a lifetime without end', { ...TOKENS, expires_in: Number.POSITIVE_INFINITY }, lifetime('Infinity')],
    ['a lifetime as a bigint', { ...TOKENS, expires_in: 3600n }, lifetime('a bigint')],
    ['an empty list of tokens', { ...TOKENS, refresh_token: [] }, member('refresh_token', 'an array')],
    [
      'a refresh token that is no string',
      { ...TOKENS, refresh_token: { token: 'r' } },
      member('refresh_token', 'an object'),
    ],
    ['an ID token that is no string', { ...TOKENS, id_token: 7 }, member('id_token', 'a number')],
    ['a scope that is an array', { ...TOKENS, scope: ['openid'] }, member('scope', 'an array')],
    ['a scope that is false', { ...TOKENS, scope: false }, member('scope', 'a boolean')],
    ['a member that is no JSON', { ...TOKENS, amount: 1n }, 'BigInt'],
    ['a circle', circular, 'circular'],
  ])('%s', async (_what, issued, message) => {
    const endpoint = issuing(issued);
    const answer = await endpoint.post();
    expectRefusal(answer, endpoint, { status: 500, error: 'server_error', reason: 'tokens_malformed' });
    expect(answer.text).not.toContain('an access token');
    expect(endpoint.outcomes).toMatchObject([
      { outcome: 'failed', fault: { name: 'TypeError', message: expect.stringContaining(message) } },
    ]);
    expect(endpoint.isSpent()).toBe(true);
  });

  it('a member that throws', async () => {
    const fault = new Error('no key');
    const throwing = createEndpoint({
      issueTokens: async () =>
        Object.defineProperty({ ...TOKENS }, 'id_token', {
          enumerable: true,
          get() {
            throw fault;
          },
        }),
    });
    const answer = await throwing.post();
    expectRefusal(answer, throwing, { status: 500, error: 'server_error', reason: 'tokens_malformed' });
    expect(throwing.outcomes[0]?.fault).toBe(fault);
  });
});
