import type { Request } from 'express';
import type { Options as RateLimitOptions } from 'express-rate-limit';
import type { FIXED_STATUS, OAuthErrorCode } from './errors';
import type { Reason } from './reasons';

/** A value, or a promise of it. Query builders that are no promises but can be awaited work as well; in TypeScript, await them. */
export type Awaitable<T> = T | Promise<T>;

/**
 * What the authorization endpoint saved with a code (RFC 6749 §4.1.2, RFC 7636 §4.4). `null` says that the authorization
 * request had none; a field that is missing is a fault, for a lost column must not switch a check off.
 */
export interface AuthorizationCode {
  /** The client that the code was issued to. */
  clientId: string;
  /** The `redirect_uri` of the authorization request, byte for byte. */
  redirectUri: string | null;
  /** `BASE64URL(SHA-256(code_verifier))`. Without one the code cannot be redeemed. */
  codeChallenge: string | null;
  /** `S256`; every other method is refused. */
  codeChallengeMethod: string | null;
  /** From this instant on the code is refused. RFC 6749 §4.1.2 asks for 10 minutes at most. */
  expiresAt: Date;
  /** The `dpop_jkt` of the authorization request (RFC 9449 §10). May be missing only where there is no `verifyDpop`. */
  dpopJkt?: string | null;
  /** The scope that was granted, space-separated. */
  scope?: string | null;
  /**
   * The resources that were granted (RFC 8707). `null` or missing: this login knows no resource indicators, and the
   * parameter `resource` is ignored. `[]`: none was granted, and each is refused.
   */
  resources?: readonly string[] | null;
  /** When the code was redeemed, if it was. With `spentBy`, a request that is sent twice at once revokes nothing. */
  spentAt?: Date | null;
  /** Who redeemed the code: `digestOfAddress(req)`. */
  spentBy?: string | null;
}

/** A registered client (RFC 7591). The host's own record may have more. */
export interface Client {
  clientId: string;
  /** Every request of this client needs a DPoP proof (RFC 9449 §5.2). @default false */
  dpopBoundAccessTokens?: boolean | 0 | 1 | null | undefined;
  /** The grants that this client may use. @default all that the endpoint serves */
  grantTypes?: readonly string[] | null | undefined;
  /**
   * The one method by which this client authenticates (RFC 7591 §2); a request that used another is refused. Leave it out
   * for a client that you authenticate by other means, such as its TLS certificate. @default every method
   */
  tokenEndpointAuthMethod?: ClientCredentials['method'] | (string & {}) | null | undefined;
  /** This client may leave `redirect_uri` out of its token request, as OAuth 2.1 clients do. @default false */
  omitsRedirectUri?: boolean | 0 | 1 | null | undefined;
}

/** The id of a client, as `Authorization: Basic` or the body has it. */
export interface ClaimedId {
  /** The id. From Basic it is form-decoded, as RFC 6749 §2.3.1 asks. */
  clientId: string;
  /** The id from Basic without that decoding, where it differs. Accept either: half of the clients do not encode. */
  clientIdAsSent?: string;
}

/** How a client identified itself; `method` is the `token_endpoint_auth_method` of RFC 7591 §2. */
export type ClientCredentials =
  | ({ method: 'none' } & ClaimedId)
  | ({
      method: 'client_secret_basic';
      /** The secret, form-decoded as RFC 6749 §2.3.1 asks. */
      clientSecret: string;
      /** The secret without that decoding, where it differs. Accept either: half of the clients do not encode. */
      clientSecretAsSent?: string;
    } & ClaimedId)
  | ({ method: 'client_secret_post'; clientSecret: string } & ClaimedId)
  | ({ method: 'private_key_jwt'; clientAssertion: string } & Partial<ClaimedId>);

/** The key that the tokens are to be bound to: the `cnf` claim of RFC 9449 §6.1 as it is. */
export interface Confirmation {
  /** The RFC 7638 thumbprint of the proof's public key. */
  jkt: string;
}

/** The declared parameters of a request, by name. */
export type DeclaredParameters<Name extends string = string> = { readonly [Each in Name]: string | undefined };

/** What every exchange has. */
export interface ExchangeFacts<RequestingClient = Client, Name extends string = string> {
  client: RequestingClient;
  /** Present if and only if a DPoP proof was verified. `issueTokens.check` never sees it. */
  confirmation: Confirmation | undefined;
  /** The resources of the access token: what the request asked for, else all that was granted, else `[]` (RFC 8707). */
  resources: readonly string[];
  /** The parameters that the option `parameters` declares, and those of the grant, as the request sent them. */
  parameters: DeclaredParameters<Name>;
  /** Whether this endpoint serves `grant_type=refresh_token`, so that a refresh token could be used at all. */
  servesRefresh: boolean;
  /** Milliseconds for spending and issuing: the option `actTimeout`. Refuse in `check` what would take longer to issue. */
  actTimeout: number;
}

/** What a code is exchanged for tokens with. */
export interface Exchange<Code = AuthorizationCode, RequestingClient = Client, Name extends string = string>
  extends ExchangeFacts<RequestingClient, Name> {
  code: Code;
  refreshToken?: never;
  scope?: never;
  isRotated?: never;
}

/**
 * What was saved with a refresh token (RFC 6749 §6). `null` says that there is none; a field that is missing is a fault,
 * for a lost column must not switch a check off.
 */
export interface RefreshToken {
  /** The client that the token was issued to. */
  clientId: string;
  /** The scope that was granted, space-separated. A request can narrow it, and never widens it. */
  scope: string | null;
  /** From this instant on the token is refused: the end of its idle or of its absolute lifetime, whichever comes first. */
  expiresAt: Date;
  /** The key that the token is bound to (RFC 9449 §5). May be missing only where there is no `verifyDpop`. */
  dpopJkt?: string | null;
  /** When the token was spent, if it was. May be missing only where there is neither `leeway` nor `rotates`. */
  spentAt?: Date | null;
  /** Whether the store lets this spent token come again: an answer got lost, or tabs race. The store counts. */
  isRepeatable?: boolean | null;
  /** As which kind of repeat, for the outcome. @default 'at_once' */
  repeatedAs?: 'at_once' | 'late' | 'sibling' | null;
  /** The resources that were granted (RFC 8707), as in `AuthorizationCode`. */
  resources?: readonly string[] | null;
}

/** What a refresh token is exchanged for tokens with. */
export interface RefreshExchange<Token = RefreshToken, RequestingClient = Client, Name extends string = string>
  extends ExchangeFacts<RequestingClient, Name> {
  refreshToken: Token;
  /** The scope of the access token: what the request asked for, or all that was granted. */
  scope: string | null;
  /** Whether the token is spent, and the answer is to bring the next one. `false` only where `rotates` said so. */
  isRotated: boolean;
  code?: never;
}

/** The refresh grant's adapters (RFC 6749 §6, RFC 9700 §4.14). */
export interface RefreshOptions<Token extends RefreshToken = RefreshToken, RequestingClient = Client> {
  /**
   * Looks a token up and changes nothing. A spent token is still found, so that its reuse is seen; one whose grant is
   * revoked is `null`.
   */
  findRefreshToken: (refreshToken: string, req: Request) => Awaitable<Token | null | undefined>;
  /** Marks a token spent in one atomic step: `true` for exactly one call ever, `false` for all others. */
  consumeRefreshToken: (refreshToken: NoInfer<Token>, req: Request) => Awaitable<boolean>;
  /** A spent token came again: revoke its family, and what is being issued for it now. Must be idempotent. */
  revokeTokens?: ((refreshToken: NoInfer<Token>, req: Request) => Awaitable<void>) | undefined;
  /**
   * Milliseconds, 60000 at most, in which a spent token may come again without being taken for stolen: answers get lost,
   * and tabs race. `issueTokens` is then called once more for the same record. @default 0
   */
  leeway?: number | undefined;
  /**
   * Whether a token is spent and another one takes its place; `false` keeps it, and `issueTokens` is told by `isRotated`.
   * Keep only what a thief cannot use: a token that is bound to a DPoP key, or to a client that authenticates (RFC 9700
   * §4.14.2). @default every token is
   */
  rotates?: ((refreshToken: NoInfer<Token>, client: RequestingClient) => Awaitable<boolean>) | undefined;
}

/** What `issueTokens` gets to see: a code's exchange, and a refresh token's where the endpoint serves that grant. */
export type AnyExchange<Code, RequestingClient, Token, Name extends string = string> =
  | Exchange<Code, RequestingClient, Name>
  // Without `refresh` there is no record, and no second kind of exchange.
  | ([Token] extends [never] ? never : RefreshExchange<Token, RequestingClient, Name>);

/** What a grant of the host's is exchanged for tokens with (RFC 6749 §4.5). */
export interface ExtensionExchange<RequestingClient = Client, Name extends string = string>
  extends ExchangeFacts<RequestingClient, Name> {
  /** The `grant_type` of the request. */
  grantType: string;
  code?: never;
  refreshToken?: never;
  scope?: never;
  isRotated?: never;
}

/** A grant of the host's (RFC 6749 §4.5). The endpoint does all but issue: body, client, resources, DPoP, limit, answer. */
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
   * The resources (RFC 8707). `null` or missing: this client knows no resource indicators, and the parameter `resource` is
   * ignored. `[]`: there is none, and each is refused.
   */
  resources?: readonly string[] | null;
  /** The API of the access token where there are no `resources`. @default the first of the issuer's `apis` */
  audience?: string | null;
  /** What opaque access tokens are filed and revoked under. */
  grantId?: string;
}

/** What a client gets an access token of its own for (RFC 6749 §4.4). */
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
   * Looks whether the tokens could be issued, before anything is spent; changes nothing. Throw an `OAuthError` to refuse.
   * If you wrap `issueTokens`, copy this member. @default no look
   */
  check?: ((exchange: AnExchange, req: Request) => Awaitable<void>) | undefined;
}

/**
 * The members of the answer (RFC 6749 §5.1). More members pass through as they are. `token_type` is the router's word:
 * it is `DPoP` if and only if a proof was verified.
 */
export interface IssuedTokens {
  access_token: string;
  /** Seconds, a whole number above zero. */
  expires_in: number;
  refresh_token?: string | null | undefined;
  id_token?: string | null | undefined;
  /** Needed where it is not the scope that was asked for. */
  scope?: string | null | undefined;
  token_type?: never;
}

/** What `verifyDpop` gets to see. */
export interface DpopProof {
  /** The value of the `DPoP` field, as sent. */
  proof: string;
  /** The method that the proof must name: `POST`. */
  htm: string;
  /** The URL that the proof must name: the configured `tokenEndpoint`. */
  htu: string;
}

/** Proves a DPoP proof, or throws an `OAuthError`. `nonce` is sent back as `DPoP-Nonce`. */
export type VerifyDpop = (
  proof: DpopProof,
  req: Request,
) => Awaitable<{ jkt: string; nonce?: string | null | undefined }>;

/** What must be there beside `verifyDpop`: the URL that proofs name, and the key that a code is bound to. */
export type DpopNeeds<Verify, Code> = [undefined] extends [Verify]
  ? unknown
  : { tokenEndpoint: string | ((req: Request) => string) } & ('dpopJkt' extends keyof Code
      ? unknown
      : { findCode: 'verifyDpop needs dpopJkt, a string or null, in the record that findCode returns' });

/** The one use of a DPoP proof (RFC 9449 §11.1), as `consumeJti` gets to see it. */
export interface DpopJti {
  /** Printable ASCII, 256 characters at most. Unique for its key only. */
  jti: string;
  /** The RFC 7638 thumbprint of the proof's key. */
  jkt: string;
  /** From this instant on the proof cannot pass any more, and the `jti` may be forgotten. */
  expiresAt: Date;
}

/** How a request ended. Never holds a code, a verifier, a proof, a secret or a token. */
export interface Outcome {
  /**
   * `issued`: the token endpoint sent tokens. `served`: an endpoint beside it answered 200. `failed` is every 5xx;
   * `refused` every other refusal.
   */
  outcome: 'issued' | 'served' | 'refused' | 'failed';
  /** A word of the catalogue in docs/errors.md, or the `reason` of an adapter's own `OAuthError`. */
  reason: Reason | (string & {});
  status: number;
  /** The `error` of the answer. */
  error?: OAuthErrorCode | (string & {});
  /** The client as it named itself; known to be true only where the client was authenticated. */
  clientId?: string;
  /** Milliseconds from the router's first step to the answer. */
  durationMs: number;
  /**
   * What was thrown, or what is wrong with what an adapter returned. Read it before your first `await`: a fault that
   * `onOutcome` does not read is written to `console.error`.
   */
  fault?: unknown;
  /** What an `OAuthError` of an adapter named as its cause. */
  cause?: unknown;
}

/** Codes whose status a host may choose; those of DPoP stay 400, and a 5xx or a 429 stays what it is. */
export type ErrorStatus = Partial<Record<Exclude<OAuthErrorCode, (typeof FIXED_STATUS)[number]>, number>>;

/** What express-rate-limit has, and the endpoint decides itself: what is counted, and how 429 is answered. */
type MeaninglessRateLimit =
  | ('handler' | 'message' | 'statusCode' | 'retryAfter' | 'headers' | 'legacyHeaders' | 'max')
  | ('skipSuccessfulRequests' | 'skipFailedRequests' | 'requestWasSuccessful');

/** What an endpoint knows of itself, for the metadata of the authorization server (RFC 8414 §2). */
export interface EndpointMetadata {
  /** The option `path`. */
  readonly path: string;
  /** How clients may authenticate. `undefined`: your own `authenticateClient` has no member `methods`. */
  readonly clientAuthenticationMethods: readonly string[] | undefined;
  /** What assertions may be signed with. `undefined`: your own `authenticateClient` has no member `signingAlgorithms`. */
  readonly clientAuthenticationAlgorithms: readonly string[] | undefined;
}

/** What a token endpoint knows of itself. */
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
   * Looks a code up and changes nothing. A spent code is still found while tokens issued from it live. Its record is
   * inferred in any order of the options; written inline after the functions that take the record, it needs
   * `code: string`.
   */
  findCode: (code: string, req: Request) => Awaitable<Code | null | undefined>;
  /** Marks a code spent in one atomic step: `true` for exactly one call ever, `false` for all others. */
  consumeCode: (code: NoInfer<Code>, req: Request) => Awaitable<boolean>;
  /** Makes the tokens. Called once per code, after every check. Its member `check` is called before anything is spent. */
  issueTokens: IssueTokens<AnyExchange<NoInfer<Code>, NoInfer<RequestingClient>, NoInfer<Token>, NoInfer<Name>>>;
  /** A valid replay was seen: revoke what was issued from this code, or is being issued now. Must be idempotent. */
  revokeTokens?: ((code: NoInfer<Code>, req: Request) => Awaitable<void>) | undefined;
  /** Serves `grant_type=refresh_token` as well. @default codes only */
  refresh?: RefreshOptions<Token, NoInfer<RequestingClient>> | undefined;
  /**
   * Further parameters that `issueTokens` gets to see in `exchange.parameters`: each is sent once, in printable ASCII.
   * @default none
   */
  parameters?: readonly Name[] | undefined;
  /**
   * Grants of yours at the same URL, by `grant_type`. A client uses one only if its `grantTypes` names it.
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
  /** Authenticates the client. @default public clients only: every `client_id`, no credential */
  authenticateClient?:
    | ((credentials: ClientCredentials, req: Request) => Awaitable<RequestingClient | null | undefined>)
    | undefined;
  /** Proves a DPoP proof, or throws an `OAuthError`. @default proofs are ignored (RFC 9449 §5) */
  verifyDpop?: VerifyDpop | undefined;
  /** The public URL of this endpoint (RFC 8414 `token_endpoint`). Required with `verifyDpop`. */
  tokenEndpoint?: string | ((req: Request) => string) | undefined;
  /** Every request needs a DPoP proof. @default false */
  requireDpop?: boolean | undefined;
  /** Where the route is; the letter case counts and so does a trailing slash. @default '/oauth/token' */
  path?: string | undefined;
  /** Browser origins that may call, as browsers send them; `'null'` is one. @default none */
  allowedOrigins?: readonly string[] | ((origin: string, req: Request) => Awaitable<boolean>) | undefined;
  /** Options of express-rate-limit, or `false`. @default 100 failures a minute and address */
  rateLimit?: Partial<Omit<RateLimitOptions, MeaninglessRateLimit>> | false | undefined;
  /** Bytes, or a string such as `'16kb'`. @default '16kb' */
  bodyLimit?: number | string | undefined;
  /** Milliseconds that the adapters have together before anything is spent, the limiter included. @default 4000 */
  adapterTimeout?: number | undefined;
  /** Milliseconds for spending the code and issuing the tokens. With `adapterTimeout` at most 9500. @default 5000 */
  actTimeout?: number | undefined;
  /** Milliseconds in which the body must be whole, counted from the router's first call. @default 10000 */
  bodyTimeout?: number | undefined;
  /** Requests whose body is whole that may be in flight at once. Beyond it the answer is 503. @default 2000 */
  maxInFlight?: number | undefined;
  /** Requests of one address that may be in flight at once. Beyond it the answer is 503. @default 1000 */
  maxInFlightPerAddress?: number | undefined;
  /** Statuses to use instead of those of RFC 6749 §5.2, by error code. @default {} */
  errorStatus?: ErrorStatus | undefined;
  /** Called once per request with how it ended. Faults that it does not read go to `console.error`. @default all of them do */
  onOutcome?: ((outcome: Outcome, req: Request) => void) | undefined;
}
