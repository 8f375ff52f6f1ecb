/** An issuer identifier (RFC 8414 §2): an http(s) URL without a query and a fragment. Plain http is for development. */
export function isIssuer(value: unknown): value is string {
  return isHttpUrl(value) && !value.includes('?');
}

/** Whether it is an http(s) URL in visible ASCII, without a user, a backslash and a fragment. */
export function isHttpUrl(value: unknown): value is string {
  return typeof value === 'string' && /^https?:\/\/[\x21-\x7E]+$/.test(value) && !/[#@\\]/.test(value) && isUrl(value);
}

/** Whether it is a URL with a host. */
export function isUrl(text: string): boolean {
  return Boolean(parseUrl(text).host);
}

/** No member if it is no URL. Not `URL.canParse`: in Node 20 it misreads characters beyond ASCII once V8 has optimized the call. */
export function parseUrl(text: string): Partial<URL> {
  try {
    return new URL(text);
  } catch {
    return {};
  }
}
