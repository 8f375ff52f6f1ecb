/** Whole groups of four, and an end whose unused bits are zero: each row of bytes has one such spelling. */
const BASE64URL = /^(?:[\w-]{4})*(?:[\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/;

/** The bytes of a base64url text (RFC 7515 §2), or `undefined` where it is not the one spelling of them (RFC 4648 §3.5). */
export function parseBase64url(text: string): Buffer | undefined {
  return BASE64URL.test(text) ? Buffer.from(text, 'base64url') : undefined;
}
