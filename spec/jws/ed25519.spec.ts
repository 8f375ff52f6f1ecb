import { generateKeyPairSync } from 'node:crypto';
import { isWeakEd25519Point } from '../../lib/jws/ed25519';

const P = 2n ** 255n - 19n;

/** RFC 8032 §5.1.2: 32 bytes, the least significant first, with the sign of x in the highest bit. */
function encode(y: bigint, sign: 0 | 1): Buffer {
  const hex = (y | (BigInt(sign) << 255n)).toString(16).padStart(64, '0');
  return Buffer.from(hex, 'hex').reverse();
}

/** The points of order 8, as the tables of libraries have them. */
const ORDER_8 = [
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
];

describe('A point of Ed25519 is weak', () => {
  it.each([
    ['0, of order 4', 0n],
    ['1, the neutral element', 1n],
    ['p - 1, of order 2', P - 1n],
    ['p, which is 0', P],
    ['p + 1, which is 1', P + 1n],
    ['p + 2, which is no canonical encoding', P + 2n],
    ['2^255 - 1', 2n ** 255n - 1n],
  ])('where its y is %s, whatever the sign', (_what, y) => {
    expect([isWeakEd25519Point(encode(y, 0)), isWeakEd25519Point(encode(y, 1))]).toEqual([true, true]);
  });

  it.each(ORDER_8)('where it has order 8: %s, whatever the sign', (hex) => {
    const point = Buffer.from(hex, 'hex');
    const negated = Buffer.from(point);
    negated.writeUInt8(negated.readUInt8(31) | 0x80, 31);
    expect([isWeakEd25519Point(point), isWeakEd25519Point(negated)]).toEqual([true, true]);
  });
});

describe('A point of Ed25519 is not weak', () => {
  it.each([2n, P - 2n, 3n])('where its y is near by: %s', (y) => {
    expect([isWeakEd25519Point(encode(y, 0)), isWeakEd25519Point(encode(y, 1))]).toEqual([false, false]);
  });

  it('where somebody made it as a key', () => {
    for (let i = 0; i < 50; i += 1) {
      const { x } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
      expect(isWeakEd25519Point(Buffer.from(String(x), 'base64url'))).toBe(false);
    }
  });
});
