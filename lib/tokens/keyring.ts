import type { ParsedKey } from './keys';
import { digestOf, toJwk } from './keys';
import { createSigning, type SignToken } from './signature';
import type { Jwk, SigningAlgorithm } from './types';

/** The key that signs. */
export interface ActiveKey {
  alg: SigningAlgorithm;
  sign: SignToken;
}

/** Several keys at a time: the first signs, the public halves of all are published. */
export function createKeyring(parsed: readonly ParsedKey[]) {
  const [first] = parsed as [ParsedKey, ...ParsedKey[]];
  const published = parsed.map(toJwk);
  const known = new Map(parsed.map(({ kid, publicKey }) => [kid, digestOf(publicKey)]));
  const active: ActiveKey = { alg: first.alg, sign: createSigning(first) };
  return {
    active,
    jwks: (): { keys: Jwk[] } => ({ keys: published.map((jwk) => ({ ...jwk })) }),
    /** Names that would stand for another key than before: who has the JWKS in a cache would refuse what it signs. */
    listClashes: (next: readonly ParsedKey[]): string[] =>
      next
        .filter(({ kid, publicKey }) => known.has(kid) && known.get(kid) !== digestOf(publicKey))
        .map(({ kid }) => `the kid ${JSON.stringify(kid)} is another key's already: give the new one a kid of its own`),
  };
}
