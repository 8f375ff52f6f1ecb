import { createHash } from 'node:crypto';

/** What a store files a secret under, so that whoever reads the store can redeem nothing. */
export function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
