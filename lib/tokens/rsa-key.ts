import type { AsymmetricKeyDetails, KeyObject } from 'node:crypto';
import { KeyMistake } from './key-input';

/** Smaller keys are not secure (RFC 7518 §3.3). Larger ones cost too much CPU, here and where tokens are verified. */
const BITS = { min: 2048, max: 4096 };
/** Every library generates keys with this public exponent. */
const EXPONENT = 65_537n;

/** Refuses an RSA key by which the endpoints of this package would verify no token. Any other type of key passes. */
export function checkRsaKey(publicKey: KeyObject): void {
  const details = publicKey.asymmetricKeyDetails as AsymmetricKeyDetails;
  const { modulusLength: bits = BITS.min, publicExponent = EXPONENT } = details;
  if (bits < BITS.min || bits > BITS.max) {
    throw new KeyMistake(` is an RSA key of ${bits} bits. Write one of ${BITS.min} to ${BITS.max}`);
  }
  if (publicExponent !== EXPONENT) {
    throw new KeyMistake(` is an RSA key with the public exponent ${publicExponent}. Write one with ${EXPONENT}`);
  }
}
