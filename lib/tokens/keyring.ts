import type { ParsedKey } from './keys';
import { digestOf, toJwk } from './keys';
import { createSigning, type Signing } from './signature';
import type { Jwk, SigningAlgorithm } from './types';

/** A key that signs. */
export interface ActiveKey extends Signing {
  alg: SigningAlgorithm;
}

/** Creates a keyring. The first key of each algorithm signs. The public halves of all keys are published. */
export function createKeyring(parsed: readonly ParsedKey[]) {
  const signing = parsed.map((key): ActiveKey => ({ alg: key.alg, ...createSigning(key) }));
  const published = parsed.map(toJwk);
  const known = new Map(parsed.map(({ kid, publicKey }) => [kid, digestOf(publicKey)]));
  return {
    /** The key that signs with an algorithm, or the first of all. There is one, because `listMissing` was empty. */
    keyFor: (alg: SigningAlgorithm | undefined) =>
      signing.find((key) => alg === undefined || key.alg === alg) as ActiveKey,
    jwks: (): { keys: Jwk[] } => ({ keys: published.map((jwk) => ({ ...jwk })) }),
    /**
     * Lists kids that would name another key than before. A resource server with the old JWKS in its cache would refuse
     * its tokens.
     */
    listClashes: (next: readonly ParsedKey[]): string[] =>
      next
        .filter(({ kid, publicKey }) => known.has(kid) && known.get(kid) !== digestOf(publicKey))
        .map(
          ({ kid }) => `the kid ${JSON.stringify(kid)} is another key's already. Give the new one a kid of its own.`,
        ),
  };
}

/** Lists algorithms that an API requires but no key has. */
export function listMissing(parsed: readonly ParsedKey[], algorithms: readonly SigningAlgorithm[]): string[] {
  const missing = algorithms.filter((alg) => !parsed.some((key) => key.alg === alg));
  return missing.map((alg) => `keys has no key of ${alg}, which an API asks for. Add one.`);
}
