import { parseUrl } from '../issuer';
import { describeValue } from '../received';

/** An origin is compared as a string, so it must be written as browsers write it (RFC 6454 §6.2). `null` is one. */
export function isOrigin(text: string): boolean {
  if (text === 'null') return true;
  if (/^https?:/i.test(text)) return parseUrl(text).origin === text && !text.includes('*');
  return CUSTOM_SCHEME.test(text);
}

const CUSTOM_SCHEME = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#*]+$/;

/** What to write instead of an entry of `allowedOrigins` that no browser sends. */
export function adviseOnOrigin(value: unknown): string {
  if (typeof value !== 'string') return `${EXAMPLE} ${PATTERN}`;
  if (value.includes('*')) return PATTERN;
  const meant = originOf(withScheme(value));
  return isOrigin(meant) ? `Browsers send ${describeValue(meant)}. Write that.` : EXAMPLE;
}

const LOCAL = /^localhost(?::\d+)?(?:\/.*)?$/i;
const HOST = /^[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:\/.*)?$/;

/** Adds the scheme to a host without one. Servers for development have no certificate. */
function withScheme(text: string): string {
  if (LOCAL.test(text)) return `http://${text}`;
  return HOST.test(text) ? `https://${text}` : text;
}

const EXAMPLE = "Write an origin as browsers send it, such as 'https://app.example'.";
const PATTERN = 'For a pattern pass a function: (origin, req) => true or false.';

/** The origin of a URL: in lower case, without a path, a user and the default port of the scheme. No origin if it is no URL. */
function originOf(text: string): string {
  const { protocol, host, origin } = parseUrl(text);
  return origin === 'null' ? `${protocol}//${host}` : String(origin);
}
