import { isUtf8 } from 'node:buffer';
import { parseBase64url } from './base64url';
import { invalidProof } from './refusals';

/** What is left unread beyond this: a proof by a 4,096-bit RSA key has about 2,500 characters. */
export const MAX_PROOF_LENGTH = 8192;

export type JsonObject = Readonly<Record<string, unknown>>;

/** A JWS in its parts (RFC 7515 §7.1). Nothing of it is proven yet. */
export interface Jws {
  /** As it was sent: base64url. */
  header: string;
  payload: JsonObject;
  /** The bytes that the signature is over. */
  signed: Buffer;
  signature: Buffer;
}

/** Takes a compact JWS apart: three parts, each in the one base64url spelling of its bytes. */
export function parseJws(proof: string): Jws {
  if (proof.length > MAX_PROOF_LENGTH) throw invalidProof('dpop_proof_too_large');
  const parts = proof.split('.', 4);
  if (parts.length !== 3) throw invalidProof('dpop_proof_malformed');
  const [header, payload, signature] = parts as [string, string, string];
  return {
    header,
    payload: parseObject(payload),
    signed: Buffer.from(proof.slice(0, header.length + 1 + payload.length)),
    signature: parsePart(signature),
  };
}

function parsePart(part: string): Buffer {
  const bytes = part === '' ? undefined : parseBase64url(part);
  if (bytes) return bytes;
  throw invalidProof('dpop_proof_malformed');
}

/** A part that is a JSON object. */
export function parseObject(part: string): JsonObject {
  const value = parseJson(parsePart(part));
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw invalidProof('dpop_proof_malformed');
}

function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw invalidProof('dpop_proof_malformed');
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw invalidProof('dpop_proof_malformed');
  }
}
