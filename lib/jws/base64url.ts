/** Groups of four characters, and an end whose unused bits are zero: the canonical spelling of the bytes. */
const BASE64URL = /^(?:[\w-]{4})*(?:[\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/;

/**
 * Decodes a base64url text (RFC 7515 §2). `undefined` if it is not the canonical spelling of its bytes (RFC 4648 §3.5).
 */
export function parseBase64url(text: string): Buffer | undefined {
  return BASE64URL.test(text) ? Buffer.from(text, 'base64url') : undefined;
}
