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

/** The options that these endpoints share with the token endpoint. Give all of them the same values. */
export type EndpointOptions<RequestingClient extends Client = Client> = Pick<
  TokenRouterOptions<AuthorizationCode, RequestingClient>,
  EndpointOptionName
>;

/** An access token that was found: what `createTokenIssuer` gave to `saveAccessToken`. */
export interface FoundAccessToken {
  /** What the token is revoked by. Without one it can be introspected, but not revoked. */
  grantId?: string | null | undefined;
  /** From this instant on the token is inactive. */
  expiresAt: Date;
  /** The claims, as a JWT of RFC 9068 has them. */
  claims: Readonly<Record<string, unknown>>;
}

/** A refresh token that was found. Your own record may have more. */
export interface FoundRefreshToken {
  /** The client that the token was issued to. */
  clientId: string;
  grantId: string;
}

/** How access tokens are recognized. */
export interface AccessTokenOptions {
  /**
   * Looks an opaque access token up and changes nothing. Needed where an API has `accessToken: 'opaque'`: read what
   * `saveAccessToken` saved. @default only JWTs are recognized
   */
  findAccessToken?: ((accessToken: string, req: Request) => Awaitable<FoundAccessToken | null | undefined>) | undefined;
  /** The `iss` of your JWT access tokens; several for tenants. Needed with `jwks`. */
  issuer?: string | readonly string[] | undefined;
  /** The public keys of your JWT access tokens: `jwks` of `createTokenIssuer`. @default no JWT is recognized */
  jwks?: (() => { keys: readonly object[] }) | undefined;
}

/** The options of `createRevocationRouter`. */
export interface RevocationRouterOptions<RequestingClient extends Client = Client>
  extends EndpointOptions<RequestingClient>,
    AccessTokenOptions {
  /** Looks a refresh token up and changes nothing: that of your store. @default no refresh token is recognized */
  findRefreshToken?:
    | ((refreshToken: string, req: Request) => Awaitable<FoundRefreshToken | null | undefined>)
    | undefined;
  /** Ends a grant with all its tokens: that of your store. Must be idempotent. */
  revokeGrant: (grantId: string, req: Request) => Awaitable<void>;
  /** Where the route is; the letter case counts and so does a trailing slash. @default '/oauth/revoke' */
  path?: string | undefined;
}

/** The options of `createIntrospectionRouter`. Browsers cannot call it, so it has no `allowedOrigins`. */
export interface IntrospectionRouterOptions<RequestingClient extends Client = Client>
  extends Omit<EndpointOptions<RequestingClient>, 'allowedOrigins' | 'authenticateClient'>,
    AccessTokenOptions {
  /** Authenticates the resource server that asks, as a client. */
  authenticateClient: NonNullable<EndpointOptions<RequestingClient>['authenticateClient']>;
  /**
   * The audiences that this client is the resource server of. It learns of no other token. Return `[]` for a client that
   * is no resource server.
   */
  resourceServer: (client: NoInfer<RequestingClient>, req: Request) => Awaitable<readonly string[]>;
  /** Whether the grant of a token was revoked: that of your store. A grant that is not known is revoked. */
  isRevoked: (grantId: string, req: Request) => Awaitable<boolean>;
  /** Where the route is; the letter case counts and so does a trailing slash. @default '/oauth/introspect' */
  path?: string | undefined;
}

/** A router that knows what it does. */
export interface DescribedRouter<Metadata extends EndpointMetadata = EndpointMetadata> {
  readonly metadata: Metadata;
}

/** The members of the document that only you know (RFC 8414 §2). More members pass through. */
export interface MetadataMembers {
  /** The URL of your `/authorize`. */
  authorization_endpoint: string;
  /** The scopes that you announce. With `openid` the document is one of OpenID Connect as well. */
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
  /** `jwks` of `createTokenIssuer`. Needed with `openid`. @default no `jwks_uri` is announced */
  jwks?: (() => { keys: readonly object[] }) | undefined;
  /** What you add. URLs default to the issuer and the path of the router. */
  members: MetadataMembers;
}

/** The document. */
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
  /** Seconds that the documents may be cached. Publish a new key for so long before it signs. @default 300 */
  maxAge?: number | undefined;
}

/** The options of `createJwksRouter`. */
export interface JwksRouterOptions {
  /** `jwks` of `createTokenIssuer`. */
  jwks: () => { keys: readonly object[] };
  /** @default '/.well-known/jwks.json' */
  path?: string | undefined;
  /** Seconds that the keys may be cached. @default 300 */
  maxAge?: number | undefined;
}
