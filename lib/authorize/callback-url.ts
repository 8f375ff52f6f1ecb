import { checkEntries, isListOf, isText, orNone, type Rules } from './entries';
import type { ApplicationType } from './types';

/** Characters of RFC 3986 that may follow a host or a scheme; no fragment, no backslash, no bare percent sign. */
const REST = String.raw`(?:[\w\-.~!$&'()*+,;=:@/?[\]]|%[\dA-Fa-f]{2})*`;
const WEB_URL = new RegExp(
  String.raw`^https?://([\w-]+(?:\.[\w-]+)*\.?|\[[\dA-Fa-f:.]+\])(?::\d{1,5})?(?:[/?]${REST})?$`,
);
const PRIVATE_URL = new RegExp(String.raw`^([A-Za-z][A-Za-z\d+.-]*):(?!$)${REST}$`);

/** Schemes that browsers handle themselves. `http` and `https` are here for URLs that do not match `WEB_URL`. */
const BROWSER_SCHEMES: readonly string[] =
  'http https javascript vbscript data blob file filesystem about view-source ws wss ftp mailto tel sms intent jar chrome resource'.split(
    ' ',
  );

/** One `*`, in the left-most label, and two labels or more after it. */
const WILDCARD_URL = /^https:\/\/([a-z\d-]*)\*([a-z\d-]*)(?:\.[a-z\d-]+)+\.[a-z][a-z\d-]*(?::\d{1,5})?(?:[/?][^*]*)?$/;
const LABEL = /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/;

const LOOPBACK_URL = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(?::[1-9]\d{0,4})?(?=[/?]|$)/;
const LOOPBACK_HOSTS = {
  web: [],
  unset: ['127.0.0.1', '[::1]'],
  native: ['127.0.0.1', '[::1]', 'localhost'],
} as const satisfies Record<ApplicationType | 'unset', readonly string[]>;

/** Parameters of the answer. If a callback URL had one in its query, the client would see it twice. */
const ANSWER_PARAMETERS: readonly string[] = ['code', 'state', 'iss', 'error', 'error_description', 'error_uri'];

/** The rule for an application type. */
export const APPLICATION_TYPE = {
  isSound: orNone((value) => value === 'web' || value === 'native'),
  hint: "Write 'web' or 'native', or leave it out",
};

const RULES: Rules = {
  registered: { isSound: isListOf(isText), hint: "Write an array of URLs, such as ['https://app.example/callback']" },
  applicationType: APPLICATION_TYPE,
};

/** The options of `isCallbackUrl`. */
export interface CallbackUrlOptions {
  /**
   * Decides on which loopback hosts any port is allowed: for a `native` app also on `localhost`, for a `web` app on
   * none.
   *
   * @default 127.0.0.1 and [::1], as RFC 8252 §7.3 requires
   */
  applicationType?: ApplicationType | null | undefined;
}

/**
 * Whether an answer may be sent to this URL. It must equal a registered URL byte for byte. Two parts may be left open:
 * the left-most label, as in `https://*.app.example/cb`, and the port of `http://127.0.0.1/cb` (RFC 9700 §4.1.3,
 * RFC 8252 §7.3). Refuses URLs that a browser could read in another way. @throws TypeError if `registered` or
 * `applicationType` is malformed.
 */
export function isCallbackUrl(
  url: unknown,
  registered: readonly string[],
  { applicationType }: CallbackUrlOptions = {},
): url is string {
  checkEntries('isCallbackUrl', { registered, applicationType }, RULES);
  if (typeof url !== 'string' || !isSound(url)) return false;
  return registered.some(
    (each) => each === url || matchesWildcard(url, each) || matchesLoopback(url, each, applicationType),
  );
}

/**
 * The only registered URL, for a request without `redirect_uri`. `undefined` if there are several, or if it leaves a
 * part open.
 */
export function onlyCallbackUrl(
  registered: readonly string[],
  { applicationType }: CallbackUrlOptions,
): string | undefined {
  const [only, ...more] = registered;
  if (more.length > 0 || !isCallbackUrl(only, registered)) return undefined;
  return isOpenLoopback(only, applicationType) ? undefined : only;
}

/** Whether browsers read the URL in the same way as this package. */
function isSound(url: string): boolean {
  const host = WEB_URL.exec(url)?.[1];
  if (host === undefined) {
    const scheme = PRIVATE_URL.exec(url)?.[1];
    if (scheme === undefined || BROWSER_SCHEMES.includes(scheme.toLowerCase())) return false;
  }
  if (!URL.canParse(url)) return false;
  const { hostname, searchParams } = new URL(url);
  return (
    (host === undefined || hostname === host.toLowerCase()) && !ANSWER_PARAMETERS.some((name) => searchParams.has(name))
  );
}

function matchesWildcard(url: string, registered: string): boolean {
  const match = WILDCARD_URL.exec(registered);
  if (match === null) return false;
  const [, before, after] = match;
  const start = registered.slice(0, registered.indexOf('*'));
  const end = registered.slice(start.length + 1);
  const filled = url.slice(start.length, url.length - end.length);
  if (`${start}${filled}${end}` !== url) return false;
  return filled !== '' && LABEL.test(`${before}${filled}${after}`);
}

function isOpenLoopback(url: string, applicationType: ApplicationType | null | undefined): boolean {
  const hosts: readonly (string | undefined)[] = LOOPBACK_HOSTS[applicationType ?? 'unset'];
  return hosts.includes(LOOPBACK_URL.exec(url)?.[1]);
}

function matchesLoopback(
  url: string,
  registered: string,
  applicationType: ApplicationType | null | undefined,
): boolean {
  if (!isOpenLoopback(url, applicationType)) return false;
  const withoutPort = (text: string) => text.replace(LOOPBACK_URL, '$1');
  return LOOPBACK_URL.test(registered) && withoutPort(url) === withoutPort(registered);
}
