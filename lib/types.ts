import type { Request } from 'express';
import type { Options as RateLimitOptions } from 'express-rate-limit';
import type { FIXED_STATUS, OAuthErrorCode } from './errors';
import type { Reason } from './reasons';

/** A value, or a promise of it. */
export type Awaitable<T> = T | PromiseLike<T>;

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
}

/** A registered client (RFC 7591). The host's own record may have more. */
export interface Client {
  clientId: string;
  /** Every request of this client needs a DPoP proof (RFC 9449 §5.2). @default false */
  dpopBoundAccessTokens?: boolean | undefined;
  /** The grants that this client may use. @default all that the endpoint serves */
  grantTypes?: readonly string[] | undefined;
}

/** How a client identified itself; `method` is the `token_endpoint_auth_method` of RFC 7591 §2. */
export type ClientCredentials =
  | { method: 'none'; clientId: string }
  | {
      method: 'client_secret_basic';
      clientId: string;
      /** The secret, form-decoded as RFC 6749 §2.3.1 asks. */
      clientSecret: string;
      /** The secret without that decoding, where it differs: half of the clients in use do not encode. */
      clientSecretAsSent?: string;
    }
  | { method: 'client_secret_post'; clientId: string; clientSecret: string }
  | { method: 'private_key_jwt'; clientId?: string; clientAssertion: string };

/** The key that the tokens are to be bound to: the `cnf` claim of RFC 9449 §6.1 as it is. */
export interface Confirmation {
  /** The RFC 7638 thumbprint of the proof's public key. */
  jkt: string;
}

/** What a code is exchanged for tokens with. */
export interface Exchange<Code = AuthorizationCode, RequestingClient = Client> {
  code: Code;
  client: RequestingClient;
  /** Present if and only if a DPoP proof was verified. */
  confirmation: Confirmation | undefined;
  refreshToken?: never;
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
}

/** What a refresh token is exchanged for tokens with. */
export interface RefreshExchange<Token = RefreshToken, RequestingClient = Client> {
  refreshToken: Token;
  /** The scope of the access token: what the request asked for, or all that was granted. */
  scope: string | null;
  /** Whether the token is spent, and the answer is to bring the next one. `false` only where `rotates` said so. */
  isRotated: boolean;
  client: RequestingClient;
  /** Present if and only if a DPoP proof was verified. */
  confirmation: Confirmation | undefined;
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
export type AnyExchange<Code, RequestingClient, Token> =
  | Exchange<Code, RequestingClient>
  // Without `refresh` there is no record, and no second kind of exchange.
  | ([Token] extends [never] ? never : RefreshExchange<Token, RequestingClient>);

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
  /** `failed` is every 5xx; `refused` every other refusal. */
  outcome: 'issued' | 'refused' | 'failed';
  /** A word of the catalogue in docs/errors.md, or the `reason` of an adapter's own `OAuthError`. */
  reason: Reason | (string & {});
  status: number;
  /** The `error` of the answer. */
  error?: OAuthErrorCode | (string & {});
  /** The client as it named itself; known to be true only where the client was authenticated. */
  clientId?: string;
  /** Milliseconds from the router's first step to the answer. */
  durationMs: number;
  /** What was thrown, or what is wrong with what an adapter returned. */
  fault?: unknown;
  /** What an `OAuthError` of an adapter named as its cause. */
  cause?: unknown;
}

/** Codes whose status a host may choose; those of DPoP stay 400, and a 5xx or a 429 stays what it is. */
export type ErrorStatus = Partial<Record<Exclude<OAuthErrorCode, (typeof FIXED_STATUS)[number]>, number>>;

/** The options of `createTokenRouter`. Records and client are inferred from what the adapters return. */
export interface TokenRouterOptions<
  Code extends AuthorizationCode = AuthorizationCode,
  RequestingClient extends Client = Client,
  Token extends RefreshToken = never,
> {
  /**
   * Looks a code up and changes nothing. A spent code is still found while tokens issued from it live. Its record is
   * inferred in any order of the options; written inline after the functions that take the record, it needs
   * `code: string`.
   */
  findCode: (code: string, req: Request) => Awaitable<Code | null | undefined>;
  /** Marks a code spent in one atomic step: `true` for exactly one call ever, `false` for all others. */
  consumeCode: (code: NoInfer<Code>, req: Request) => Awaitable<boolean>;
  /** Makes the tokens. Called once per code, after every check. */
  issueTokens: (
    exchange: AnyExchange<NoInfer<Code>, NoInfer<RequestingClient>, NoInfer<Token>>,
    req: Request,
  ) => Awaitable<IssuedTokens>;
  /** A valid replay was seen: revoke what was issued from this code, or is being issued now. Must be idempotent. */
  revokeTokens?: ((code: NoInfer<Code>, req: Request) => Awaitable<void>) | undefined;
  /** Serves `grant_type=refresh_token` as well. @default codes only */
  refresh?: RefreshOptions<Token, NoInfer<RequestingClient>> | undefined;
  /** Authenticates the client. @default public clients only: every `client_id`, no credential */
  authenticateClient?:
    | ((credentials: ClientCredentials, req: Request) => Awaitable<RequestingClient | null | undefined>)
    | undefined;
  /** Proves a DPoP proof, or throws an `OAuthError`. @default proofs are ignored (RFC 9449 §5) */
  verifyDpop?: ((proof: DpopProof, req: Request) => Awaitable<{ jkt: string; nonce?: string | undefined }>) | undefined;
  /** The public URL of this endpoint (RFC 8414 `token_endpoint`). Required with `verifyDpop`. */
  tokenEndpoint?: string | ((req: Request) => string) | undefined;
  /** Every request needs a DPoP proof. @default false */
  requireDpop?: boolean | undefined;
  /** Where the route is; the letter case counts and so does a trailing slash. @default '/oauth/token' */
  path?: string | undefined;
  /** Browser origins that may call. @default none */
  allowedOrigins?: readonly string[] | ((origin: string, req: Request) => Awaitable<boolean>) | undefined;
  /** Options of express-rate-limit, or `false`. @default 100 failures a minute and address */
  rateLimit?: Partial<Omit<RateLimitOptions, 'handler' | 'max' | 'message' | 'statusCode'>> | false | undefined;
  /** Bytes, or a string such as `'16kb'`. @default '16kb' */
  bodyLimit?: number | string | undefined;
  /** Milliseconds that all adapters of one request have together. @default 5000 */
  adapterTimeout?: number | undefined;
  /** Statuses to use instead of those of RFC 6749 §5.2, by error code. @default {} */
  errorStatus?: ErrorStatus | undefined;
  /** Called once per request with how it ended. @default faults go to `console.error` */
  onOutcome?: ((outcome: Outcome, req: Request) => void) | undefined;
}
