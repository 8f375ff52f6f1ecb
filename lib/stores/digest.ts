import { createHash } from 'node:crypto';

/** What a store files a secret under, so that whoever reads the store can redeem nothing. */
export function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** 32 bytes in hexadecimal digits, in fewer characters. */
export function shorten(digest: string): string {
  return Buffer.from(digest, 'hex').toString('base64url');
}

/** The digits again. */
export function lengthen(short: string): string {
  return Buffer.from(short, 'base64url').toString('hex');
}
