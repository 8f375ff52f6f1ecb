/** The bytes of a base64url text (RFC 7515 §2), or `undefined` where it is not the one spelling of them. */
export function parseBase64url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}
