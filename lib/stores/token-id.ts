import type { Kind, Place } from './rotation';

const TOKEN_ID = /^([\da-f]{64})\.(\d{1,15})\.(\d{1,15})\.(live|at_once|late|sibling|reused)$/;

/** What a found token is called: where it stands, and as what it was found. */
export function serializeTokenId({ grant, generation, number }: Place, kind: Kind): string {
  return `${grant}.${generation}.${number}.${kind}`;
}

/** @throws TypeError where it is not what a store called a token. */
export function parseTokenId(tokenId: unknown): Place & { kind: Kind } {
  const [, grant, generation, number, kind] = TOKEN_ID.exec(String(tokenId)) ?? [];
  if (grant === undefined) throw new TypeError('tokenId must be what findRefreshToken returned');
  return { grant, generation: Number(generation), number: Number(number), kind: kind as Kind };
}
