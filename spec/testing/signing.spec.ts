import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  verify,
} from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { AlgorithmName } from '../../lib/jws/algorithms';
import { createClientAssertion, createDpopProver } from '../../lib/testing';

/** A JWT that verifies: by another library, or by node:crypto where that library does not know the algorithm. */
function jwtVerify(token: string, given?: KeyObject) {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const protectedHeader = JSON.parse(Buffer.from(header, 'base64url').toString());
  const key = given ?? createPublicKey({ key: protectedHeader.jwk, format: 'jwk' });
  if (protectedHeader.alg.startsWith('Ed')) {
    expect(verify(null, Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'))).toBe(true);
  } else {
    jwt.verify(token, key, { algorithms: [protectedHeader.alg] });
  }
  return { protectedHeader, payload: JSON.parse(Buffer.from(payload, 'base64url').toString()) };
}

const htu = 'https://auth.example/oauth/token';
const ALGORITHMS: AlgorithmName[] = [
  ...(['ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512'] as const),
  ...(['RS256', 'RS384', 'RS512', 'Ed25519', 'EdDSA'] as const),
];

describe('createDpopProver', () => {
  it.each([
    ['ES256', { kty: 'EC', crv: 'P-256' }],
    ['ES384', { kty: 'EC', crv: 'P-384' }],
    ['ES512', { kty: 'EC', crv: 'P-521' }],
    ['EdDSA', { kty: 'OKP', crv: 'Ed25519' }],
    ['Ed25519', { kty: 'OKP', crv: 'Ed25519' }],
    ['RS256', { kty: 'RSA' }],
    ['PS512', { kty: 'RSA' }],
  ] as const)('makes a key for %s', (alg, jwk) => {
    expect(createDpopProver({ alg }).jwk).toMatchObject(jwk);
  });

  it.each(['PS256', 'PS384', 'PS512'] as const)('signs with %s and a salt as long as the hash', (alg) => {
    const { proof, privateKey } = createDpopProver({ alg });
    const [header = '', payload = '', signature = ''] = proof({ htu }).split('.');
    const key = {
      key: createPublicKey(privateKey),
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: Number(alg.slice(2)) / 8,
    };
    const signed = Buffer.from(`${header}.${payload}`);
    expect(verify(`sha${alg.slice(2)}`, signed, key, Buffer.from(signature, 'base64url'))).toBe(true);
  });

  it('has the thumbprint of its key', () => {
    const { jwk, jkt } = createDpopProver();
    const { crv, kty, x, y } = jwk as Record<string, string>;
    expect(jkt).toBe(createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url'));
  });

  it.each(ALGORITHMS)('signs with %s what another library verifies', (alg) => {
    const prover = createDpopProver({ alg });
    const { payload, protectedHeader } = jwtVerify(prover.proof({ htu, nonce: 'a nonce' }));
    expect(protectedHeader).toEqual({ typ: 'dpop+jwt', alg, jwk: prover.jwk });
    expect(payload).toEqual({ htu, htm: 'POST', nonce: 'a nonce', jti: expect.any(String), iat: expect.any(Number) });
  });

  it('makes ES256 proofs, each with a jti of its own', () => {
    const { proof, alg } = createDpopProver();
    expect(alg).toBe('ES256');
    const [one, two] = [1, 2].map(() => jwtVerify(proof({ htu })));
    expect(one?.payload.jti).not.toBe(two?.payload.jti);
  });

  it('says what it is told to say', () => {
    const { proof } = createDpopProver();
    const iat = Math.floor(Date.now() / 1000) - 7;
    const made = proof({
      htu,
      htm: 'GET',
      accessToken: 'a token',
      iat,
      jti: 'one',
      claims: { more: 1 },
      header: { kid: 'k' },
    });
    const { payload, protectedHeader } = jwtVerify(made);
    const ath = createHash('sha256').update('a token').digest('base64url');
    expect(payload).toEqual({ htu, htm: 'GET', ath, iat, jti: 'one', more: 1 });
    expect(protectedHeader.kid).toBe('k');
  });

  it.each<[string, AlgorithmName, ReturnType<typeof generateKeyPairSync>['privateKey']]>([
    ['P-256', 'ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey],
    ['P-384', 'ES384', generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey],
    ['P-521', 'ES512', generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey],
    ['Ed25519', 'EdDSA', generateKeyPairSync('ed25519').privateKey],
    ['RSA', 'RS256', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
  ])('takes a key on %s in every form, and its algorithm', (_curve, alg, privateKey) => {
    const key = createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' }));
    const forms = [key, String(key.export({ format: 'pem', type: 'pkcs8' })), key.export({ format: 'jwk' }) as never];
    const provers = forms.map((each) => createDpopProver({ privateKey: each }));
    expect(provers.map((prover) => [prover.alg, prover.jkt])).toEqual(Array(3).fill([alg, provers[0]?.jkt]));
  });

  const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const k1 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey;

  it.each<[string, string | undefined, KeyObject | undefined, string]>([
    ['is symmetric', 'HS256', undefined, 'alg is HS256. Write ES256, or another asymmetric algorithm of JWS'],
    ['is none', 'none', undefined, 'alg is none. Write ES256, or another asymmetric algorithm of JWS'],
    ['is symmetric, for a key', 'HS256', p256, 'alg is HS256, which does not fit this EC key on P-256'],
    ['is symmetric, for a key that has no curve', 'HS256', rsa, 'alg is HS256, which does not fit this RSA key'],
    ['has another curve', 'ES384', p256, 'alg is ES384, which does not fit this EC key on P-256'],
    ['has another type', 'RS256', p256, 'alg is RS256, which does not fit this EC key on P-256'],
    ['has a curve, for a key that has none', 'EdDSA', rsa, 'alg is EdDSA, which does not fit this RSA key'],
    [
      'is not said, for a key that has none',
      undefined,
      k1,
      'alg is undefined, which does not fit this EC key on secp256k1',
    ],
  ])('refuses an algorithm that %s', (_what, alg, privateKey, message) => {
    expect(() => createDpopProver({ alg, privateKey } as never)).toThrow(new TypeError(message));
  });
});

describe('createClientAssertion', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const client = { clientId: 'rp', audience: 'https://auth.example', privateKey };

  it('says who the client is, for a minute, once', () => {
    const { payload, protectedHeader } = jwtVerify(createClientAssertion(client), publicKey);
    expect(protectedHeader).toEqual({ typ: 'JWT', alg: 'ES256' });
    const { iat, exp } = payload;
    expect(payload).toEqual({ iss: 'rp', sub: 'rp', aud: client.audience, jti: expect.any(String), iat, exp });
    expect(exp).toBe(iat + 60);
    const again = jwtVerify(createClientAssertion(client), publicKey);
    expect(again.payload.jti).not.toBe(payload.jti);
  });

  it('takes the kid of a JWK, or the one that is given, and what else is to differ', () => {
    const jwk = { ...privateKey.export({ format: 'jwk' }), kid: 'key 1' } as never;
    const first = jwtVerify(createClientAssertion({ ...client, privateKey: jwk }), publicKey);
    expect(first.protectedHeader.kid).toBe('key 1');
    const different = { kid: 'key 2', lifetime: 5, claims: { sub: 'x' }, header: { typ: undefined } };
    const second = jwtVerify(createClientAssertion({ ...client, ...different }), publicKey);
    expect(second.protectedHeader).toEqual({ alg: 'ES256', kid: 'key 2' });
    expect(second.payload).toMatchObject({ iss: 'rp', sub: 'x', exp: Number(second.payload.iat) + 5 });
  });
});
