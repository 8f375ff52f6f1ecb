import type { Request } from 'express';
import type { AuthorizationCode, Awaitable, Client, EndpointOptionName, TokenRouterOptions } from '../types';

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
