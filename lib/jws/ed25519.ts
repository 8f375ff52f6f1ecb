/** The field of the curve (RFC 8032 §5.1). */
const P = 2n ** 255n - 19n;

/** The `y` of the point of order 8 whose `y` is the smaller one; that of the other is `P` less this. */
const Y_OF_ORDER_8 = 0x5fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;

/**
 * The `y` of the eight points of small order; 1 is the neutral element. Anybody can forge signatures for such a key.
 */
const SMALL_ORDER: ReadonlySet<bigint> = new Set([0n, 1n, P - 1n, Y_OF_ORDER_8, P - Y_OF_ORDER_8]);

/**
 * Whether an encoded point has small order. Also true for an encoding that is not canonical (RFC 8032 §5.1.3), because
 * it could hide such a point.
 */
export function isWeakEd25519Point(encoded: Uint8Array): boolean {
  const bigEndian = Buffer.from(encoded).reverse();
  // The highest bit is the sign of `x`.
  const y = BigInt(`0x${bigEndian.toString('hex')}`) & (2n ** 255n - 1n);
  return y >= P || SMALL_ORDER.has(y);
}
