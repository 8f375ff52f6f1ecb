/** An issuer identifier (RFC 8414 §2): an http(s) URL without a query and a fragment. Plain http is for development. */
export function isIssuer(value: unknown): value is string {
  return typeof value === 'string' && /^https?:\/\/[\x21-\x7E]+$/.test(value) && !/[?#@\\]/.test(value) && isUrl(value);
}

/** Not `URL.canParse`: in Node 20 it misreads characters beyond ASCII once V8 has optimized the call. */
export function isUrl(text: string): boolean {
  try {
    return new URL(text).host !== '';
  } catch {
    return false;
  }
}
