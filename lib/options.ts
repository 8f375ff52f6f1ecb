import { throwMistakes } from './mistakes';
import { describeFindings, type Usage } from './options/advice';
import { findMistakes, OPTION_NAMES, type Schemas } from './options/schema';
import { decidesOnRepeats } from './repeats';
import type { AuthorizationCode, Client, EndpointOptionName, RefreshToken, TokenRouterOptions } from './types';

type AnyOptions = TokenRouterOptions<AuthorizationCode, Client, RefreshToken, string, Record<string, string>>;
type WithDefault =
  | 'path'
  | 'rateLimit'
  | 'adapterTimeout'
  | 'actTimeout'
  | 'bodyTimeout'
  | 'maxInFlight'
  | 'maxInFlightPerAddress'
  | 'errorStatus'
  | 'requireDpop'
  | 'parameters'
  | 'grants';

/** The options as the router uses them: checked and complete, for any type of record. */
export type Configuration = Omit<AnyOptions, WithDefault | 'bodyLimit'> &
  Required<{ [Name in WithDefault]: Exclude<AnyOptions[Name], undefined> }> & {
    /** Bytes. */
    bodyLimit: number;
  };

/** The options that every endpoint uses. */
export type EndpointConfiguration = Pick<Configuration, EndpointOptionName | 'actTimeout'>;

const ENDPOINT_DEFAULTS = Object.freeze({
  rateLimit: {},
  adapterTimeout: 4000,
  actTimeout: 5000,
  bodyTimeout: 10_000,
  maxInFlight: 2000,
  maxInFlightPerAddress: 1000,
  errorStatus: {},
});

const DEFAULTS = Object.freeze({
  ...ENDPOINT_DEFAULTS,
  path: '/oauth/token',
  requireDpop: false,
  parameters: [],
  grants: {},
});

/** Milliseconds: clients give up after 10 s. */
const MAX_BUDGET_MS = 9500;

const FACTOR: Readonly<Record<string, number>> = { kb: 1024, mb: 1024 * 1024 };

/**
 * Checks the options, once.
 *
 * @throws TypeError that lists every mistake and what to write instead.
 */
export function parseOptions<
  Code extends AuthorizationCode,
  RequestingClient extends Client,
  Token extends RefreshToken,
  Name extends string,
  GrantNames extends Record<string, string>,
>(options: TokenRouterOptions<Code, RequestingClient, Token, Name, GrantNames>): Configuration {
  throwMistakes('createTokenRouter', [
    ...describeFindings(findMistakes(options)),
    ...listIdle(Object(options)),
    ...listConflicts(options),
  ]);
  // From here on the type of the record does not matter: each adapter gets what another adapter of the same host
  // returned.
  return complete(options, OPTION_NAMES, DEFAULTS) as unknown as Configuration;
}

/** The options of an endpoint other than the token endpoint. */
export interface OwnOptions {
  factory: string;
  path: string;
  schemas: Schemas;
  usage: Usage;
  /** Options that are valid alone, but not together. */
  listConflicts(options: Readonly<Record<string, unknown>>): string[];
}

/**
 * Checks the options of such an endpoint, once.
 *
 * @throws TypeError that lists every mistake and what to write instead.
 */
export function parseEndpointOptions<Options>(
  options: Options,
  { factory, path, schemas, usage, listConflicts: listOwnConflicts }: OwnOptions,
): EndpointConfiguration & Omit<Options, EndpointOptionName> {
  const given = Object(options) as Readonly<Record<string, unknown>>;
  const lookMs = Number(given.adapterTimeout ?? 0);
  throwMistakes(factory, [
    ...describeFindings(findMistakes(options, schemas), usage),
    ...listIdle(given),
    ...(lookMs > MAX_BUDGET_MS ? [tooLong('adapterTimeout is', lookMs)] : []),
    ...(given === options ? listOwnConflicts(given) : []),
  ]);
  return complete(options as object, usage.names, { ...ENDPOINT_DEFAULTS, path }) as never;
}

function complete(options: TokenRouterOptions | object, names: readonly string[], defaults: object): object {
  const { bodyLimit = '16kb', errorStatus = {}, rateLimit = {} } = options as TokenRouterOptions;
  // Read by name: that also finds methods that the options inherit.
  const given = names.map((name) => [name, (options as Record<string, unknown>)[name]]);
  return {
    ...defaults,
    ...withoutUndefined(Object.fromEntries(given)),
    errorStatus: withoutUndefined(errorStatus),
    rateLimit: rateLimit === false ? false : withoutUndefined(rateLimit),
    bodyLimit: typeof bodyLimit === 'number' ? bodyLimit : parseBytes(bodyLimit),
  };
}

const tooLong = (what: string, milliseconds: number, together = '') =>
  `${what} ${milliseconds} ms${together}. Write ${MAX_BUDGET_MS} at most, because clients give up after 10 s.`;

/** Drops members that are undefined, so that the default applies. */
function withoutUndefined(members: object): object {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

/** Options that would have no effect. */
function listIdle({ rateLimit, maxInFlightPerAddress }: Readonly<Record<string, unknown>>): string[] {
  const { ipv6Subnet, keyGenerator } = Object(rateLimit) as Record<string, unknown>;
  return [
    ...(rateLimit === false && maxInFlightPerAddress !== undefined
      ? [
          'maxInFlightPerAddress does nothing with rateLimit: false, which turns off all bounds of an address. Leave one of them out.',
        ]
      : []),
    ...(typeof ipv6Subnet === 'function' && keyGenerator !== undefined
      ? ['rateLimit.ipv6Subnet does nothing beside rateLimit.keyGenerator. Leave one of them out.']
      : []),
  ];
}

/** Options that are valid alone, but not together. */
function listConflicts(options: unknown): string[] {
  const { verifyDpop, tokenEndpoint, requireDpop, refresh, ...rest } = Object(options) as Record<string, unknown>;
  const { adapterTimeout = DEFAULTS.adapterTimeout, actTimeout = DEFAULTS.actTimeout } = rest;
  const { leeway, findRefreshToken } = Object(refresh) as Record<string, unknown>;
  const budget = typeof adapterTimeout === 'number' && typeof actTimeout === 'number' ? adapterTimeout + actTimeout : 0;
  const conflicts: [boolean, string][] = [
    [budget > MAX_BUDGET_MS, tooLong('adapterTimeout and actTimeout are', budget, ' together')],
    [
      verifyDpop !== undefined && tokenEndpoint === undefined,
      "tokenEndpoint is missing, and verifyDpop needs it. Write the public URL of this endpoint, such as 'https://auth.example/oauth/token'.",
    ],
    [
      requireDpop === true && verifyDpop === undefined,
      'requireDpop is true, but verifyDpop is missing. Write verifyDpop: createDpopVerifier({ … }) of express-token-router/dpop.',
    ],
    [
      leeway !== undefined && decidesOnRepeats(findRefreshToken),
      'refresh.leeway does nothing here: the store decides which refresh tokens may come again. Leave it out, and pass leeway to the store.',
    ],
  ];
  return conflicts.flatMap(([isThere, line]) => (isThere ? [line] : []));
}

function parseBytes(text: string): number {
  const unit = text.replace(/\d+/, '').toLowerCase();
  return Number.parseInt(text, 10) * (FACTOR[unit] ?? 1);
}
