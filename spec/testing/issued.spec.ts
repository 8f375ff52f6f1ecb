import { createHash, generateKeyPairSync } from 'node:crypto';
import jwt from 'jsonwebtoken';
import request from 'supertest';
import { createDpopVerifier } from '../../lib/dpop';
import { memoryJtis } from '../../lib/stores/memory';
import { checkTokenResponse, createDpopProver, type ExpectedTokens, tokenEndpoint } from '../../lib/testing';
import { CODE, CODE_VERIFIER } from '../support/endpoint';
import { API, createIssuerEndpoint, ISSUER } from '../support/issuer';

const headers = { 'content-type': 'application/json', 'cache-control': 'no-store', pragma: 'no-cache' };
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'key 1' }] };
const seconds = () => Math.floor(Date.now() / 1000);
const hashOf = (token: string, size = 256) => {
  const digest = createHash(`sha${size}`).update(token).digest();
  return digest.subarray(0, digest.length / 2).toString('base64url');
};

const accessClaims = () => ({
  iss: ISSUER,
  sub: 'user 1',
  aud: API as unknown,
  client_id: 'spa',
  iat: seconds() as unknown,
  exp: (seconds() + 600) as unknown,
  jti: 'one',
  scope: 'openid read:notes offline_access' as string | undefined,
});
const idClaims = () => ({
  iss: ISSUER,
  sub: 'user 1',
  aud: 'spa' as unknown,
  iat: seconds(),
  exp: seconds() + 600,
  nonce: 'n',
});

const sign = (claims: object, header: object = { typ: 'at+jwt' }) =>
  jwt.sign(JSON.parse(JSON.stringify(claims)), privateKey, {
    algorithm: 'ES256',
    header: { alg: 'ES256', kid: 'key 1', ...header },
  });

interface Different {
  body?: object;
  access?: object;
  header?: object;
  id?: object | null;
  idHeader?: object;
}

/** A response that is right but for what is given. */
function respond({ body = {}, access = {}, header, id = {}, idHeader = { typ: 'JWT' } }: Different = {}) {
  const accessToken = sign({ ...accessClaims(), ...access }, header);
  const idToken = id && sign({ ...idClaims(), at_hash: hashOf(accessToken), ...id }, idHeader);
  const tokens = { access_token: accessToken, token_type: 'Bearer', expires_in: 600, refresh_token: 'r' };
  return { status: 200, headers, body: { ...tokens, ...(idToken !== null && { id_token: idToken }), ...body } };
}

const expected: ExpectedTokens = {
  issuer: ISSUER,
  clientId: 'spa',
  userId: 'user 1',
  nonce: 'n',
  jkt: null,
  scope: 'openid read:notes offline_access',
  resources: [API],
  jwks,
};

const messageOf = (run: () => void) => {
  try {
    run();
  } catch (thrown) {
    return String((thrown as Error).message);
  }
  return '';
};
const judge = (different: Different, more: ExpectedTokens = {}) =>
  messageOf(() => checkTokenResponse(respond(different), { ...expected, ...more }));

describe('checkTokenResponse passes tokens', () => {
  it('that are what was granted', () => {
    expect(judge({})).toBe('');
    expect(judge({ body: { scope: 'openid read:notes offline_access' } }, { refreshToken: true })).toBe('');
  });

  it('for which nothing is expected but that they are sound', () => {
    expect(messageOf(() => checkTokenResponse(respond(), {}))).toBe('');
  });

  it('that are opaque', () => {
    const body = { access_token: 'random' };
    expect(judge({ body, id: null }, { scope: 'read:notes offline_access', accessToken: 'opaque' })).toBe('');
  });

  it('whose scope leaves out what means nothing to an API', () => {
    expect(judge({ access: { scope: 'read:notes' } })).toBe('');
    const nothing = { access: { scope: undefined }, id: null, body: { refresh_token: 'r' } };
    expect(judge(nothing, { scope: null, refreshToken: true })).toBe('');
  });

  it.each(['ES256', 'RS256', 'EdDSA'])('of the ready issuer, bound to a key, by %s', async (alg) => {
    const pairs = {
      ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
      RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
      EdDSA: () => generateKeyPairSync('ed25519'),
    };
    const key = pairs[alg as keyof typeof pairs]().privateKey;
    const url = 'https://auth.example/oauth/token';
    const prover = createDpopProver();
    const { app, jwks: own } = createIssuerEndpoint({
      issuer: { keys: [{ kid: 'a', privateKey: key }] },
      router: { verifyDpop: createDpopVerifier(memoryJtis()), tokenEndpoint: url },
      code: { nonce: 'n' },
    });
    const endpoint = tokenEndpoint(request(app), { prover, tokenEndpoint: url });
    const response = await endpoint.redeem({ code: CODE, codeVerifier: CODE_VERIFIER });
    checkTokenResponse(response, { ...expected, jkt: prover.jkt, jwks: own(), refreshToken: true });
    const refreshed = await endpoint.refresh({ refreshToken: response.body.refresh_token, scope: 'read:notes' });
    checkTokenResponse(refreshed, {
      ...expected,
      scope: 'read:notes',
      jkt: prover.jkt,
      jwks: own(),
      refreshToken: true,
    });
  });
});

describe('checkTokenResponse says', () => {
  it.each<[string, Different, ExpectedTokens, string]>([
    [
      'the issuer',
      { access: { iss: 'https://x.example' } },
      {},
      "access_token: iss is 'https://x.example', and 'https://auth.example/' was expected",
    ],
    ['the user', { access: { sub: 'x' }, id: { sub: 'x' } }, {}, "access_token: sub is 'x', and 'user 1' was expected"],
    [
      'two users',
      { id: { sub: 'x' } },
      { userId: undefined },
      "id_token: sub is 'x', and that of the access token 'user 1'",
    ],
    ['the client', { access: { client_id: 'x' } }, {}, "access_token: client_id is 'x'"],
    [
      'the audience',
      { access: { aud: 'https://x.example' } },
      {},
      "access_token: aud is 'https://x.example', and 'https://api.example/' was granted",
    ],
    [
      'an audience too many',
      { access: { aud: [API, 'urn:x'] } },
      {},
      "'urn:x', and 'https://api.example/' was granted. Name the API",
    ],
    ['no audience', { access: { aud: undefined } }, {}, 'access_token: there is no aud. RFC 9068'],
    ['a typ that is not its own', { header: { typ: 'JWT' } }, {}, "access_token: typ is 'JWT'. Write at+jwt"],
    ['no jti', { access: { jti: undefined } }, {}, 'access_token: there is no jti'],
    [
      'a wider scope',
      { access: { scope: 'openid read:notes write:notes' } },
      {},
      "access_token: scope has 'write:notes', which nobody granted",
    ],
    [
      'a narrower scope',
      { access: { scope: 'openid' } },
      {},
      "access_token: scope lacks 'read:notes', which was granted",
    ],
    [
      'a wider scope beside it',
      { body: { scope: 'openid read:notes offline_access x' } },
      {},
      "scope has 'x', which nobody granted",
    ],
    [
      'no cnf',
      { body: { token_type: 'DPoP' } },
      { jkt: 'a' },
      'access_token: there is no cnf.jkt, so whoever steals the token',
    ],
    ['no cnf, where no key is expected', { body: { token_type: 'DPoP' } }, { jkt: undefined }, 'there is no cnf.jkt'],
    [
      'the cnf of another key',
      { body: { token_type: 'DPoP' }, access: { cnf: { jkt: 'b' } } },
      { jkt: 'a' },
      'cnf.jkt is not the thumbprint',
    ],
    ['a cnf without a proof', { access: { cnf: { jkt: 'b' } } }, {}, "cnf.jkt is 'b', and no proof was sent"],
    [
      'a cnf in a Bearer token',
      { access: { cnf: { jkt: 'b' } } },
      { jkt: undefined },
      "cnf.jkt is 'b', and no proof was sent",
    ],
    [
      'Bearer for a proof',
      { access: { cnf: { jkt: 'a' } } },
      { jkt: 'a' },
      "token_type is 'Bearer', and a proof was sent. Give createTokenRouter verifyDpop",
    ],
    ['DPoP without a proof', { body: { token_type: 'DPoP' } }, {}, "token_type is 'DPoP', and no proof was expected"],
    ['milliseconds', { access: { exp: Date.now() + 1000, iat: Date.now() } }, {}, 'Write seconds, not milliseconds'],
    ['a token that is over', { access: { exp: seconds() - 10, iat: seconds() - 20 } }, {}, 'access_token: exp is '],
    ['another lifetime', { body: { expires_in: 3600 } }, {}, 'expires_in is 3600, and the access token lives 600 s'],
    ['a token of another time', { access: { iat: seconds() - 3600 } }, {}, 'access_token: iat is '],
    [
      'a key that is not published',
      { header: { typ: 'at+jwt', kid: 'key 2' } },
      {},
      "access_token: kid is 'key 2', and jwks has no such key",
    ],
    [
      'no JWT',
      { body: { access_token: 'random' } },
      {},
      "access_token is no JWT. If it is meant to be opaque, expect accessToken: 'opaque'",
    ],
    ['no ID token', { id: null }, {}, 'there is no id_token'],
    ['an ID token without openid', {}, { scope: 'read:notes offline_access' }, 'there is an id_token'],
    ['an ID token that is no JWT', { body: { id_token: 'random' } }, {}, 'id_token is no JWT (OpenID Connect Core §2)'],
    [
      'no nonce',
      { id: { nonce: undefined } },
      {},
      "id_token: nonce is undefined, and 'n' was expected. Save the nonce",
    ],
    ['a nonce of nobody', {}, { nonce: null }, "id_token: nonce is 'n', and undefined was expected"],
    ['the ID token of another client', { id: { aud: ['x'] } }, {}, 'id_token: aud is an array of 1'],
    ['no exp of the ID token', { id: { exp: undefined } }, {}, 'id_token: there is no exp. OpenID'],
    ['the hash of another token', { id: { at_hash: hashOf('another') } }, {}, 'id_token: at_hash is not the hash'],
    ['no refresh token', { body: { refresh_token: undefined } }, {}, 'refresh_token must be a string, or left out'],
    ['a refresh token without offline_access', {}, { scope: 'openid read:notes' }, 'the scope has no offline_access'],
    [
      'a refresh token that is not expected',
      {},
      { refreshToken: false },
      'there is a refresh_token, and none was expected',
    ],
  ])('what is wrong: %s', (_what, different, more, message) => {
    expect(judge(different, more)).toContain(message);
  });

  it('that a refresh token is missing', () => {
    const response = respond();
    const { refresh_token, ...body } = response.body;
    expect(refresh_token).toBe('r');
    const check = () => checkTokenResponse({ ...response, body }, { ...expected, refreshToken: true });
    expect(messageOf(check)).toContain('there is no refresh_token. Return one from issueTokens');
  });

  it.each<[string, object]>([
    [
      'another key',
      { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }), kid: 'key 1' },
    ],
    ['what is no key', { kty: 'EC', kid: 'key 1' }],
  ])('that a signature does not verify: jwks has %s', (_what, key) => {
    expect(judge({}, { jwks: { keys: [key] } })).toContain('the signature does not verify with the key');
  });

  it('that an algorithm is none that is known', () => {
    const [, payload] = sign(accessClaims()).split('.');
    const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt', kid: 'key 1' })).toString('base64url');
    expect(judge({ body: { access_token: `${header}.${payload}.AAAA` } })).toContain('the signature does not verify');
    const idToken = `${header}.${Buffer.from(JSON.stringify({ ...idClaims(), at_hash: 'x' })).toString('base64url')}.AAAA`;
    expect(judge({ body: { id_token: idToken } })).toContain('at_hash is not the hash');
  });

  it('everything at once, and where to read on', () => {
    const message = judge({ access: { iss: 'x', aud: 'y' }, id: { nonce: 'z' } });
    expect(message.split('\n')).toEqual([
      'These 3 things are wrong with the token response:',
      expect.stringContaining('access_token: aud'),
      expect.stringContaining('access_token: iss'),
      expect.stringContaining('id_token: nonce'),
      'See docs/guides/testing.md#what-checktokenresponse-says',
    ]);
  });

  it('what was refused, where tokens were expected', () => {
    const body = { error: 'invalid_grant', error_description: 'Invalid authorization code' };
    const check = () => checkTokenResponse({ status: 400, headers, body }, expected);
    expect(messageOf(check)).toContain(
      'status is 400 (invalid_grant: Invalid authorization code), and tokens were expected',
    );
  });
});
