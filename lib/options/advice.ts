import { types } from 'node:util';
import { ERROR_STATUS, FIXED_STATUS } from '../errors';
import { OWN_PARAMETERS, RESERVED_PARAMETERS } from '../http/parameters';
import { describeMistake, describeUnknown, type Path, pathText } from '../mistakes';
import type { RefreshOptions, TokenRouterOptions } from '../types';
import { adviseOnAdapter, adviseOnProduct } from './adapters';
import { adviseOnOrigin } from './origins';
import { adviseOnRateLimit, describeUnknownRateLimit } from './rate-limit';
import { type Finding, GRANT_NAMES, OPTION_NAMES, REFRESH_NAMES } from './schema';

const WHOLE_MS = 'Write milliseconds, a whole number above 0.';
const COUNT = 'Write a whole number above 0.';
const ENDPOINT = 'the public http(s) URL of this endpoint in ASCII, without a user and a fragment';

/** What each adapter does. */
const ADAPTERS: Readonly<Record<string, string>> = {
  findCode: '(code, req) => the record, or null',
  consumeCode: '(code, req) => true for exactly one call, false for all others',
  issueTokens: '({ code, client, confirmation }, req) => { access_token, expires_in }',
  revokeTokens: '(record, req) => revokes what was issued for it',
  findRefreshToken: '(refreshToken, req) => the record, or null',
  consumeRefreshToken: '(refreshToken, req) => true for exactly one call, false for all others',
  rotates: '(refreshToken, client) => true or false',
  authenticateClient: '(credentials, req) => the client, or null',
  verifyDpop: '({ proof, htm, htu }, req) => { jkt }',
  onOutcome: '(outcome, req) => nothing',
} satisfies Partial<Record<keyof TokenRouterOptions | keyof RefreshOptions, string>>;

/** What to write instead of any other option. */
const OTHERS: Readonly<Record<string, string>> = {
  tokenEndpoint: `Write ${ENDPOINT}, or (req) => that URL, which answers at once.`,
  requireDpop: 'Write true or false.',
  path: "Write a plain path such as '/oauth/token': a slash first, no parameter, no pattern.",
  allowedOrigins: "Write an array of origins, such as ['https://app.example'], or (origin, req) => true or false.",
  bodyLimit: "Write a number of bytes above 0, or a string such as '16kb'.",
  leeway: 'Write milliseconds, a whole number from 0 to 60000.',
  refresh: 'Write { findRefreshToken, consumeRefreshToken, revokeTokens } of a store, not the store itself.',
  adapterTimeout: WHOLE_MS,
  actTimeout: WHOLE_MS,
  bodyTimeout: 'Write milliseconds, a whole number from 1 to 2147483647.',
  maxInFlight: COUNT,
  maxInFlightPerAddress: COUNT,
  parameters: `Write an array of names of your own (letters, digits, - . _), each once, and none of ${[...RESERVED_PARAMETERS].join(', ')}.`,
  allowPublic: 'Write true or false.',
  errorStatus: 'Write error codes with their statuses, such as { invalid_grant: 403 }.',
};

/** What to write instead of an entry of `grants`. */
const GRANT = 'Write { issueTokens }, with or without parameters and allowPublic.';
const GRANT_PARAMETERS = `Write an array of names of this grant (letters, digits, - . _), each once, and none of ${[...OWN_PARAMETERS].join(', ')}.`;

const SECRET = { isSecret: true };

/** What the ready stores have beside the adapters that the endpoint takes. */
const STORE_MEMBERS = [
  ...['adapters', 'store', 'saveCode', 'saveRefreshToken', 'isRevoked', 'consumeJti', 'findRefreshToken'],
  ...['consumeRefreshToken', 'extendRefreshToken', 'revokeGrant', 'revokeUser', 'findGrant', 'keepGrantsFor', 'purge'],
];

/** What to write, by factory. */
export interface Usage {
  /** What an object of options has at least. */
  whole: string;
  /** What to pick of a store instead of the whole of it. */
  ofStore: string;
  names: readonly string[];
  adapters: Readonly<Record<string, string>>;
  others: Readonly<Record<string, string>>;
}

const OF_TOKEN_ROUTER: Usage = Object.freeze({
  whole: 'findCode, consumeCode and issueTokens',
  ofStore: 'Spread the adapters of one store, ...store.adapters, or pick { findCode, consumeCode, revokeTokens }.',
  names: OPTION_NAMES,
  adapters: ADAPTERS,
  others: OTHERS,
});

/** One line for each finding. The members of a store that was spread share one line. */
export function describeFindings(findings: readonly Finding[], usage = OF_TOKEN_ROUTER): string[] {
  const isSpread = ({ path: [option], isUnknown }: Finding) => isUnknown && STORE_MEMBERS.includes(String(option));
  const spread = findings.filter(isSpread).map(({ path }) => path[0]);
  const lines = findings.filter((finding) => !isSpread(finding)).map((finding) => describeFinding(finding, usage));
  if (spread.length === 0) return lines;
  const what = spread.length === 1 ? 'is a member of a store, not an option' : 'are members of a store, not options';
  const line = `${spread.join(', ')} ${what}. ${usage.ofStore}`;
  return [...lines, line];
}

/** One line for one finding. */
function describeFinding({ path, value, isUnknown, isMissing }: Finding, usage: Usage): string {
  const [option, entry] = path;
  if (option === undefined) {
    const advice = types.isPromise(value) ? 'Await it.' : `Pass an object with ${usage.whole}.`;
    return describeMistake(['options'], value, advice);
  }
  if (isUnknown) return describeUnknownEntry(path, usage);
  if (types.isPromise(value)) return describeMistake(path, value, 'Await it.');
  const name = String(path.findLast((part) => typeof part === 'string'));
  // A string in place of a function may be a secret.
  if (isAdapterPath(path, usage)) {
    const advice = adviseOnAdapter(name, value, String({ ...ADAPTERS, ...usage.adapters }[name]));
    return isMissing ? `${pathText(path)} is missing. ${advice}` : describeMistake(path, value, advice, SECRET);
  }
  if (option === 'allowedOrigins' && entry !== undefined) return describeMistake(path, value, adviseOnOrigin(value));
  if (option === 'rateLimit') return describeMistake(path, value, adviseOnRateLimit(path));
  if (option === 'errorStatus' && entry !== undefined) return describeStatus(path, value);
  if (option === 'grants' && name !== 'allowPublic') return describeGrant(path, value);
  const advice = numberOf(value, name) ?? String({ ...OTHERS, ...usage.others }[name]);
  return describeMistake(
    path,
    value,
    option === 'refresh' && path.length === 1 ? adviseOnStore(value, advice) : advice,
  );
}

const isAdapterPath = ([option, entry, member]: Path, { adapters }: Usage) =>
  Object.hasOwn(ADAPTERS, String(option)) ||
  Object.hasOwn(adapters, String(option)) ||
  (option === 'refresh' && Object.hasOwn(ADAPTERS, String(entry))) ||
  member === 'issueTokens';

function describeGrant(path: Path, value: unknown): string {
  if (path.length === 1)
    return describeMistake(path, value, 'Write grants by grant_type: { [grant_type]: { issueTokens } }.');
  if (path[2] === 'parameters') return describeMistake(path, value, GRANT_PARAMETERS);
  return describeMistake(path, value, adviseOnProduct(String(path[1]), value, GRANT));
}

function describeUnknownEntry(path: Path, { names }: Usage): string {
  const [option, entry] = path;
  if (option === 'rateLimit') return describeUnknownRateLimit(path);
  if (option === 'errorStatus') return describeUnknown(path, Object.keys(ERROR_STATUS));
  if (path.length > 2) return describeUnknown(path, GRANT_NAMES);
  if (option === 'grants')
    return `${pathText(path)} is served by the endpoint itself, or is not a valid name. Leave it out.`;
  if (entry === undefined) return describeUnknown(path, names);
  if (!STORE_MEMBERS.includes(String(entry))) return describeUnknown(path, REFRESH_NAMES);
  return `${pathText(path)} is a member of a store, not an option. Write refresh: { findRefreshToken, consumeRefreshToken, revokeTokens }.`;
}

function describeStatus(path: Path, value: unknown): string {
  const error = path[1] as keyof typeof ERROR_STATUS;
  if (FIXED_STATUS.some((fixed) => fixed === error)) {
    return `${pathText(path)} cannot be set: clients rely on ${ERROR_STATUS[error]}. Leave it out.`;
  }
  return describeMistake(path, value, 'Write a whole number from 400 to 499.');
}

/** A factory that was not called has no functions yet. */
const adviseOnStore = (value: unknown, advice: string) =>
  typeof value === 'function' ? `Call it first. ${advice}` : advice;

/** For numbers that come from environment variables, which are strings. */
function numberOf(value: unknown, name: string): string | undefined {
  const isCount = /Timeout|InFlight|leeway/.test(name);
  return isCount && typeof value === 'string' && /^\d{1,9}$/.test(value) ? `Write ${value}, a number.` : undefined;
}
