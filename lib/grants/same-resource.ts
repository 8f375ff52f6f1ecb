const HTTP = /^(https?):\/\/([^/?#]*)(.*)/is;

/**
 * Normalizes a resource indicator for comparison (RFC 8707 §2): byte for byte, except that in an http(s) URL the case
 * of scheme and host does not count, and an empty path equals `/`. URL parsers of clients make these changes.
 */
export function normalizeResource(resource: string): string {
  return resource.replace(HTTP, (_resource, scheme: string, authority: string, rest: string) => {
    const host = authority.lastIndexOf('@') + 1;
    const path = rest.startsWith('/') ? rest : `/${rest}`;
    return `${scheme.toLowerCase()}://${authority.slice(0, host)}${authority.slice(host).toLowerCase()}${path}`;
  });
}

/** Whether two resource indicators name the same resource. */
export function isSameResource(one: string, another: string): boolean {
  return one === another || normalizeResource(one) === normalizeResource(another);
}
