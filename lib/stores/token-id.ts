import { describeKind } from '../received';
import type { Kind, Place } from './rotation';

const TOKEN_ID = /^([\da-f]{64})\.(\d{1,15})\.(\d{1,15})\.(live|at_once|late|sibling|reused)$/;

/** The name of a found token: its place, and the kind under which it was found. */
export function serializeTokenId({ grant, generation, number }: Place, kind: Kind): string {
  return `${grant}.${generation}.${number}.${kind}`;
}

/** @throws TypeError if it is not a `tokenId` of a store. */
export function parseTokenId(tokenId: unknown): Place & { kind: Kind } {
  const [, grant, generation, number, kind] = TOKEN_ID.exec(String(tokenId)) ?? [];
  if (grant === undefined) {
    throw new TypeError(`tokenId is ${describeKind(tokenId)}. Pass the one that findRefreshToken returned.`);
  }
  return { grant, generation: Number(generation), number: Number(number), kind: kind as Kind };
}
