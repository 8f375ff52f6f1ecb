import Joi from 'joi';
import { ERROR_STATUS, FIXED_STATUS } from './errors';
import { isEndpointUrl } from './grants/confirmation';
import type { AuthorizationCode, Client, RefreshToken, TokenRouterOptions } from './types';

type AnyOptions = TokenRouterOptions<AuthorizationCode, Client, RefreshToken>;
type WithDefault =
  | 'path'
  | 'rateLimit'
  | 'adapterTimeout'
  | 'actTimeout'
  | 'bodyTimeout'
  | 'maxInFlight'
  | 'maxInFlightPerAddress'
  | 'errorStatus'
  | 'requireDpop';

/** The options as the router works with them: checked, complete, over any record of the host's. */
export type Configuration = Omit<AnyOptions, WithDefault | 'bodyLimit'> &
  Required<{ [Name in WithDefault]: Exclude<AnyOptions[Name], undefined> }> & {
    /** Bytes. */
    bodyLimit: number;
  };

const DEFAULTS = Object.freeze({
  path: '/oauth/token',
  rateLimit: {},
  adapterTimeout: 4000,
  actTimeout: 5000,
  bodyTimeout: 10_000,
  maxInFlight: 2000,
  maxInFlightPerAddress: 1000,
  errorStatus: {},
  requireDpop: false,
});

/** What to write instead, by option. */
const HINTS = {
  findCode: 'findCode must be a function: (code, req) => the record, or null',
  consumeCode: 'consumeCode must be a function: (code, req) => true for exactly one call, false for all others',
  issueTokens: 'issueTokens must be a function: ({ code, client, confirmation }, req) => { access_token, expires_in }',
  revokeTokens: 'revokeTokens must be a function: (code, req) => revokes what the code has brought',
  refresh:
    'refresh must be { findRefreshToken, consumeRefreshToken }, two functions, with or without revokeTokens, a function, ' +
    'with or without rotates, a function, and leeway, a whole number of milliseconds from 0 to 60000',
  authenticateClient: 'authenticateClient must be a function: (credentials, req) => the client, or null',
  verifyDpop: 'verifyDpop must be a function: ({ proof, htm, htu }, req) => { jkt }',
  tokenEndpoint:
    'tokenEndpoint must be the public http(s) URL of this endpoint in ASCII (RFC 3986) without a user and a fragment, or (req) => that URL; ' +
    'verifyDpop needs it',
  requireDpop: 'requireDpop must be true or false; true needs verifyDpop',
  path: "path must be a plain path such as '/oauth/token': a slash first, no parameter, no pattern",
  allowedOrigins:
    "allowedOrigins must be an array of origins as browsers send them ('https://app.example': no path, no slash at the " +
    "end, no '*', no 'null'), or (origin, req) => true or false",
  rateLimit:
    'rateLimit must be an object of express-rate-limit options or false: limit a whole number or a function, windowMs a ' +
    'whole number of milliseconds from 1 to 2147483647; write limit for max, and leave handler, message and statusCode ' +
    'out, for the endpoint answers 429 itself',
  bodyLimit: "bodyLimit must be a number of bytes above 0, or a string such as '16kb'",
  adapterTimeout:
    'adapterTimeout must be a whole number of milliseconds above 0; adapterTimeout (4000 by default) and actTimeout ' +
    '(5000) together at most 9500, because clients give up after 10 s',
  actTimeout: 'actTimeout must be a whole number of milliseconds above 0',
  bodyTimeout: 'bodyTimeout must be a whole number of milliseconds from 1 to 2147483647',
  maxInFlight: 'maxInFlight must be a whole number above 0',
  maxInFlightPerAddress: 'maxInFlightPerAddress must be a whole number above 0',
  errorStatus:
    'errorStatus must map error codes to whole numbers from 400 to 499; these keep their status: ' +
    FIXED_STATUS.join(', '),
  onOutcome: 'onOutcome must be a function: (outcome, req) => nothing',
} satisfies Readonly<Record<keyof TokenRouterOptions, string>>;

/** Milliseconds: clients give up after 10 s. */
const MAX_BUDGET_MS = 9500;

const BYTES = /^[1-9]\d{0,8}(?:b|kb|mb)?$/i;
const FACTOR: Readonly<Record<string, number>> = { kb: 1024, mb: 1024 * 1024 };
const PLAIN_PATH = /^(?:\/[\w.~-]+)+\/?$|^\/$/;

const status = Joi.number().strict().integer().min(400).max(499);
const count = Joi.number().strict().integer().min(1);
const adapter = Joi.function();

const schema = Joi.object({
  findCode: adapter.required(),
  consumeCode: adapter.required(),
  issueTokens: adapter.required(),
  revokeTokens: adapter,
  refresh: Joi.object({
    findRefreshToken: adapter.required(),
    consumeRefreshToken: adapter.required(),
    revokeTokens: adapter,
    rotates: adapter,
    leeway: Joi.number().strict().integer().min(0).max(60_000),
  }),
  authenticateClient: adapter,
  verifyDpop: adapter,
  tokenEndpoint: Joi.alternatives(adapter, Joi.string().custom(checkWith(isEndpointUrl))),
  requireDpop: Joi.boolean().strict(),
  path: Joi.string().pattern(PLAIN_PATH),
  allowedOrigins: Joi.alternatives(adapter, Joi.array().items(Joi.string().custom(checkWith(isOrigin)))),
  rateLimit: Joi.alternatives(
    Joi.valid(false),
    Joi.object({
      limit: Joi.alternatives(adapter, Joi.number().strict().integer().min(0)),
      windowMs: Joi.number().strict().integer().min(1).max(2_147_483_647),
      max: Joi.forbidden(),
      handler: Joi.forbidden(),
      message: Joi.forbidden(),
      statusCode: Joi.forbidden(),
    }).unknown(),
  ),
  bodyLimit: Joi.alternatives(Joi.number().strict().integer().min(1), Joi.string().pattern(BYTES)),
  adapterTimeout: count,
  actTimeout: count,
  bodyTimeout: count.max(2_147_483_647),
  maxInFlight: count,
  maxInFlightPerAddress: count,
  errorStatus: Joi.object(
    Object.fromEntries(
      Object.keys(ERROR_STATUS).map((error) => [
        error,
        FIXED_STATUS.some((fixed) => fixed === error) ? Joi.forbidden() : status,
      ]),
    ),
  ),
  onOutcome: adapter,
});

/**
 * Checks the options, once.
 *
 * @throws TypeError that lists every mistake and what to write instead.
 */
export function parseOptions<
  Code extends AuthorizationCode,
  RequestingClient extends Client,
  Token extends RefreshToken,
>(options: TokenRouterOptions<Code, RequestingClient, Token>): Configuration {
  const mistakes = new Set([...listMistakes(options), ...listMissingPeers(options)]);
  if (mistakes.size > 0) throw new TypeError(`createTokenRouter: ${[...mistakes].join('; ')}`);

  const { bodyLimit = '16kb', errorStatus = {}, rateLimit = {} } = options;
  // Name by name: a method that the options inherit was checked with the others.
  const given = Object.keys(HINTS).map((name) => [name, options[name as keyof TokenRouterOptions]]);
  const configuration = {
    ...DEFAULTS,
    ...withoutUndefined(Object.fromEntries(given)),
    errorStatus: withoutUndefined(errorStatus),
    rateLimit: rateLimit === false ? false : withoutUndefined(rateLimit),
    bodyLimit: typeof bodyLimit === 'number' ? bodyLimit : parseBytes(bodyLimit),
  };
  // From here on the host's record is any record: each adapter gets only what another adapter of the host returned.
  return configuration as unknown as Configuration;
}

/** A member that is undefined leaves the default as it is, in an option as among the options. */
function withoutUndefined(members: object): object {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

function listMistakes(options: unknown): string[] {
  const { error } = schema.required().validate(options, { abortEarly: false, convert: false });
  return (error?.details ?? []).map(({ path: [name] }) => {
    if (name === undefined) return 'pass an object with findCode, consumeCode and issueTokens';
    return isOption(name) ? HINTS[name] : describeUnknown(String(name));
  });
}

function isOption(name: string | number): name is keyof TokenRouterOptions {
  return Object.hasOwn(HINTS, name);
}

function describeUnknown(name: string): string {
  const meant = Object.keys(HINTS).find((known) => known.toLowerCase() === name.toLowerCase());
  if (meant !== undefined) return `there is no option ${name}: write ${meant}`;
  return `there is no option ${name}: the options are ${Object.keys(HINTS).join(', ')}`;
}

function listMissingPeers(options: unknown): string[] {
  const { verifyDpop, tokenEndpoint, requireDpop, ...rest } = Object(options) as Record<string, unknown>;
  const { adapterTimeout = DEFAULTS.adapterTimeout, actTimeout = DEFAULTS.actTimeout } = rest;
  return [
    ...(Number(adapterTimeout) + Number(actTimeout) > MAX_BUDGET_MS ? [HINTS.adapterTimeout] : []),
    ...(verifyDpop !== undefined && tokenEndpoint === undefined ? [HINTS.tokenEndpoint] : []),
    ...(requireDpop === true && verifyDpop === undefined ? [HINTS.requireDpop] : []),
  ];
}

function checkWith(isSound: (value: string) => boolean): Joi.CustomValidator<string> {
  return (value, helpers) => (isSound(value) ? value : helpers.error('any.invalid'));
}

/** An origin is compared as a string, so it must be written as browsers write it (RFC 6454 §6.2). */
function isOrigin(text: string): boolean {
  if (/^https?:/i.test(text)) return URL.canParse(text) && new URL(text).origin === text && !text.includes('*');
  return /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#*]+$/.test(text);
}

function parseBytes(text: string): number {
  const unit = text.replace(/^\d+/, '').toLowerCase();
  return Number.parseInt(text, 10) * (FACTOR[unit] ?? 1);
}
