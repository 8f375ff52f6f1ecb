import { createHash } from 'node:crypto';

/** The SHA-256 under which a store keeps a secret, so that whoever reads the store cannot redeem it. */
export function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Writes a hexadecimal digest in base64url, which has fewer characters. */
export function shorten(digest: string): string {
  return Buffer.from(digest, 'hex').toString('base64url');
}

/** Writes it in hexadecimal digits again. */
export function lengthen(short: string): string {
  return Buffer.from(short, 'base64url').toString('hex');
}
