/** Scheme, authority and path. What follows is a query or a fragment. */
const URI = /^(https?):\/\/([^/?#]*)([^?#]*)/i;
/** RFC 3986 §2: unreserved, reserved, percent-encoded, and nothing else. */
const URI_CHARACTERS = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/;
/** RFC 3986 §3.2 without userinfo, which has no place in an `htu`. */
const AUTHORITY = /^([A-Za-z0-9\-._~!$&'()*+,;=%]+|\[[0-9A-Fa-f:.]+\])(?::(\d*))?$/;
const DEFAULT_PORT: Readonly<Record<string, string>> = { http: '80', https: '443' };

/**
 * Normalizes a URI (RFC 3986 §6.2.2, §6.2.3) without query and fragment, as RFC 9449 §4.3 requires for `htu`. Returns
 * `undefined` if it is not a valid absolute `http` or `https` URI. Uses no URL parser, because those repair what must
 * be refused.
 */
export function normalizeHtu(uri: string): string | undefined {
  const parts = URI_CHARACTERS.test(uri) ? URI.exec(uri) : null;
  if (parts === null) return undefined;
  const [scheme, authority, path] = parts.slice(1) as [string, string, string];
  const match = AUTHORITY.exec(authority);
  if (match === null || /[[\]]/.test(path)) return undefined;
  const [host, port = ''] = match.slice(1) as [string, string?];

  const lowerScheme = scheme.toLowerCase();
  const isDefaultPort = port === '' || port === DEFAULT_PORT[lowerScheme];
  const origin = `${lowerScheme}://${decodeUnreserved(host).toLowerCase()}${isDefaultPort ? '' : `:${port}`}`;
  return origin + removeDotSegments(decodeUnreserved(path));
}

/** Decodes characters that need no encoding. Writes the other encodings in capitals. */
function decodeUnreserved(text: string): string {
  return text.replace(/%[0-9A-Fa-f]{2}/g, (encoded) => {
    const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
    return /[A-Za-z0-9\-._~]/.test(character) ? character : encoded.toUpperCase();
  });
}

/** RFC 3986 §5.2.4 for a path that is empty or begins with a slash. */
function removeDotSegments(path: string): string {
  const kept: string[] = [];
  const [, ...segments] = path.split('/');
  for (const segment of segments) {
    if (segment === '..') kept.pop();
    else if (segment !== '.') kept.push(segment);
  }
  // A dot segment at the end leaves the slash before it.
  if (/\/\.{1,2}$/.test(path)) kept.push('');
  return `/${kept.join('/')}`;
}
