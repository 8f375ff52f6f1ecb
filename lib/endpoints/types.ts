import type { Request } from 'express';
import type {
  AuthorizationCode,
  Awaitable,
  Client,
  EndpointMetadata,
  EndpointOptionName,
  TokenEndpointMetadata,
  TokenRouterOptions,
} from '../types';

/** The options that these endpoints share with the token endpoint. Use the same values for all of them. */
export type EndpointOptions<RequestingClient extends Client = Client> = Pick<
  TokenRouterOptions<AuthorizationCode, RequestingClient>,
  EndpointOptionName
>;

/** An access token that was found: the record that `createTokenIssuer` passed to `saveAccessToken`. */
export interface FoundAccessToken {
  /** The grant of the token. Without it, the token can be introspected but not revoked. */
  grantId?: string | null | undefined;
  /** The token is inactive from this instant on. */
  expiresAt: Date;
  /** The claims, as in a JWT access token (RFC 9068 §2.2). */
  claims: Readonly<Record<string, unknown>>;
}

/** A refresh token that was found. Your record may have more members. */
export interface FoundRefreshToken {
  /** The client that the token was issued to. */
  clientId: string;
  grantId: string;
}

/** How access tokens are recognized. */
export interface AccessTokenOptions {
  /**
   * Finds an opaque access token and changes nothing. Required if an API has `accessToken: 'opaque'`: return what
   * `saveAccessToken` saved. @default only JWTs are recognized
   */
  findAccessToken?: ((accessToken: string, req: Request) => Awaitable<FoundAccessToken | null | undefined>) | undefined;
  /** The `iss` of your JWT access tokens, or an array of them for tenants. Required with `jwks`. */
  issuer?: string | readonly string[] | undefined;
  /** The public keys of your JWT access tokens: `jwks` of `createTokenIssuer`. @default no JWT is recognized */
  jwks?: (() => { keys: readonly object[] }) | undefined;
}

/** The options of `createRevocationRouter`. */
export interface RevocationRouterOptions<RequestingClient extends Client = Client>
  extends EndpointOptions<RequestingClient>,
    AccessTokenOptions {
  /**
   * Finds a refresh token and changes nothing: `findRefreshToken` of your store. @default no refresh token is
   * recognized
   */
  findRefreshToken?:
    | ((refreshToken: string, req: Request) => Awaitable<FoundRefreshToken | null | undefined>)
    | undefined;
  /** Ends a grant with all its tokens: `revokeGrant` of your store. Must be idempotent. */
  revokeGrant: (grantId: string, req: Request) => Awaitable<void>;
  /** The path of the route. Letter case and a trailing slash count. @default '/oauth/revoke' */
  path?: string | undefined;
}

/** The options of `createIntrospectionRouter`. Browsers cannot call it, so it has no `allowedOrigins`. */
export interface IntrospectionRouterOptions<RequestingClient extends Client = Client>
  extends Omit<EndpointOptions<RequestingClient>, 'allowedOrigins' | 'authenticateClient'>,
    AccessTokenOptions {
  /** Authenticates the resource server that asks, as a client. */
  authenticateClient: NonNullable<EndpointOptions<RequestingClient>['authenticateClient']>;
  /**
   * Returns the audiences of this client, which is a resource server. Tokens of other audiences are inactive for it.
   * Return `[]` for a client that is not a resource server.
   */
  resourceServer: (client: NoInfer<RequestingClient>, req: Request) => Awaitable<readonly string[]>;
  /** Whether the grant of a token was revoked: `isRevoked` of your store. An unknown grant counts as revoked. */
  isRevoked: (grantId: string, req: Request) => Awaitable<boolean>;
  /** The path of the route. Letter case and a trailing slash count. @default '/oauth/introspect' */
  path?: string | undefined;
}

/** A router with the member `metadata`, which says what it serves. */
export interface DescribedRouter<Metadata extends EndpointMetadata = EndpointMetadata> {
  readonly metadata: Metadata;
}

/** The members of the document that only you know (RFC 8414 §2). More members pass through. */
export interface MetadataMembers {
  /** The URL of your `/authorize`. */
  authorization_endpoint: string;
  /** The scopes that you announce. With `openid`, the document is also one of OpenID Connect Discovery. */
  scopes_supported?: readonly string[] | undefined;
  [member: string]: unknown;
}

/** The options of `authorizationServerMetadata`. */
export interface AuthorizationServerMetadataOptions {
  /** The `iss` of your tokens. */
  issuer: string;
  /** What `createTokenRouter` returned. */
  tokenRouter: DescribedRouter<TokenEndpointMetadata>;
  /** What `createRevocationRouter` returned. @default none is announced */
  revocationRouter?: DescribedRouter | undefined;
  /** What `createIntrospectionRouter` returned. @default none is announced */
  introspectionRouter?: DescribedRouter | undefined;
  /** `jwks` of `createTokenIssuer`. Required with `openid`. @default no `jwks_uri` is announced */
  jwks?: (() => { keys: readonly object[] }) | undefined;
  /** The members that you add. URLs default to the issuer and the path of the router. */
  members: MetadataMembers;
}

/** The metadata document (RFC 8414 §2). Serve it with `createMetadataRouter`. */
export interface AuthorizationServerMetadata {
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly jwks_uri?: string;
  readonly id_token_signing_alg_values_supported?: readonly string[];
  readonly [member: string]: unknown;
}

/** The options of `createMetadataRouter`. */
export interface MetadataRouterOptions {
  /** What `authorizationServerMetadata` returned. */
  metadata: AuthorizationServerMetadata;
  /** `jwks` of `createTokenIssuer`: serves the path of `jwks_uri`. @default you serve it elsewhere */
  jwks?: (() => { keys: readonly object[] }) | undefined;
  /** Seconds for which the documents may be cached. Publish a new key this long before it signs. @default 300 */
  maxAge?: number | undefined;
}

/** The options of `createJwksRouter`. */
export interface JwksRouterOptions {
  /** `jwks` of `createTokenIssuer`. */
  jwks: () => { keys: readonly object[] };
  /** The path of the route. @default '/.well-known/jwks.json' */
  path?: string | undefined;
  /** Seconds for which the keys may be cached. @default 300 */
  maxAge?: number | undefined;
}
