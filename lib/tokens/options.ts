import type { Request } from 'express';
import Joi from 'joi';
import { isIssuer } from '../issuer';
import { describeMistake, describeUnknown, throwMistakes } from '../mistakes';
import { adapter, adviseOnAdapter, adviseOnProduct, orFunction, plainAdapter } from '../options/adapters';
import type { Awaitable, Client } from '../types';
import { API_HINTS, API_SCHEMA, describeApiMistake } from './api-options';
import { type ConfiguredApis, configureApis, listApiMistakes } from './apis';
import type { RefusedClaim } from './claim-registry';
import { listMissing } from './keyring';
import { type ParsedKey, parseKeys, type SigningKey } from './keys';
import { adaptStore } from './store';
import type {
  AccessTokenRecord,
  AnyAuthorization,
  Api,
  Claims,
  ClientTokenExchange,
  GrantStore,
  IssuerExchange,
  RefreshTokenRecord,
  TokenKind,
} from './types';

/** Saves a refresh token. */
export interface SaveRefreshToken<Record extends AnyAuthorization = AnyAuthorization> {
  (refreshToken: string, record: RefreshTokenRecord<Record>, req: Request): Awaitable<unknown>;
  /** Called before anything is spent. Throw if the record cannot be saved. Save nothing. @default nothing is checked */
  check?: ((record: RefreshTokenRecord<Record>) => void) | undefined;
}

/** The options of `createTokenIssuer`. */
export interface TokenIssuerOptions<
  Record extends AnyAuthorization = AnyAuthorization,
  RequestingClient extends Client = Client,
> {
  /**
   * The `iss` of every token: the URL of the authorization server (RFC 8414 §2), http(s) and without a query and a
   * fragment. For tenants, write a function that reads it from the record. It does not get the request, because a
   * client can choose its `Host`.
   */
  issuer: string | ((exchange: IssuerExchange<Record, RequestingClient>) => string);
  /** The keys. The first one of each algorithm signs; the others are published as well. */
  keys: readonly SigningKey[];
  /** The APIs that access tokens are for. The first one is used for requests without an `audience`. */
  apis: readonly Api[];
  /**
   * Returns the standard claims of the user (OpenID Connect Core §5.1). Those of the granted scopes go into the ID
   * token. Return `null` if the user does not exist any more: the request is refused. @default no such claims
   */
  users?:
    | ((exchange: IssuerExchange<Record, RequestingClient>, req: Request) => Awaitable<Claims | null | undefined>)
    | undefined;
  /**
   * Returns your own claims for one token. Their names must be URLs or URNs of yours. Called before anything is spent,
   * and again after a DPoP proof was verified, with its key in `exchange.confirmation`. @default none
   */
  claims?:
    | ((
        exchange: IssuerExchange<Record, RequestingClient>,
        token: TokenKind,
        req: Request,
      ) => Awaitable<Claims | null | undefined>)
    | undefined;
  /** The same for the access tokens that `issueClientTokens` makes for clients themselves. @default none */
  clientClaims?:
    | ((exchange: ClientTokenExchange<RequestingClient>, req: Request) => Awaitable<Claims | null | undefined>)
    | undefined;
  /** Called for each custom claim that was left out, with the reason. @default `console.warn`, once per name */
  onClaimRefused?: ((refused: RefusedClaim, req: Request) => void) | undefined;
  /**
   * The store: `memoryStore()`, `redisStore(…)` or `postgresStore(…)`. It saves refresh tokens and knows which grants
   * were revoked. @default none; pass `saveRefreshToken` and `isRevoked` of your own store instead
   */
  store?: GrantStore<Record> | undefined;
  /** Saves a refresh token under its `grantId`. Required if an API has `allowOfflineAccess` and there is no `store`. */
  saveRefreshToken?: SaveRefreshToken<Record> | undefined;
  /** Saves an opaque access token under its `grantId`. Required if an API has `accessToken: 'opaque'`. */
  saveAccessToken?: ((accessToken: string, record: AccessTokenRecord, req: Request) => Awaitable<unknown>) | undefined;
  /**
   * Whether the grant of the exchange was revoked. Called before the code or the refresh token is spent, and again as
   * the last step, so that no tokens are sent if a replay revokes their grant meanwhile. Return `'unknown'` for a grant
   * that your store does not know: that is a fault, because it means that codes and `isRevoked` use different stores.
   * @default never called
   */
  isRevoked?:
    | ((exchange: IssuerExchange<Record, RequestingClient>, req: Request) => Awaitable<boolean | 'unknown'>)
    | undefined;
  /**
   * Whether the client authenticates. Then its refresh tokens are not bound to a DPoP key (RFC 9449 §5). @default every
   * client is public
   */
  isConfidential?: ((client: RequestingClient) => boolean) | undefined;
  /** Seconds that an ID token is valid, 1 to 3153600000. @default 3600 */
  idTokenLifetime?: number | undefined;
  /** Seconds that an unused refresh token is valid, 1 to 3153600000. @default 1209600, 14 days */
  refreshTokenIdleLifetime?: number | undefined;
  /**
   * Seconds until the refresh tokens of a login expire, however they are used, 1 to 3153600000. @default 2592000, 30
   * days
   */
  refreshTokenLifetime?: number | undefined;
  /**
   * Milliseconds for the signatures of an answer, including the time that they wait, 1 to 9500. Half of the router's
   * `actTimeout` at most counts. A request that would take longer is refused with 503 before its code is spent.
   * @default 2500
   */
  signingTimeout?: number | undefined;
}

type WithDefault =
  | 'idTokenLifetime'
  | 'refreshTokenIdleLifetime'
  | 'refreshTokenLifetime'
  | 'signingTimeout'
  | 'isConfidential';

/** The options as the issuer uses them. */
export type IssuerConfiguration = Omit<TokenIssuerOptions, WithDefault | 'keys' | 'apis'> &
  Required<{ [Name in WithDefault]: Exclude<TokenIssuerOptions[Name], undefined> }> & {
    keys: ParsedKey[];
    apis: ConfiguredApis;
  };

const DEFAULTS = Object.freeze({
  idTokenLifetime: 3600,
  refreshTokenIdleLifetime: 1_209_600,
  refreshTokenLifetime: 2_592_000,
  signingTimeout: 2500,
  isConfidential: () => false,
});

const SECONDS = 'a whole number of seconds from 1 to 3153600000';

/** What to write, by option. */
const HINTS = {
  issuer: 'an http(s) URL without a query and a fragment, or a function that answers at once: (exchange) => that URL',
  // Its mistakes are listed key by key.
  keys: '',
  apis: API_HINTS.itself,
  users: 'a function: (exchange, req) => the standard claims of the user, or null',
  claims: 'a function: (exchange, token, req) => an object of claims',
  clientClaims: 'a function: (exchange, req) => an object of claims',
  onClaimRefused: 'a function: ({ claim, token, reason }, req) => nothing',
  store: 'memoryStore(), redisStore({ sendCommand }) or postgresStore({ query })',
  saveRefreshToken: 'a function: (refreshToken, record, req) => saves it',
  saveAccessToken: 'a function: (accessToken, record, req) => saves it',
  isRevoked: "a function: (exchange, req) => true, false or 'unknown'",
  isConfidential: 'a function that answers at once: (client) => true or false',
  idTokenLifetime: SECONDS,
  refreshTokenIdleLifetime: SECONDS,
  refreshTokenLifetime: SECONDS,
  signingTimeout: 'a whole number of milliseconds from 1 to 9500',
} satisfies Readonly<Record<keyof TokenIssuerOptions, string>>;

const seconds = Joi.number().integer().min(1).max(3_153_600_000);

const schema = Joi.object({
  issuer: orFunction(
    Joi.string().custom((value, helpers) => (isIssuer(value) ? value : helpers.error('any.invalid'))),
    plainAdapter,
  ).required(),
  // Keys are parsed one by one.
  keys: Joi.any(),
  apis: API_SCHEMA.required(),
  users: adapter,
  claims: adapter,
  clientClaims: adapter,
  onClaimRefused: adapter,
  store: Joi.object({
    saveCode: adapter.required(),
    saveRefreshToken: adapter.required(),
    extendRefreshToken: adapter.required(),
    findGrant: adapter.required(),
    keepGrantsFor: adapter.required(),
  }).unknown(),
  saveRefreshToken: adapter,
  saveAccessToken: adapter,
  isRevoked: adapter,
  isConfidential: plainAdapter,
  idTokenLifetime: seconds,
  refreshTokenIdleLifetime: seconds,
  refreshTokenLifetime: seconds,
  signingTimeout: Joi.number().integer().min(1).max(9500),
});

/**
 * Checks the options, once.
 *
 * @throws TypeError that lists every mistake and what to write instead.
 */
export function parseIssuerOptions<Record extends AnyAuthorization, RequestingClient extends Client>(
  options: TokenIssuerOptions<Record, RequestingClient>,
): IssuerConfiguration {
  const mistakes = listMistakes(options);
  if (Object(options) !== options) checkMistakes(mistakes);
  const { parsed, mistakes: keyMistakes } = parseKeys(options.keys);
  checkMistakes([...mistakes, ...keyMistakes]);
  const apis = configureApis(options.apis);
  checkMistakes([
    ...listApiMistakes(options.apis),
    ...listMissing(parsed, apis.algorithms),
    ...listMissingFunctions(options as TokenIssuerOptions<never>),
  ]);

  // Read by name: that also finds methods that the options inherit.
  const given = Object.keys(HINTS).map((name) => [name, options[name as keyof typeof options]]);
  // From here on the type of the record does not matter: each function gets what the adapters of the same host
  // returned.
  return {
    ...DEFAULTS,
    ...Object.fromEntries(given.filter(([, value]) => value !== undefined)),
    ...(options.store && adaptStore(options.store)),
    keys: parsed,
    apis,
  } as unknown as IssuerConfiguration;
}

/** @throws TypeError that lists them, one line each, if there are any. */
export function checkMistakes(mistakes: readonly string[]): void {
  throwMistakes('createTokenIssuer', mistakes);
}

function listMistakes(options: unknown): string[] {
  const { error } = schema.required().validate(options, { abortEarly: false, convert: false });
  return (error?.details ?? []).map(({ path, context }) => {
    const [name] = path;
    if (name === undefined) return describeMistake(['options'], options, 'Write { issuer, keys, apis }.');
    if (!isOption(name)) return describeUnknown(path, Object.keys(HINTS));
    const given: unknown = Object(options)[name];
    if (name === 'store') return describeMistake([name], given, adviseOnProduct(name, given, `Write ${HINTS.store}.`));
    if (path.length > 1) return describeApiMistake(path, context?.value);
    return describeMistake(path, context?.value, adviseOn(name, given));
  });
}

/** Advice for one option. The hints of functions begin with "a function". */
function adviseOn(name: keyof TokenIssuerOptions, given: unknown): string {
  const [, usage] = HINTS[name].split('a function: ');
  return usage === undefined ? `Write ${HINTS[name]}.` : adviseOnAdapter(name, given, usage);
}

function isOption(name: string | number): name is keyof TokenIssuerOptions {
  return Object.hasOwn(HINTS, name);
}

function listMissingFunctions(options: TokenIssuerOptions<never>): string[] {
  const { apis, store, saveRefreshToken, saveAccessToken } = options;
  const offline = apis.findIndex(({ allowOfflineAccess }) => allowOfflineAccess);
  const opaque = apis.findIndex(({ accessToken }) => accessToken === 'opaque');
  const needed = (name: 'saveRefreshToken' | 'saveAccessToken', by: string) =>
    describeMistake([name], undefined, `${by} needs it. Write ${HINTS[name]}.`);
  return [
    ...(store ? listDoubled(options) : []),
    ...(offline >= 0 && !saveRefreshToken && !store
      ? [needed('saveRefreshToken', `apis[${offline}].allowOfflineAccess`)]
      : []),
    ...(opaque >= 0 && !saveAccessToken ? [needed('saveAccessToken', `apis[${opaque}].accessToken`)] : []),
  ];
}

/** Lists options that the store replaces. */
function listDoubled(options: TokenIssuerOptions<never>): string[] {
  const doubled = (['saveRefreshToken', 'isRevoked'] as const).filter((name) => options[name] !== undefined);
  return doubled.map((name) => describeMistake([name], options[name], 'The store has it. Leave it out.'));
}
