import { generateKeyPairSync } from 'node:crypto';
import { ALGORITHMS, type AlgorithmName } from '../../lib/jws/algorithms';
import { JwsError } from '../../lib/jws/error';
import { importPublicKey } from '../../lib/jws/jwk';

const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
const publicJwk = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'jwk' });
const EC = publicJwk('P-256');
const ED = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
const X25519 = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' });

/** A number of so many bits. */
const modulus = (bits: number) => {
  const bytes = Buffer.alloc(Math.ceil(bits / 8), 0xab);
  bytes[0] = 1 << ((bits - 1) % 8);
  return base64url(bytes);
};
const RSA = { kty: 'RSA', n: modulus(2048), e: 'AQAB' };

/** The neutral element of Ed25519: a signature by it can be forged. */
const NEUTRAL = base64url(Buffer.concat([Buffer.from([1]), Buffer.alloc(31)]));

const imported = (jwk: unknown, name: AlgorithmName) => importPublicKey(jwk, ALGORITHMS[name]);
function refusalOf(jwk: unknown, name: AlgorithmName): JwsError | undefined {
  try {
    imported(jwk, name);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof JwsError) return thrown;
    throw thrown;
  }
}

describe('A public key is imported', () => {
  it.each<[string, AlgorithmName, object]>([
    ['of P-256', 'ES256', EC],
    ['of P-384', 'ES384', publicJwk('P-384')],
    ['of P-521', 'ES512', publicJwk('P-521')],
    ['of Ed25519', 'Ed25519', ED],
    ['of RSA with 2048 bits', 'RS256', RSA],
    ['of RSA with 2049 bits', 'RS256', { ...RSA, n: modulus(2049) }],
    ['of RSA with 4096 bits', 'PS256', { ...RSA, n: modulus(4096) }],
    // The bytes of a point of small order, which only Ed25519 has.
    [
      'of P-256 whose x is 0',
      'ES256',
      { ...EC, x: base64url(Buffer.alloc(32)), y: 'ZkhceA4vg9ckM71dhKBrtlQcKvMdrocXKL-FahdPk_Q' },
    ],
  ])('%s', (_what, name, jwk) => {
    expect(imported(jwk, name).export({ format: 'jwk' })).toEqual(jwk);
  });

  it.each<[string, AlgorithmName, object]>([
    ['that names its algorithm', 'ES256', { ...EC, alg: 'ES256' }],
    ['of Ed25519 that calls it EdDSA', 'Ed25519', { ...ED, alg: 'EdDSA' }],
    ['that is for signatures', 'ES256', { ...EC, use: 'sig', key_ops: ['verify'] }],
    ['with members that nobody knows', 'ES256', { ...EC, x5u: 'https://evil.example', n: 1 }],
  ])('%s', (_what, name, jwk) => {
    expect(imported(jwk, name).type).toBe('public');
  });
});

describe('A key is refused as', () => {
  const curve = (different: object): [AlgorithmName, unknown] => ['ES256', { ...EC, ...different }];
  const rsa = (different: object): [AlgorithmName, unknown] => ['RS256', { ...RSA, ...different }];

  it.each<[string, string, [AlgorithmName, unknown]]>([
    ...['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'].map((name): [string, string, [AlgorithmName, unknown]] => [
      'key_private',
      `which has ${name}`,
      curve({ [name]: null }),
    ]),
    ['key_private', 'which is symmetric', ['ES256', { kty: 'oct', k: 'AAAA' }]],

    ['key_malformed', 'which is missing', ['ES256', undefined]],
    ['key_malformed', 'which is null', ['ES256', null]],
    ['key_malformed', 'in an array', ['ES256', [EC]]],
    ['key_malformed', 'in a string', ['ES256', JSON.stringify(EC)]],
    ['key_malformed', 'without x', curve({ x: undefined })],
    ['key_malformed', 'without y', curve({ y: undefined })],
    ['key_malformed', 'whose x is null', curve({ x: null })],
    ['key_malformed', 'whose y is true', curve({ y: true })],
    ['key_malformed', 'whose x is a number', curve({ x: 1 })],
    ['key_malformed', 'whose x is in an array', curve({ x: [EC.x] })],
    ['key_malformed', 'whose x has padding', curve({ x: `${EC.x}=` })],
    [
      'key_malformed',
      'whose x has a zero in front',
      curve({ x: base64url(Buffer.concat([Buffer.alloc(1), Buffer.from(String(EC.x), 'base64url')])) }),
    ],
    ['key_malformed', 'whose x is short', curve({ x: base64url(Buffer.alloc(31, 1)) })],
    ['key_malformed', 'whose y is long', curve({ y: base64url(Buffer.alloc(33, 1)) })],
    ['key_malformed', 'whose point is not on the curve', curve({ x: EC.y, y: EC.x })],
    ['key_malformed', 'of Ed25519 that is weak', ['Ed25519', { ...ED, x: NEUTRAL }]],
    ['key_malformed', 'of Ed25519 that is short', ['Ed25519', { ...ED, x: 'AA' }]],
    ['key_malformed', 'without n', rsa({ n: undefined })],
    ['key_malformed', 'whose n is null', rsa({ n: null })],
    ['key_malformed', 'whose n is empty', rsa({ n: '' })],
    [
      'key_malformed',
      'whose n has a zero in front',
      rsa({ n: base64url(Buffer.concat([Buffer.alloc(1), Buffer.alloc(256, 0xab)])) }),
    ],

    ['key_size', 'of 2047 bits', rsa({ n: modulus(2047) })],
    ['key_size', 'of 4097 bits', rsa({ n: modulus(4097) })],
    ['key_size', 'of one byte', rsa({ n: '_w' })],
    ['key_size', 'without e', rsa({ e: undefined })],
    ['key_size', 'whose e is 3', rsa({ e: 'Aw' })],
    ['key_size', 'whose e is 65537 in another spelling', rsa({ e: 'AAEAAQ' })],

    ['key_unsuitable', 'without kty', curve({ kty: undefined })],
    ['key_unsuitable', 'of another kty', curve({ kty: 'OKP' })],
    ['key_unsuitable', 'without crv', curve({ crv: undefined })],
    ['key_unsuitable', 'of another curve', ['ES384', EC]],
    ['key_unsuitable', 'of RSA for an algorithm of a curve', ['ES256', RSA]],
    ['key_unsuitable', 'of a curve for an algorithm of RSA', ['RS256', EC]],
    ['key_unsuitable', 'of RSA with a crv', rsa({ crv: 'P-256' })],
    ['key_unsuitable', 'of X25519', ['Ed25519', X25519]],
    ['key_unsuitable', 'for encryption', curve({ use: 'enc' })],
    ['key_unsuitable', 'for signing alone', curve({ key_ops: ['sign'] })],
    ['key_unsuitable', 'that names another algorithm', curve({ alg: 'ES384' })],
    ['key_unsuitable', 'that names another padding', rsa({ alg: 'PS256' })],
    ['key_unsuitable', 'whose alg is null', curve({ alg: null })],
  ])('%s %s', (problem, _what, [name, jwk]) => {
    expect(refusalOf(jwk, name)?.problem).toBe(problem);
  });

  it('key_malformed with the error of node:crypto as its cause', () => {
    expect(refusalOf({ ...EC, x: EC.y, y: EC.x }, 'ES256')?.cause).toMatchObject({ code: 'ERR_CRYPTO_INVALID_JWK' });
    expect(refusalOf({ ...EC, x: undefined }, 'ES256')).not.toHaveProperty('cause');
  });
});
