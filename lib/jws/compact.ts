import { isUtf8 } from 'node:buffer';
import { parseBase64url } from './base64url';
import { JwsError } from './error';

/** Longer texts are refused. A proof by a 4,096-bit RSA key has about 2,500 characters. */
const MAX_JWS_LENGTH = 8192;

export type JsonObject = Readonly<Record<string, unknown>>;

/** The parts of a JWS (RFC 7515 §7.1). Nothing of it is verified yet. */
export interface Jws {
  /** As it was sent: base64url. */
  header: string;
  payload: JsonObject;
  /** The bytes that were signed. */
  signed: Buffer;
  signature: Buffer;
}

/** Parses a compact JWS: three parts, each in canonical base64url. Verifies nothing. */
export function parseJws(text: string, maxLength = MAX_JWS_LENGTH): Jws {
  if (text.length > maxLength) throw new JwsError('too_large');
  const parts = text.split('.', 4);
  if (parts.length !== 3) throw new JwsError('malformed');
  const [header, payload, signature] = parts as [string, string, string];
  return {
    header,
    payload: parseObject(payload),
    signed: Buffer.from(text.slice(0, header.length + 1 + payload.length)),
    signature: parsePart(signature),
  };
}

function parsePart(part: string): Buffer {
  const bytes = part === '' ? undefined : parseBase64url(part);
  if (bytes) return bytes;
  throw new JwsError('malformed');
}

/** Parses a part that must be a JSON object. */
export function parseObject(part: string): JsonObject {
  const bytes = parsePart(part);
  try {
    const value: unknown = isUtf8(bytes) ? JSON.parse(bytes.toString()) : undefined;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  } catch {
    // It is no JSON, which is refused in the same way.
  }
  throw new JwsError('malformed');
}

/**
 * Refuses `crit` and `b64`, which change the meaning of a JWS (RFC 7515 §4.1.11, RFC 7797). No extension is supported.
 */
export function checkExtensions(header: JsonObject): void {
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) throw new JwsError('extension_unsupported');
}

/** Compares a `typ`, which is a media type (RFC 7515 §4.1.9): in any letter case, with or without `application/`. */
export function isType(typ: unknown, expected: string): boolean {
  return typeof typ === 'string' && typ.toLowerCase().replace(/^application\//, '') === expected;
}
