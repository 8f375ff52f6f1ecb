import type { KeyObject } from 'node:crypto';
import type { Algorithm } from '../jws/algorithms';
import { checkExtensions, isType, type JsonObject, parseObject } from '../jws/compact';
import { importPublicKey } from '../jws/jwk';
import { jwkThumbprint } from '../jws/thumbprint';
import { invalidProof } from './refusals';

/** The imported key and the algorithm of a header. Nothing is verified yet. */
export interface Signer {
  algorithm: Algorithm;
  key: KeyObject;
  /** The thumbprint of the key as imported (RFC 7638). */
  jkt: string;
}

/** The signers of headers. Each header is parsed once while it is remembered. */
export interface Signers {
  parse(header: string): Signer;
  /**
   * Remembers a header. Call it only after a signature verified, so that an attacker cannot evict other clients' keys.
   */
  remember(header: string, signer: Signer): void;
}

/** How many headers are remembered. Each one keeps its whole proof in memory, so eight megabytes at most. */
export const MAX_SIGNERS = 1000;

/**
 * Remembers what was parsed, by the text of the header. A client sends the same header with each proof, and importing
 * its key costs as much as verifying the signature.
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
