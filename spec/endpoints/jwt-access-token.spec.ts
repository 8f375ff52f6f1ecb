import { generateKeyPairSync } from 'node:crypto';
import { API, claimsOf, createJwt, createServer, ISSUER, OPAQUE_API, signJwt } from './support';

const INACTIVE = '{"active":false}';
const UUID = '0123abcd-89ef-4567-89ab-0123456789ab';
const NOW = 2_000_000_000;

afterEach(() => jest.restoreAllMocks());

describe('A JWT access token', () => {
  it.each<[string, string, string[]]>([
    ['a UUID, a dot and the grant', `${UUID}.grant 1`, ['grant 1']],
    ['a grant with dots and lines of its own', `${UUID}.a.b\nc\n`, ['a.b\nc\n']],
    ['a UUID alone, as an issuer without a store writes it', UUID, []],
    ['a UUID and nothing after its dot', `${UUID}.`, []],
    ['text before the UUID', `x${UUID}.grant 1`, []],
    ['a UUID in capitals', `${UUID.toUpperCase()}.grant 1`, []],
    ['a group less', `${UUID.slice(0, 18)}${UUID.slice(23)}.grant 1`, []],
    ['a last group that is shorter', `${UUID.slice(0, -1)}.grant 1`, []],
    ['other text', 'one.grant 1', []],
  ])('has its grant in its jti: %s', async (_what, jti, grants) => {
    const asked: string[] = [];
    const isRevoked = (grantId: string) => {
      asked.push(grantId);
      return false;
    };
    const { body } = await createServer({ introspection: { isRevoked } }).introspect(createJwt({ jti }));
    expect([body.active, body.jti, asked]).toEqual([true, jti, grants]);
  });

  it.each([
    ['sub', { sub: undefined }],
    ['sub', { sub: 1 }],
    ['client_id', { client_id: null }],
    ['jti', { jti: undefined }],
    ['jti', { jti: ['one'] }],
    ['iat', { iat: undefined }],
    ['iat', { iat: '1' }],
    ['nbf', { nbf: '1' }],
    ['nbf', { nbf: null }],
  ])('is inactive if its %s is wrong (%#)', async (_claim, claims) => {
    expect((await createServer().introspect(createJwt(claims))).text).toBe(INACTIVE);
  });

  it('is inactive if its end is a number without a bound', async () => {
    const claims = claimsOf(createJwt());
    const payload = JSON.stringify({ ...claims, exp: 0 }).replace('"exp":0', '"exp":1e999');
    expect((await createServer().introspect(signJwt(payload))).text).toBe(INACTIVE);
    const finite = JSON.stringify({ ...claims, exp: 0 }).replace('"exp":0', `"exp":${Number(claims.exp)}.0e0`);
    expect((await createServer().introspect(signJwt(finite))).body.active).toBe(true);
  });

  it.each([
    ['ends now', { exp: NOW }, false],
    ['ends a second later', { exp: NOW + 1 }, true],
    ['begins now', { exp: NOW + 9, nbf: NOW }, true],
    ['begins a second later', { exp: NOW + 9, nbf: NOW + 1 }, false],
  ])('that %s is live or not, to the millisecond: %p is %p', async (_when, claims, isActive) => {
    const server = createServer();
    jest.spyOn(Date, 'now').mockReturnValue(NOW * 1000);
    expect((await server.introspect(createJwt(claims))).body.active).toBe(isActive);
  });

  it('may be of any issuer of a list, and of no other', async () => {
    const server = createServer({ introspection: { issuer: ['https://other.example', ISSUER] } });
    const isActive = async (iss: string) => (await server.introspect(createJwt({ iss }))).body.active;
    expect([await isActive(ISSUER), await isActive('https://other.example')]).toEqual([true, true]);
    expect([await isActive('https://third.example'), await isActive('')]).toEqual([false, false]);
  });
});

describe('The keys of JWT access tokens', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const small = { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'small', alg: 'RS256' };

  it.each<[string, object]>([
    ['an RSA key that is too small', small],
    ['a symmetric key', { kty: 'oct', kid: 'key 1', alg: 'HS256' }],
    ['a key without an alg', { kty: 'EC', kid: 'key 1' }],
    ['an empty object', {}],
  ])('that cannot verify do not keep the others from it: %s', async (_which, odd) => {
    const jwks = () => ({ keys: [odd, ...createServer().jwks().keys] });
    const server = createServer({ introspection: { jwks } });
    expect((await server.introspect(createJwt())).body.active).toBe(true);
  });

  it('verify nothing if they are too small', async () => {
    const server = createServer({ introspection: { jwks: () => ({ keys: [small] }) } });
    const token = createJwt({}, { kid: 'small', alg: 'RS256' }, rsa.privateKey);
    expect((await server.introspect(token)).text).toBe(INACTIVE);
  });

  it('are not asked for where no token is a JWT', async () => {
    const jwks = jest.fn(() => {
      throw new Error('gone');
    });
    const server = createServer({ introspection: { jwks }, revocation: { jwks } });
    const { access_token: token } = await server.logIn('spa', { audience: OPAQUE_API });
    expect((await server.introspect(token, 'opaque')).body.active).toBe(true);
    expect((await server.revoke(token)).status).toBe(200);
    expect(jwks).not.toHaveBeenCalled();
    expect((await server.introspect(createJwt())).status).toBe(500);
  });
});

describe('A token that no adapter finds', () => {
  it.each([
    ['three parts', 'a.b.c', true],
    ['three parts of base64url', 'a-Z_09.b-Z_09.c-Z_09', true],
    ['two parts', 'a.b', false],
    ['four parts', 'a.b.c.d', false],
    ['five parts, as an encrypted one has them', 'a.b.c.d.e', false],
    ['an empty first part', '.b.c', false],
    ['an empty second part', 'a..c', false],
    ['no signature', 'a.b.', false],
    ['another character before it', '~a.b.c', false],
    ['another character after it', 'a.b.c~', false],
    ['padding', 'a=.b.c', false],
    ['a plus sign', 'a.b+.c', false],
  ])('is a JWT that stays valid if it has three parts: %s', async (_what, token, isJwt) => {
    const { status, body } = await createServer().revoke(token);
    expect([status, body.error]).toEqual(isJwt ? [400, 'unsupported_token_type'] : [200, undefined]);
  });

  it.each([
    ['now', NOW, 200],
    ['a second later', NOW + 1, 400],
  ])('and that ends %s by its own words is answered with %d', async (_when, exp, status) => {
    const server = createServer({ revocation: { issuer: 'https://other.example' } });
    jest.spyOn(Date, 'now').mockReturnValue(NOW * 1000);
    expect((await server.revoke(createJwt({ exp }))).status).toBe(status);
  });
});

test('A JWT of one audience is inactive for the resource server of another', async () => {
  expect((await createServer().introspect(createJwt({ aud: API }), 'opaque')).text).toBe(INACTIVE);
});
