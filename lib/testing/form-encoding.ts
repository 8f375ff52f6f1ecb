/** Encodes a text as in a form (RFC 6749 §2.3.1, appendix B). */
export const encodeForm = (text: string) => new URLSearchParams({ _: text }).toString().slice(2);

/** Decodes such a text. `undefined` if that is not possible, or not printable: then only the text itself can be meant. */
export function decodeForm(text: string): string | undefined {
  try {
    const decoded = decodeURIComponent(text.replaceAll('+', ' '));
    return /^[\x20-\x7E]*$/.test(decoded) ? decoded : undefined;
  } catch {
    return undefined;
  }
}
