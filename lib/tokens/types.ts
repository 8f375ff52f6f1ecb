import type { KeyObject } from 'node:crypto';
import type { Request } from 'express';
import type {
  Awaitable,
  Client,
  ClientExchange,
  Exchange,
  ExchangeFacts,
  IssuedTokens,
  RefreshExchange,
  RefreshToken,
} from '../types';

/** What the issuer reads of the record of a code or a refresh token. Use `null` if there is no value. */
export interface Authorization {
  /** The client that the tokens are for: `client_id`, and the audience of the ID token. */
  clientId: string;
  /** The id of the user: the `sub` of the tokens. */
  userId: string;
  /** The scope that was granted, space-separated. */
  scope?: string | null;
  /**
   * The identifier of the API that the access token is for. `null`: the first of `apis`. Ignored if there are
   * `resources`.
   */
  audience: string | null;
  /** The resources that were granted (RFC 8707), identifiers of `apis`. */
  resources?: readonly string[] | null;
  /** The `nonce` of the authorization request. May be missing only if there is no ID token, and in a refresh. */
  nonce?: string | null;
  /** When the user signed in. */
  authTime?: Date | null;
  /** How strongly the user authenticated (OpenID Connect Core §2). */
  acr?: string | null;
  /** How the user authenticated, such as `['pwd', 'otp']` (RFC 8176). */
  amr?: readonly string[] | null;
  /** The id under which tokens are saved and revoked. Required if refresh tokens or opaque access tokens are saved. */
  grantId?: string;
}

/** The record of a login with resource indicators (RFC 8707). `audience` may be missing. */
export interface ResourceAuthorization extends Omit<Authorization, 'audience' | 'resources'> {
  audience?: string | null;
  resources: readonly string[];
}

/** A record that the issuer can issue from. */
export type AnyAuthorization = Authorization | ResourceAuthorization;

/** Fields of a code's record that have no meaning after the code is spent. */
export type CodeField =
  | 'redirectUri'
  | 'codeChallenge'
  | 'codeChallengeMethod'
  | 'nonce'
  | 'expiresAt'
  | 'dpopJkt'
  | 'spentAt'
  | 'spentBy';

/** What is saved with a refresh token: your record, and what is needed to redeem the token. */
export type RefreshTokenRecord<Record extends AnyAuthorization = Authorization> = Omit<Record, CodeField> &
  Authorization &
  RefreshToken & {
    grantId: string;
    /** The end of the absolute lifetime. The same for all refresh tokens of a login. */
    grantExpiresAt: Date;
    /**
     * In a found record, the store's name for this token. In a new record, the name of the token that it replaces, if
     * there is one.
     */
    tokenId?: string;
  };

/** What the issuer needs of a store. `memoryStore`, `redisStore` and `postgresStore` have it. */
export interface GrantStore<Record extends AnyAuthorization = AnyAuthorization> {
  /** Called by the authorization endpoint. The type of the record is inferred from here. */
  saveCode: (code: string, record: Record, req?: Request) => Awaitable<unknown>;
  /**
   * Saves a refresh token under its `grantId`. `record.tokenId` names the token that it replaces. If it returns `{
   * isRevoked }`, read from the grant in the same atomic step, the issuer does not check the grant again.
   */
  saveRefreshToken: {
    (refreshToken: string, record: never, req?: Request): Awaitable<unknown>;
    /** Throws if the record cannot be saved. Saves nothing. */
    check?: ((record: never) => void) | undefined;
  };
  /** Sets a new idle end for a token that is kept. */
  extendRefreshToken: (record: { tokenId?: string }, expiresAt: Date, req?: Request) => Awaitable<unknown>;
  /** Returns `null` if the store does not know the grant. */
  findGrant: (grantId: string, req?: Request) => Awaitable<{ isRevoked: boolean } | null>;
  /** Called once, with the longest lifetime of a token in milliseconds. */
  keepGrantsFor: (milliseconds: number) => void;
}

/** An exchange whose members may be missing if the host makes it itself. */
type Spared<AnExchange> = Omit<AnExchange, keyof Facts> & Partial<Pick<ExchangeFacts, keyof Facts>>;
type Facts = Pick<ExchangeFacts, 'resources' | 'parameters' | 'servesRefresh' | 'actTimeout'>;

/** What the issuer exchanges for tokens: a code, or a refresh token. */
export type IssuerExchange<
  Record extends AnyAuthorization = AnyAuthorization,
  RequestingClient extends Client = Client,
> = Spared<Exchange<Record, RequestingClient>> | Spared<RefreshExchange<RefreshTokenRecord<Record>, RequestingClient>>;

/** The exchange of a client that asks for itself. Some members may be missing if the host makes it itself. */
export type ClientTokenExchange<RequestingClient extends Client = Client> = Pick<
  ClientExchange<RequestingClient>,
  'client' | 'clientGrant' | 'scope' | 'confirmation'
> &
  Partial<Omit<ClientExchange<RequestingClient>, 'client' | 'clientGrant' | 'scope' | 'confirmation'>>;

/** Makes the access token of a client that asks for itself (RFC 6749 §4.4). */
export interface IssueClientTokens<RequestingClient extends Client = Client> {
  (exchange: ClientTokenExchange<RequestingClient>, req: Request): Promise<IssuedTokens>;
  /** Throws if the token cannot be issued. Saves nothing. */
  check: (exchange: ClientTokenExchange<RequestingClient>, req: Request) => Promise<void>;
}

/** The exchange of a client in the form of a login. */
export type OfClient = IssuerExchange & { clientExchange?: ClientTokenExchange };

/** The record of an opaque access token. Its claims have the names of RFC 7662 §2.2. */
export interface AccessTokenRecord {
  grantId: string;
  expiresAt: Date;
  claims: Claims;
}

/** The claims of a token, by name. */
export type Claims = Readonly<Record<string, unknown>>;

/** Which token a claim is for. */
export type TokenKind = 'access_token' | 'id_token';

/** A resource server that tokens are issued for. */
export interface Api {
  /** The `aud` of its access tokens, as the authorization request names it. */
  identifier: string;
  /** Seconds that an access token is valid, 1 to 3153600000. */
  lifetime: number;
  /** The scopes of the API, without those of OpenID Connect. */
  scopes: readonly string[];
  /** Whether `offline_access` brings a refresh token. @default false */
  allowOfflineAccess?: boolean | undefined;
  /** A JWT (RFC 9068), or a random string that is looked up. @default 'jwt' */
  accessToken?: 'jwt' | 'opaque' | undefined;
  /** The `typ` of its JWTs, for resource servers that do not know RFC 9068. @default 'at+jwt' */
  typ?: 'at+jwt' | 'JWT' | undefined;
  /** The algorithm of its JWTs. The first of `keys` with this algorithm signs. @default the one of the first key */
  alg?: SigningAlgorithm | undefined;
}

/** Algorithms of JWS (RFC 7518 §3, RFC 8037) that tokens are signed with. */
export type SigningAlgorithm = 'RS256' | 'PS256' | 'ES256' | 'ES384' | 'EdDSA';

/** A published public key (RFC 7517 §4). */
export interface Jwk {
  kid: string;
  alg: SigningAlgorithm;
  use: 'sig';
  kty: string;
  [member: string]: unknown;
}

/** A JSON Web Key (RFC 7517). */
export interface JwkInput {
  kty?: string | undefined;
  crv?: string | undefined;
  x?: string | undefined;
  y?: string | undefined;
  n?: string | undefined;
  e?: string | undefined;
  d?: string | undefined;
  p?: string | undefined;
  q?: string | undefined;
  dp?: string | undefined;
  dq?: string | undefined;
  qi?: string | undefined;
  kid?: unknown;
  alg?: unknown;
  use?: unknown;
  key_ops?: unknown;
}

/** A key: a `KeyObject`, a PEM, a JWK or its text, the bytes of any of them or of DER, or an encrypted one. */
export type KeyInput =
  | KeyObject
  | string
  | Uint8Array
  | JwkInput
  | { key: string | Uint8Array; passphrase: string | Uint8Array };
