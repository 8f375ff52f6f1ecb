import type { ParsedKey } from './keys';
import { toJwk } from './keys';
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
  const active: ActiveKey = { alg: first.alg, sign: createSigning(first) };
  return { active, jwks: (): { keys: Jwk[] } => ({ keys: published.map((jwk) => ({ ...jwk })) }) };
}
