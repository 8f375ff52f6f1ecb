import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { ALGORITHMS, type AlgorithmName, algorithmOf } from '../../lib/jws/algorithms';
import { verifyJws } from './verify';

const SIGNED = Buffer.from('what is signed');
const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
const ED25519 = generateKeyPairSync('ed25519');

type Pair = { publicKey: KeyObject; privateKey: KeyObject };
const ecdsa = (hash: string, { privateKey: key, publicKey }: Pair) => ({
  jwk: publicKey.export({ format: 'jwk' }),
  signature: sign(hash, SIGNED, { key, dsaEncoding: 'ieee-p1363' }),
});
const rsa = (hash: string, padding: object) => ({
  jwk: RSA.publicKey.export({ format: 'jwk' }),
  signature: sign(hash, SIGNED, { key: RSA.privateKey, ...padding }),
});
const pss = (hash: string, saltLength: number) => rsa(hash, { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });
const ed25519 = {
  jwk: ED25519.publicKey.export({ format: 'jwk' }),
  signature: sign(null, SIGNED, ED25519.privateKey),
};

/** A signature by each algorithm of RFC 7518 §3.3 to §3.5, RFC 8037 §3.1 and RFC 9864 §2.2. */
const MADE: Readonly<Record<AlgorithmName, { jwk: object; signature: Buffer }>> = {
  ES256: ecdsa('sha256', ec('P-256')),
  ES384: ecdsa('sha384', ec('P-384')),
  ES512: ecdsa('sha512', ec('P-521')),
  PS256: pss('sha256', 32),
  PS384: pss('sha384', 48),
  PS512: pss('sha512', 64),
  RS256: rsa('sha256', {}),
  RS384: rsa('sha384', {}),
  RS512: rsa('sha512', {}),
  Ed25519: ed25519,
  EdDSA: ed25519,
};
const NAMES = Object.keys(MADE) as AlgorithmName[];

/** What becomes of a signature as one of this algorithm, by the key that made it. */
const verifyAs = (name: AlgorithmName, { jwk, signature } = MADE[name], signed = SIGNED) =>
  verifyJws.parts(ALGORITHMS[name], jwk, signed, signature);

describe('A signature', () => {
  test.each(NAMES)('by %s is verified', (name) => {
    expect(verifyAs(name)).toBe('verified');
  });

  test.each(NAMES)('by %s is refused for another text', (name) => {
    expect(verifyAs(name, MADE[name], Buffer.from('what was signed'))).toBe('signature_wrong');
  });

  test.each(NAMES)('by %s is refused as one of each other algorithm', (name) => {
    const isSame = (other: AlgorithmName) => other === name || MADE[other] === MADE[name];
    const accepted = NAMES.filter((other) => !isSame(other) && verifyAs(other, MADE[name]) === 'verified');
    expect(accepted).toEqual([]);
  });

  test.each(['PS256', 'PS384', 'PS512'] as const)('by %s is refused with a salt of another length', (name) => {
    const hash = name.replace('PS', 'sha');
    for (const saltLength of [0, 20, 33]) expect(verifyAs(name, pss(hash, saltLength))).toBe('signature_wrong');
  });

  test.each(['ES256', 'ES384', 'ES512'] as const)('by %s is refused by a key of another curve', (name) => {
    for (const other of ['ES256', 'ES384', 'ES512'] as const) {
      const { jwk } = MADE[other];
      const found = verifyAs(name, { jwk, signature: MADE[name].signature });
      expect(found).toBe(other === name ? 'verified' : 'key_unsuitable');
    }
  });
});

test.each([
  ['none', 'none'],
  ['a symmetric one', 'HS256'],
  ['one in another case', 'es256'],
  ['one of an insecure hash', 'RS1'],
  ['a member of every object', 'constructor'],
  ['an array with one', ['ES256']],
  ['nothing', undefined],
])('There is no algorithm for %s', (_what, name) => {
  expect(algorithmOf(name)).toBeUndefined();
});
