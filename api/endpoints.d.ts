// endpoints/documents.d.ts
import { Router } from 'express';
import type { JwksRouterOptions, MetadataRouterOptions } from './types';
export declare function createMetadataRouter(options: MetadataRouterOptions): Router;
export declare function createJwksRouter(options: JwksRouterOptions): Router;

// endpoints/index.d.ts, which is express-token-router/endpoints
export { createJwksRouter, createMetadataRouter } from './documents';
export { createIntrospectionRouter } from './introspection';
export { authorizationServerMetadata } from './metadata';
export { createRevocationRouter } from './revocation';
export type { AccessTokenOptions, AuthorizationServerMetadata, AuthorizationServerMetadataOptions, DescribedRouter, EndpointOptions, FoundAccessToken, FoundRefreshToken, IntrospectionRouterOptions, JwksRouterOptions, MetadataMembers, MetadataRouterOptions, RevocationRouterOptions, } from './types';

// endpoints/introspection.d.ts
import type { Router } from 'express';
import type { Client, EndpointMetadata } from '../types';
import type { IntrospectionRouterOptions } from './types';
export declare function createIntrospectionRouter<RequestingClient extends Client = Client>(options: IntrospectionRouterOptions<RequestingClient>): Router & {
    readonly metadata: EndpointMetadata;
};

// endpoints/metadata.d.ts
import type { AuthorizationServerMetadata, AuthorizationServerMetadataOptions } from './types';
export declare function authorizationServerMetadata(options: AuthorizationServerMetadataOptions): AuthorizationServerMetadata;

// endpoints/revocation.d.ts
import type { Router } from 'express';
import type { Client, EndpointMetadata } from '../types';
import type { RevocationRouterOptions } from './types';
export declare function createRevocationRouter<RequestingClient extends Client = Client>(options: RevocationRouterOptions<RequestingClient>): Router & {
    readonly metadata: EndpointMetadata;
};

// endpoints/types.d.ts
import type { Request } from 'express';
import type { AuthorizationCode, Awaitable, Client, EndpointMetadata, EndpointOptionName, TokenEndpointMetadata, TokenRouterOptions } from '../types';
export type EndpointOptions<RequestingClient extends Client = Client> = Pick<TokenRouterOptions<AuthorizationCode, RequestingClient>, EndpointOptionName>;
export interface FoundAccessToken {
    grantId?: string | null | undefined;
    expiresAt: Date;
    claims: Readonly<Record<string, unknown>>;
}
export interface FoundRefreshToken {
    clientId: string;
    grantId: string;
}
export interface AccessTokenOptions {
    findAccessToken?: ((accessToken: string, req: Request) => Awaitable<FoundAccessToken | null | undefined>) | undefined;
    issuer?: string | readonly string[] | undefined;
    jwks?: (() => {
        keys: readonly object[];
    }) | undefined;
}
export interface RevocationRouterOptions<RequestingClient extends Client = Client> extends EndpointOptions<RequestingClient>, AccessTokenOptions {
    findRefreshToken?: ((refreshToken: string, req: Request) => Awaitable<FoundRefreshToken | null | undefined>) | undefined;
    revokeGrant: (grantId: string, req: Request) => Awaitable<void>;
    path?: string | undefined;
}
export interface IntrospectionRouterOptions<RequestingClient extends Client = Client> extends Omit<EndpointOptions<RequestingClient>, 'allowedOrigins' | 'authenticateClient'>, AccessTokenOptions {
    authenticateClient: NonNullable<EndpointOptions<RequestingClient>['authenticateClient']>;
    resourceServer: (client: NoInfer<RequestingClient>, req: Request) => Awaitable<readonly string[]>;
    isRevoked: (grantId: string, req: Request) => Awaitable<boolean>;
    path?: string | undefined;
}
export interface DescribedRouter<Metadata extends EndpointMetadata = EndpointMetadata> {
    readonly metadata: Metadata;
}
export interface MetadataMembers {
    authorization_endpoint: string;
    scopes_supported?: readonly string[] | undefined;
    [member: string]: unknown;
}
export interface AuthorizationServerMetadataOptions {
    issuer: string;
    tokenRouter: DescribedRouter<TokenEndpointMetadata>;
    revocationRouter?: DescribedRouter | undefined;
    introspectionRouter?: DescribedRouter | undefined;
    jwks?: (() => {
        keys: readonly object[];
    }) | undefined;
    members: MetadataMembers;
}
export interface AuthorizationServerMetadata {
    readonly issuer: string;
    readonly authorization_endpoint: string;
    readonly token_endpoint: string;
    readonly jwks_uri?: string;
    readonly id_token_signing_alg_values_supported?: readonly string[];
    readonly [member: string]: unknown;
}
export interface MetadataRouterOptions {
    metadata: AuthorizationServerMetadata;
    jwks?: (() => {
        keys: readonly object[];
    }) | undefined;
    maxAge?: number | undefined;
}
export interface JwksRouterOptions {
    jwks: () => {
        keys: readonly object[];
    };
    path?: string | undefined;
    maxAge?: number | undefined;
}
