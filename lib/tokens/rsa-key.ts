import type { KeyObject } from 'node:crypto';
import { RSA_BITS, RSA_EXPONENT } from '../jws/jwk';
import { detailsOf } from './algorithms';
import { KeyMistake } from './key-input';

/** Refuses an RSA key by which the endpoints of this package would verify no token. Any other type of key passes. */
export function checkRsaKey(publicKey: KeyObject): void {
  const { modulusLength: bits = RSA_BITS.min, publicExponent = RSA_EXPONENT } = detailsOf(publicKey);
  if (bits < RSA_BITS.min || bits > RSA_BITS.max) {
    throw new KeyMistake(` is an RSA key of ${bits} bits. Write one of ${RSA_BITS.min} to ${RSA_BITS.max}`);
  }
  if (publicExponent !== RSA_EXPONENT) {
    throw new KeyMistake(` is an RSA key with the public exponent ${publicExponent}. Write one with ${RSA_EXPONENT}`);
  }
}
