import type { Request } from 'express';
import type { Options as RateLimitOptions } from 'express-rate-limit';
import type { FIXED_STATUS, OAuthErrorCode } from './errors';
import type { Reason } from './reasons';

/** A value, or a promise of it. Query builders that can be awaited work as well; in TypeScript, await them. */
export type Awaitable<T> = T | Promise<T>;

/**
 * The record of an authorization code (RFC 6749 §4.1.2, RFC 7636 §4.4). Use `null` if the authorization request did not
 * have a value. A missing field is a fault, because a lost column must not switch off a check.
 */
export interface AuthorizationCode {
  /** The client that the code was issued to. */
  clientId: string;
  /** The `redirect_uri` of the authorization request, byte for byte. */
  redirectUri: string | null;
  /** `BASE64URL(SHA-256(code_verifier))` (RFC 7636 §4.2). A code without a challenge cannot be redeemed. */
  codeChallenge: string | null;
  /** `'S256'`. Every other method is refused. */
  codeChallengeMethod: string | null;
  /** The code is refused from this instant on. RFC 6749 §4.1.2 recommends 10 minutes at most. */
  expiresAt: Date;
  /** The `dpop_jkt` of the authorization request (RFC 9449 §10). May be missing only without `verifyDpop`. */
  dpopJkt?: string | null;
  /** The scope that was granted, space-separated. */
  scope?: string | null;
  /**
   * The resources that were granted (RFC 8707 §2). `null` or missing: the login does not use resource indicators, and
   * the parameter `resource` is ignored. `[]`: none was granted, so each one is refused.
   */
  resources?: readonly string[] | null;
  /**
   * When the code was redeemed; `null` if it was not. With `spentBy`, a request that is sent twice at once revokes
   * nothing.
   */
  spentAt?: Date | null;
  /** The address that redeemed the code: `digestOfAddress(req)`. */
  spentBy?: string | null;
}

/** A registered client (RFC 7591 §2). Your record may have more members. */
export interface Client {
  clientId: string;
  /** Every request of this client needs a DPoP proof (RFC 9449 §5.2). @default false */
  dpopBoundAccessTokens?: boolean | 0 | 1 | null | undefined;
  /** The grants that this client may use. @default all that the endpoint serves */
  grantTypes?: readonly string[] | null | undefined;
  /**
   * The only method by which this client may authenticate (RFC 7591 §2). A request that uses another one is refused.
   * Leave it out for a client that you authenticate by other means, such as its TLS certificate. @default every method
   */
  tokenEndpointAuthMethod?: ClientCredentials['method'] | (string & {}) | null | undefined;
  /** This client may leave `redirect_uri` out of its token request, as OAuth 2.1 clients do. @default false */
  omitsRedirectUri?: boolean | 0 | 1 | null | undefined;
}

/** The id of a client, from `Authorization: Basic` or from the body. */
export interface ClaimedId {
  /** The id. One from Basic is form-decoded (RFC 6749 §2.3.1). */
  clientId: string;
  /** The id from Basic without decoding, if it differs. Accept either form, because many clients do not encode. */
  clientIdAsSent?: string;
}

/** How a client identified itself; `method` is the `token_endpoint_auth_method` of RFC 7591 §2. */
export type ClientCredentials =
  | ({ method: 'none' } & ClaimedId)
  | ({
      method: 'client_secret_basic';
      /** The secret, form-decoded (RFC 6749 §2.3.1). */
      clientSecret: string;
      /** The secret without decoding, if it differs. Accept either form, because many clients do not encode. */
      clientSecretAsSent?: string;
    } & ClaimedId)
  | ({ method: 'client_secret_post'; clientSecret: string } & ClaimedId)
  | ({ method: 'private_key_jwt'; clientAssertion: string } & Partial<ClaimedId>);

/** The key that the tokens are bound to. Use it as the `cnf` claim as it is (RFC 9449 §6.1). */
export interface Confirmation {
  /** The RFC 7638 thumbprint of the proof's public key. */
  jkt: string;
}

/** The declared parameters of a request, by name. */
export type DeclaredParameters<Name extends string = string> = { readonly [Each in Name]: string | undefined };

/** The members that every exchange has. */
export interface ExchangeFacts<RequestingClient = Client, Name extends string = string> {
  client: RequestingClient;
  /** Present if and only if a DPoP proof was verified. `issueTokens.check` never sees it. */
  confirmation: Confirmation | undefined;
  /**
   * The resources of the access token (RFC 8707 §2.2): those that the request asked for, or else all that were granted.
   * `[]` if there are none.
   */
  resources: readonly string[];
  /** The parameters that the option `parameters` declares, and those of the grant, as the request sent them. */
  parameters: DeclaredParameters<Name>;
  /** Whether this endpoint serves `grant_type=refresh_token`. If not, nobody could use a refresh token. */
  servesRefresh: boolean;
  /** Milliseconds for spending and issuing: the option `actTimeout`. Refuse in `check` what would take longer to issue. */
  actTimeout: number;
}

/** What `issueTokens` gets when a code is redeemed. */
export interface Exchange<Code = AuthorizationCode, RequestingClient = Client, Name extends string = string>
  extends ExchangeFacts<RequestingClient, Name> {
  code: Code;
  refreshToken?: never;
  scope?: never;
  isRotated?: never;
}

/**
 * The record of a refresh token (RFC 6749 §6). Use `null` if there is no value. A missing field is a fault, because a
 * lost column must not switch off a check.
 */
export interface RefreshToken {
  /** The client that the token was issued to. */
  clientId: string;
  /** The scope that was granted, space-separated. A request can narrow it, but not widen it. */
  scope: string | null;
  /**
   * The token is refused from this instant on: the end of its idle or of its absolute lifetime, whichever comes first.
   */
  expiresAt: Date;
  /** The key that the token is bound to (RFC 9449 §5). May be missing only without `verifyDpop`. */
  dpopJkt?: string | null;
  /** When the token was spent; `null` if it was not. May be missing only without `leeway` and `rotates`. */
  spentAt?: Date | null;
  /** Whether the store accepts this spent token again, after a lost answer or a race between tabs. The store counts. */
  isRepeatable?: boolean | null;
  /** The kind of repeat, for the reason of the outcome. @default 'at_once' */
  repeatedAs?: 'at_once' | 'late' | 'sibling' | null;
  /** The resources that were granted (RFC 8707), as in `AuthorizationCode`. */
  resources?: readonly string[] | null;
}

/** What `issueTokens` gets when a refresh token is redeemed. */
export interface RefreshExchange<Token = RefreshToken, RequestingClient = Client, Name extends string = string>
  extends ExchangeFacts<RequestingClient, Name> {
  refreshToken: Token;
  /** The scope of the access token: what the request asked for, or all that was granted. */
  scope: string | null;
  /** `true`: the token is spent, so issue the next one. `false`: `rotates` kept the token. */
  isRotated: boolean;
  code?: never;
}

/** The refresh grant's adapters (RFC 6749 §6, RFC 9700 §4.14). */
export interface RefreshOptions<Token extends RefreshToken = RefreshToken, RequestingClient = Client> {
  /**
   * Finds a token and changes nothing. Return spent tokens as well: that is how the router detects their reuse. Return
   * `null` if the grant is revoked.
   */
  findRefreshToken: (refreshToken: string, req: Request) => Awaitable<Token | null | undefined>;
  /** Marks a token spent in one atomic step. Return `true` for exactly one call ever, `false` for all others. */
  consumeRefreshToken: (refreshToken: NoInfer<Token>, req: Request) => Awaitable<boolean>;
  /**
   * Called when a spent token is reused. Revoke its family, also what is being issued at this moment. Must be
   * idempotent.
   */
  revokeTokens?: ((refreshToken: NoInfer<Token>, req: Request) => Awaitable<void>) | undefined;
  /**
   * Milliseconds, 0 to 60000, in which a spent token may be used again: answers get lost, and tabs race. `issueTokens`
   * is then called again for the same record. @default 0
   */
  leeway?: number | undefined;
  /**
   * Whether a token is spent and replaced by a new one. `false` keeps it, and `exchange.isRotated` is `false`. Keep a
   * token only if a thief cannot use it: one that is bound to a DPoP key, or to a client that authenticates
   * (RFC 9700 §4.14.2). @default every token is replaced
   */
  rotates?: ((refreshToken: NoInfer<Token>, client: RequestingClient) => Awaitable<boolean>) | undefined;
}

/** What `issueTokens` gets: the exchange of a code, or of a refresh token if the endpoint serves that grant. */
export type AnyExchange<Code, RequestingClient, Token, Name extends string = string> =
  | Exchange<Code, RequestingClient, Name>
  // Without `refresh` there is no record, and no second kind of exchange.
  | ([Token] extends [never] ? never : RefreshExchange<Token, RequestingClient, Name>);

/** What `issueTokens` of a grant of your own gets (RFC 6749 §4.5). */
export interface ExtensionExchange<RequestingClient = Client, Name extends string = string>
  extends ExchangeFacts<RequestingClient, Name> {
  /** The `grant_type` of the request. */
  grantType: string;
  code?: never;
  refreshToken?: never;
  scope?: never;
  isRotated?: never;
}

/**
 * A grant of your own (RFC 6749 §4.5). The endpoint does everything but issue: body, client, resources, DPoP, limit,
 * answer.
 */
export interface ExtensionGrant<
  RequestingClient extends Client = Client,
  Name extends string = string,
  Declared extends string = never,
> {
  /** The parameters of this grant, beside those that the option `parameters` declares. @default [] */
  parameters?: readonly Name[] | undefined;
  /** Whether public clients may use it, if their `grantTypes` names it. @default false */
  allowPublic?: boolean | undefined;
  /** Makes the tokens. Its member `check` is called before anything is spent. */
  issueTokens: IssueTokens<ExtensionExchange<NoInfer<RequestingClient>, NoInfer<Name> | NoInfer<Declared>>>;
}

/** What a client may get for itself, without a user (RFC 6749 §4.4). */
export interface ClientGrant {
  /** The scopes, space-separated. `null`: none. */
  scope: string | null;
  /**
   * The resources (RFC 8707). `null` or missing: the client does not use resource indicators, and the parameter
   * `resource` is ignored. `[]`: there is none, so each one is refused.
   */
  resources?: readonly string[] | null;
  /** The API of the access token, if there are no `resources`. @default the first of the issuer's `apis` */
  audience?: string | null;
  /** The id under which opaque access tokens are saved and revoked. */
  grantId?: string;
}

/** What `issueTokens` of `clientCredentials` gets (RFC 6749 §4.4). */
export interface ClientExchange<
  RequestingClient = Client,
  Grant extends ClientGrant = ClientGrant,
  Name extends string = string,
> extends ExchangeFacts<RequestingClient, Name> {
  /** The `grant_type` of the request. */
  grantType: string;
  /** What `findClientGrant` returned. */
  clientGrant: Grant;
  /** The scope of the access token: what the request asked for, or all that the client may get. */
  scope: string | null;
  code?: never;
  refreshToken?: never;
  isRotated?: never;
}

/** Makes the tokens. */
export interface IssueTokens<AnExchange> {
  (exchange: AnExchange, req: Request): Awaitable<IssuedTokens>;
  /**
   * Called before anything is spent, to find out whether the tokens can be issued. Change nothing. Throw an
   * `OAuthError` to refuse. If you wrap `issueTokens`, copy this member. @default nothing is asked
   */
  check?: ((exchange: AnExchange, req: Request) => Awaitable<void>) | undefined;
}

/**
 * The members of the answer (RFC 6749 §5.1). Other members are sent as they are. The router sets `token_type`: `DPoP`
 * if and only if a proof was verified, else `Bearer`.
 */
export interface IssuedTokens {
  access_token: string;
  /** Seconds, a whole number above zero. */
  expires_in: number;
  refresh_token?: string | null | undefined;
  id_token?: string | null | undefined;
  /** Required if it is not the scope that was requested. */
  scope?: string | null | undefined;
  token_type?: never;
}

/** What `verifyDpop` gets. */
export interface DpopProof {
  /** The value of the `DPoP` field, as sent. */
  proof: string;
  /** The method that the proof must name: `POST`. */
  htm: string;
  /** The URL that the proof must name: the configured `tokenEndpoint`. */
  htu: string;
}

/** Verifies a DPoP proof (RFC 9449 §4.3), or throws an `OAuthError`. `nonce` is sent back as `DPoP-Nonce`. */
export type VerifyDpop = (
  proof: DpopProof,
  req: Request,
) => Awaitable<{ jkt: string; nonce?: string | null | undefined }>;

/** What `verifyDpop` requires: the URL that proofs name, and `dpopJkt` in the record of a code. */
export type DpopNeeds<Verify, Code> = [undefined] extends [Verify]
  ? unknown
  : { tokenEndpoint: string | ((req: Request) => string) } & ('dpopJkt' extends keyof Code
      ? unknown
      : { findCode: 'verifyDpop needs dpopJkt, a string or null, in the record that findCode returns' });

/** What `consumeJti` gets: the `jti` of a DPoP proof, which may be used once (RFC 9449 §11.1). */
export interface DpopJti {
  /** Printable ASCII, 256 characters at most. Unique for its key only. */
  jti: string;
  /** The RFC 7638 thumbprint of the proof's key. */
  jkt: string;
  /** The proof is refused from this instant on, so the `jti` can be deleted. */
  expiresAt: Date;
}

/** How a request ended. Never holds a code, a verifier, a proof, a secret or a token. */
export interface Outcome {
  /**
   * `issued`: the token endpoint sent tokens. `served`: an endpoint beside it answered 200. `failed` is every 5xx;
   * `refused` every other refusal.
   */
  outcome: 'issued' | 'served' | 'refused' | 'failed';
  /** A reason of docs/errors.md, or the `reason` of an adapter's own `OAuthError`. */
  reason: Reason | (string & {});
  status: number;
  /** The `error` of the answer. */
  error?: OAuthErrorCode | (string & {});
  /** The id that the client sent. Verified only if the client authenticated. */
  clientId?: string;
  /** Milliseconds from the router's first step to the answer. */
  durationMs: number;
  /**
   * What was thrown, or an error that says what an adapter returned wrongly. Read it before your first `await`: a fault
   * that `onOutcome` does not read is written to `console.error`.
   */
  fault?: unknown;
  /** The `cause` of an adapter's `OAuthError`. */
  cause?: unknown;
}

/** Statuses, 400 to 499, by error code. Those of DPoP, 429 and 5xx cannot be changed. */
export type ErrorStatus = Partial<Record<Exclude<OAuthErrorCode, (typeof FIXED_STATUS)[number]>, number>>;

/** Options of express-rate-limit that the endpoint decides itself: what is counted, and how 429 is answered. */
type MeaninglessRateLimit =
  | ('handler' | 'message' | 'statusCode' | 'retryAfter' | 'headers' | 'legacyHeaders' | 'max')
  | ('skipSuccessfulRequests' | 'skipFailedRequests' | 'requestWasSuccessful');

/** What an endpoint serves, for the metadata of the authorization server (RFC 8414 §2). */
export interface EndpointMetadata {
  /** The option `path`. */
  readonly path: string;
  /** How clients may authenticate. `undefined`: your own `authenticateClient` has no member `methods`. */
  readonly clientAuthenticationMethods: readonly string[] | undefined;
  /**
   * The algorithms of client assertions. `undefined`: your own `authenticateClient` has no member `signingAlgorithms`.
   */
  readonly clientAuthenticationAlgorithms: readonly string[] | undefined;
}

/** What a token endpoint serves (RFC 8414 §2). */
export interface TokenEndpointMetadata extends EndpointMetadata {
  /** The option `tokenEndpoint`, if it is one URL. */
  readonly tokenEndpoint: string | undefined;
  readonly grantTypes: readonly string[];
  readonly codeChallengeMethods: readonly string[];
  /** `[]` without `verifyDpop`. `undefined`: your own `verifyDpop` has no member `algorithms`. */
  readonly dpopAlgorithms: readonly string[] | undefined;
}

/** The options that every endpoint has. */
export type EndpointOptionName =
  | 'authenticateClient'
  | 'path'
  | 'allowedOrigins'
  | 'rateLimit'
  | 'bodyLimit'
  | 'bodyTimeout'
  | 'adapterTimeout'
  | 'maxInFlight'
  | 'maxInFlightPerAddress'
  | 'errorStatus'
  | 'onOutcome';

/** The options of `createTokenRouter`. Records and client are inferred from what the adapters return. */
export interface TokenRouterOptions<
  Code extends AuthorizationCode = AuthorizationCode,
  RequestingClient extends Client = Client,
  Token extends RefreshToken = never,
  Name extends string = never,
  // biome-ignore lint/complexity/noBannedTypes: no grant of the host's, so no names of their parameters
  GrantNames extends Record<string, string> = {},
> {
  /**
   * Finds a code and changes nothing. Return redeemed codes as well, until their tokens expire: that is how the router
   * detects a replay. In TypeScript, write `code: string` if this function stands after those that take its record.
   */
  findCode: (code: string, req: Request) => Awaitable<Code | null | undefined>;
  /** Marks a code spent in one atomic step. Return `true` for exactly one call ever, `false` for all others. */
  consumeCode: (code: NoInfer<Code>, req: Request) => Awaitable<boolean>;
  /** Makes the tokens. Called once per code, after every check. Its member `check` is called before anything is spent. */
  issueTokens: IssueTokens<AnyExchange<NoInfer<Code>, NoInfer<RequestingClient>, NoInfer<Token>, NoInfer<Name>>>;
  /**
   * Called when a code is replayed. Revoke what was issued from it, also what is being issued at this moment. Must be
   * idempotent. @default nothing is revoked
   */
  revokeTokens?: ((code: NoInfer<Code>, req: Request) => Awaitable<void>) | undefined;
  /** Serves `grant_type=refresh_token` as well. @default codes only */
  refresh?: RefreshOptions<Token, NoInfer<RequestingClient>> | undefined;
  /**
   * Names of further parameters, which `issueTokens` gets in `exchange.parameters`. Each may be sent once, in printable
   * ASCII.
   * @default none
   */
  parameters?: readonly Name[] | undefined;
  /**
   * Your own grants at the same URL, by `grant_type`. A client uses one only if its `grantTypes` names it.
   * @default none
   */
  grants?:
    | {
        readonly [GrantType in keyof GrantNames]: ExtensionGrant<
          NoInfer<RequestingClient>,
          GrantNames[GrantType],
          NoInfer<Name>
        >;
      }
    | undefined;
  /**
   * Authenticates the client. Return `null` to refuse it. @default public clients only: any `client_id`, no credential
   */
  authenticateClient?:
    | ((credentials: ClientCredentials, req: Request) => Awaitable<RequestingClient | null | undefined>)
    | undefined;
  /** Verifies a DPoP proof (RFC 9449 §4.3), or throws an `OAuthError`. @default proofs are ignored (RFC 9449 §5) */
  verifyDpop?: VerifyDpop | undefined;
  /** The public URL of this endpoint (RFC 8414 `token_endpoint`). Required with `verifyDpop`. */
  tokenEndpoint?: string | ((req: Request) => string) | undefined;
  /** Every request needs a DPoP proof. @default false */
  requireDpop?: boolean | undefined;
  /** The path of the route. Letter case and a trailing slash count. @default '/oauth/token' */
  path?: string | undefined;
  /**
   * Browser origins that may call, as browsers send them, such as `'https://app.example'`. `'null'` is one.
   * @default none
   */
  allowedOrigins?: readonly string[] | ((origin: string, req: Request) => Awaitable<boolean>) | undefined;
  /** Options of express-rate-limit, or `false`. @default 100 failures per minute and address */
  rateLimit?: Partial<Omit<RateLimitOptions, MeaninglessRateLimit>> | false | undefined;
  /** Bytes, or a string such as `'16kb'`. @default '16kb' */
  bodyLimit?: number | string | undefined;
  /** Milliseconds for all adapters together before anything is spent, the rate limit included. @default 4000 */
  adapterTimeout?: number | undefined;
  /** Milliseconds for spending the code and issuing the tokens. With `adapterTimeout` at most 9500. @default 5000 */
  actTimeout?: number | undefined;
  /** Milliseconds until the whole body must be there, counted from the router's first call. @default 10000 */
  bodyTimeout?: number | undefined;
  /** How many requests with a complete body may be in flight at once. Others are refused with 503. @default 2000 */
  maxInFlight?: number | undefined;
  /** How many requests of one address may be in flight at once. Others are refused with 503. @default 1000 */
  maxInFlightPerAddress?: number | undefined;
  /** Statuses to use instead of those of RFC 6749 §5.2, by error code. @default {} */
  errorStatus?: ErrorStatus | undefined;
  /**
   * Called once per request with its outcome. Faults that it does not read are written to `console.error`.
   * @default every fault is
   */
  onOutcome?: ((outcome: Outcome, req: Request) => void) | undefined;
}
