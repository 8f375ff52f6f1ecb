const HTTPS_URL = /^https:\/\/[\x21-\x2E\x30-\x7E][\x21-\x7E]*$/;
const MAX_LENGTH = 2048;

/** Whether it is an https URL that may be fetched: printable ASCII, without a user and a fragment. */
export function isDocumentUrl(text: unknown): text is string {
  if (typeof text !== 'string' || text.length > MAX_LENGTH || !HTTPS_URL.test(text) || /[#\\]/.test(text)) return false;
  if (!URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}

/**
 * Whether a client's id is the URL of its document. It must have a path, and the spelling of a URL parser: no dot
 * segments, no capitals in the host, no IP address in another notation.
 */
export function isClientIdUrl(clientId: string): boolean {
  return isDocumentUrl(clientId) && new URL(clientId).href === clientId && !/%2e/i.test(new URL(clientId).pathname);
}
