import type { KeyObject } from 'node:crypto';
import type { Algorithm } from '../jws/algorithms';
import { checkExtensions, isType, type JsonObject, parseObject } from '../jws/compact';
import { importPublicKey } from '../jws/jwk';
import { jwkThumbprint } from '../jws/thumbprint';
import { invalidProof } from './refusals';

/** Who signs proofs with a header: its key, imported, and the algorithm it is used with. Nothing of it is proven yet. */
export interface Signer {
  algorithm: Algorithm;
  key: KeyObject;
  /** The thumbprint of the key as imported (RFC 7638). */
  jkt: string;
}

/** The signers of headers, each parsed once while it is remembered. */
export interface Signers {
  parse(header: string): Signer;
  /** Is for headers whose signature was good: nobody is to push out others' keys without having one. */
  remember(header: string, signer: Signer): void;
}

/** How many headers are remembered. The text of one keeps its proof: eight megabytes, where every proof is as long as it may be. */
export const MAX_SIGNERS = 1000;

/**
 * A client sends the same header with each of its proofs, and whatever is checked in it follows from its text alone. So what
 * was parsed from a text is remembered: the import of its key costs as much as the signature.
 */
export function createSigners(algorithms: ReadonlyMap<unknown, Algorithm>): Signers {
  const known = new Map<string, Signer>();

  return {
    parse: (header) => known.get(header) ?? parseSigner(parseObject(header), algorithms),
    remember(header, signer) {
      known.set(header, signer);
      if (known.size > MAX_SIGNERS) known.delete(known.keys().next().value as string);
    },
  };
}

/** RFC 9449 §4.3, checks 4 to 7. */
function parseSigner(header: JsonObject, algorithms: ReadonlyMap<unknown, Algorithm>): Signer {
  if (!isType(header.typ, 'dpop+jwt')) throw invalidProof('dpop_type_wrong');
  checkExtensions(header);
  const algorithm = algorithms.get(header.alg);
  if (!algorithm) throw invalidProof('dpop_algorithm_unsupported');
  const key = importPublicKey(header.jwk, algorithm);
  return { algorithm, key, jkt: jwkThumbprint(key) };
}
