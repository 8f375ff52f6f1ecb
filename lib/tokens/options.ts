import type { Request } from 'express';
import Joi from 'joi';
import type { Awaitable, Client } from '../types';
import type { RefusedClaim } from './claim-registry';
import { KEYS_HINT, type ParsedKey, parseKeys, type SigningKey } from './keys';
import { OIDC_SCOPES } from './scopes';
import type {
  AccessTokenRecord,
  Api,
  Authorization,
  Claims,
  IssuerExchange,
  RefreshTokenRecord,
  TokenKind,
} from './types';

/** The options of `createTokenIssuer`. */
export interface TokenIssuerOptions<
  Record extends Authorization = Authorization,
  RequestingClient extends Client = Client,
> {
  /** The `iss` of every token: the URL of the authorization server (RFC 8414 §2). */
  issuer: string;
  /** The keys, the one that signs first; the others are published beside it. */
  keys: readonly SigningKey[];
  /** The APIs, the one first that requests without an `audience` mean. */
  apis: readonly Api[];
  /**
   * The user's standard claims (OpenID Connect Core §5.1): those of the granted scopes go into the ID token. `null` says
   * that the user is gone, and refuses. @default no such claims
   */
  users?:
    | ((exchange: IssuerExchange<Record, RequestingClient>, req: Request) => Awaitable<Claims | null | undefined>)
    | undefined;
  /** The host's own claims, asked for each token by itself: names are URLs or URNs of the host's. @default none */
  claims?:
    | ((
        exchange: IssuerExchange<Record, RequestingClient>,
        token: TokenKind,
        req: Request,
      ) => Awaitable<Claims | null | undefined>)
    | undefined;
  /** Told of each custom claim that was left out, and why. @default `console.warn`, once a name */
  onClaimRefused?: ((refused: RefusedClaim, req: Request) => void) | undefined;
  /** Saves a refresh token under its `grantId`. Needed where an API has `allowOfflineAccess`. */
  saveRefreshToken?:
    | ((refreshToken: string, record: RefreshTokenRecord<Record>, req: Request) => Awaitable<unknown>)
    | undefined;
  /** Saves an opaque access token under its `grantId`. Needed where an API has `accessToken: 'opaque'`. */
  saveAccessToken?: ((accessToken: string, record: AccessTokenRecord, req: Request) => Awaitable<unknown>) | undefined;
  /**
   * Whether the grant behind the exchange was revoked, asked last of all: tokens that were made while a replay revoked
   * their grant do not leave. @default never asked
   */
  isRevoked?: ((exchange: IssuerExchange<Record, RequestingClient>, req: Request) => Awaitable<boolean>) | undefined;
  /** Whether the client authenticates: its refresh tokens are not bound to a DPoP key. @default every client is public */
  isConfidential?: ((client: RequestingClient) => boolean) | undefined;
  /** Seconds that an ID token lives. @default 3600 */
  idTokenLifetime?: number | undefined;
  /** Seconds that a refresh token lives unused. @default 1209600, 14 days */
  refreshTokenIdleLifetime?: number | undefined;
  /** Seconds that a family of refresh tokens lives, however it is used. @default 2592000, 30 days */
  refreshTokenLifetime?: number | undefined;
}

type WithDefault = 'idTokenLifetime' | 'refreshTokenIdleLifetime' | 'refreshTokenLifetime' | 'isConfidential';

/** The options as the issuer works with them. */
export type IssuerConfiguration = Omit<TokenIssuerOptions, WithDefault | 'keys' | 'apis'> &
  Required<{ [Name in WithDefault]: Exclude<TokenIssuerOptions[Name], undefined> }> & {
    keys: ParsedKey[];
    apis: ReadonlyMap<string, Api>;
    defaultApi: Api;
  };

const DEFAULTS = Object.freeze({
  idTokenLifetime: 3600,
  refreshTokenIdleLifetime: 1_209_600,
  refreshTokenLifetime: 2_592_000,
  isConfidential: () => false,
});

const SECONDS = 'must be a whole number of seconds from 1 to 3153600000';

/** What to write instead, by option. */
const HINTS = {
  issuer: 'issuer must be an http(s) URL without a query and a fragment',
  keys: KEYS_HINT,
  apis:
    'apis must be an array of one or more { identifier, lifetime, scopes }: a string, a whole number of seconds and an ' +
    "array of scopes, with or without allowOfflineAccess, a boolean, and accessToken, 'jwt' or 'opaque'",
  users: 'users must be a function: (exchange, req) => the standard claims of the user, or null',
  claims: 'claims must be a function: (exchange, token, req) => an object of claims',
  onClaimRefused: 'onClaimRefused must be a function: ({ claim, token, reason }, req) => nothing',
  saveRefreshToken:
    'saveRefreshToken must be a function: (refreshToken, record, req) => saves it; allowOfflineAccess needs it',
  saveAccessToken:
    'saveAccessToken must be a function: (accessToken, record, req) => saves it; opaque access tokens need it',
  isRevoked: 'isRevoked must be a function: (exchange, req) => true or false',
  isConfidential: 'isConfidential must be a function: (client) => true or false',
  idTokenLifetime: `idTokenLifetime ${SECONDS}`,
  refreshTokenIdleLifetime: `refreshTokenIdleLifetime ${SECONDS}`,
  refreshTokenLifetime: `refreshTokenLifetime ${SECONDS}`,
} satisfies Readonly<Record<keyof TokenIssuerOptions, string>>;

const SCOPE = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

const seconds = Joi.number().integer().min(1).max(3_153_600_000);
const adapter = Joi.function();

const schema = Joi.object({
  issuer: Joi.string()
    .required()
    .custom((value, helpers) => (isIssuerUrl(value) ? value : helpers.error('any.invalid'))),
  // They are parsed one by one.
  keys: Joi.any(),
  apis: Joi.array()
    .required()
    .min(1)
    .items(
      Joi.object({
        identifier: Joi.string().required(),
        lifetime: seconds.required(),
        scopes: Joi.array()
          .required()
          .items(
            Joi.string()
              .pattern(SCOPE)
              .invalid(...OIDC_SCOPES),
          ),
        allowOfflineAccess: Joi.boolean(),
        accessToken: Joi.valid('jwt', 'opaque'),
      }),
    ),
  users: adapter,
  claims: adapter,
  onClaimRefused: adapter,
  saveRefreshToken: adapter,
  saveAccessToken: adapter,
  isRevoked: adapter,
  isConfidential: adapter,
  idTokenLifetime: seconds,
  refreshTokenIdleLifetime: seconds,
  refreshTokenLifetime: seconds,
});

/**
 * Checks the options, once.
 *
 * @throws TypeError that lists every mistake and what to write instead.
 */
export function parseIssuerOptions<Record extends Authorization, RequestingClient extends Client>(
  options: TokenIssuerOptions<Record, RequestingClient>,
): IssuerConfiguration {
  const { parsed, mistakes } = parseKeys(Object(options).keys);
  checkMistakes([...listMistakes(options), ...mistakes]);
  const { apis } = options;
  checkMistakes(listApiMistakes(apis, options as TokenIssuerOptions<never>));

  // Name by name: a method that the options inherit was checked with the others.
  const given = Object.keys(HINTS).map((name) => [name, options[name as keyof typeof options]]);
  const copies = apis.map(copyApi);
  const [defaultApi] = copies;
  // From here on the host's record is any record: each function gets what the endpoint's own adapters returned.
  return {
    ...DEFAULTS,
    ...Object.fromEntries(given.filter(([, value]) => value !== undefined)),
    keys: parsed,
    apis: new Map(copies.map((api) => [api.identifier, api])),
    defaultApi,
  } as unknown as IssuerConfiguration;
}

/** What was checked stays as it was checked, whatever becomes of the host's object. */
function copyApi({ identifier, lifetime, scopes, allowOfflineAccess, accessToken }: Api): Api {
  return { identifier, lifetime, scopes: [...scopes], allowOfflineAccess, accessToken };
}

/** @throws TypeError that lists them, if there are any. */
export function checkMistakes(mistakes: readonly string[]): void {
  if (mistakes.length > 0) throw new TypeError(`createTokenIssuer: ${[...new Set(mistakes)].join('; ')}`);
}

function listMistakes(options: unknown): string[] {
  const { error } = schema.required().validate(options, { abortEarly: false, convert: false });
  return (error?.details ?? []).map(({ path: [name] }) => {
    if (name === undefined) return 'pass an object with issuer, keys and apis';
    return isOption(name)
      ? HINTS[name]
      : `there is no option ${name}: the options are ${Object.keys(HINTS).join(', ')}`;
  });
}

function isOption(name: string | number): name is keyof TokenIssuerOptions {
  return Object.hasOwn(HINTS, name);
}

function listApiMistakes(
  apis: readonly Api[],
  { saveRefreshToken, saveAccessToken }: Pick<TokenIssuerOptions<never>, 'saveRefreshToken' | 'saveAccessToken'>,
): string[] {
  const identifiers = apis.map(({ identifier }) => identifier);
  const repeated = identifiers.find((identifier, index) => identifiers.indexOf(identifier) !== index);
  return [
    ...(repeated === undefined ? [] : [`apis must be told apart: ${JSON.stringify(repeated)} is there twice`]),
    ...(apis.some((api) => api.allowOfflineAccess) && !saveRefreshToken ? [HINTS.saveRefreshToken] : []),
    ...(apis.some((api) => api.accessToken === 'opaque') && !saveAccessToken ? [HINTS.saveAccessToken] : []),
  ];
}

function isIssuerUrl(text: string): boolean {
  return /^https?:\/\/[^\s?#]+$/.test(text) && URL.canParse(text);
}
