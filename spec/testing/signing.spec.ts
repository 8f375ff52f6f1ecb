import {
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

  it('refuses an algorithm that is symmetric or does not fit the key', () => {
    expect(() => createDpopProver({ alg: 'HS256' as never })).toThrow('alg is HS256. Write ES256');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(() => createDpopProver({ alg: 'ES384', privateKey })).toThrow('which does not fit a EC key on P-256');
    expect(() => createDpopProver({ alg: 'RS256', privateKey })).toThrow('does not fit');
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    expect(() => createDpopProver({ alg: 'EdDSA', privateKey: rsa })).toThrow('does not fit a RSA key');
    const k1 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey;
    expect(() => createDpopProver({ privateKey: k1 })).toThrow('does not fit');
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
