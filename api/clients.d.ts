// clients/authentication.d.ts
import type { AuthenticateClient, ClientAuthenticationOptions, RegisteredClient } from './types';
export declare function createClientAuthentication<Registered extends RegisteredClient>(options: ClientAuthenticationOptions<Registered>): AuthenticateClient<Registered>;

// clients/client-credentials.d.ts
import type { Request } from 'express';
import type { Awaitable, Client, ClientExchange, ClientGrant, ExtensionExchange, ExtensionGrant, IssueTokens } from '../types';
export interface ClientCredentialsOptions<RequestingClient extends Client = Client, Grant extends ClientGrant = ClientGrant, Name extends string = never> {
    findClientGrant: (exchange: ExtensionExchange<RequestingClient, NoInfer<Name> | 'scope'>, req: Request) => Awaitable<Grant | null | undefined>;
    issueTokens: IssueTokens<ClientExchange<NoInfer<RequestingClient>, NoInfer<Grant>, NoInfer<Name> | 'scope'>>;
    parameters?: readonly Name[] | undefined;
}
export declare function clientCredentials<RequestingClient extends Client = Client, Grant extends ClientGrant = ClientGrant, Name extends string = never>(options: ClientCredentialsOptions<RequestingClient, Grant, Name>): ExtensionGrant<RequestingClient, Name | 'scope'>;

// clients/client-secret.d.ts
import { type ScryptOptions } from 'node:crypto';
export interface CreatedSecret {
    clientSecret: string;
    clientSecretHash: string;
}
export type SecretHash = {
    kind: 'sha256';
    digest: Buffer;
} | ScryptHash;
export interface ScryptHash {
    kind: 'scrypt';
    salt: Buffer;
    digest: Buffer;
    options: ScryptOptions;
}
export declare function createClientSecret(): CreatedSecret;
export declare function hashClientSecret(clientSecret: string): Promise<string>;
export declare function parseSecretHash(text: unknown): SecretHash | undefined;
export declare function matchesDigest(secret: string, digest: Buffer): boolean;
export declare function matchesScrypt(secret: string, { salt, digest, options }: ScryptHash): Promise<boolean>;

// clients/index.d.ts, which is express-token-router/clients
export type { Awaitable, Client, ClientCredentials, ClientExchange, ClientGrant, ExtensionGrant, } from '../types';
export { createClientAuthentication } from './authentication';
export { type ClientCredentialsOptions, clientCredentials } from './client-credentials';
export { type CreatedSecret, createClientSecret, hashClientSecret } from './client-secret';
export { createClientMetadataResolver, type ResolveClientMetadata } from './metadata-resolver';
export type { AssertionAlgorithm, AssertionJti, AuthenticateClient, ClientAuthenticationMethod, ClientAuthenticationOptions, FetchDocument, FetchedResponse, FetchOptions, JsonWebKeySet, MetadataClient, RegisteredClient, } from './types';

// clients/metadata-resolver.d.ts
import type { Request } from 'express';
import type { FetchOptions, MetadataClient } from './types';
export type ResolveClientMetadata = (clientId: string, req?: Request) => Promise<MetadataClient | null>;
export declare function createClientMetadataResolver(options?: FetchOptions): ResolveClientMetadata;

// clients/types.d.ts
import type { Request } from 'express';
import type { AlgorithmName } from '../jws/algorithms';
import type { Awaitable, Client, ClientCredentials } from '../types';
export type ClientAuthenticationMethod = ClientCredentials['method'];
export type AssertionAlgorithm = AlgorithmName;
export interface JsonWebKeySet {
    keys: readonly object[];
}
export interface RegisteredClient extends Client {
    tokenEndpointAuthMethod: ClientAuthenticationMethod | (string & {});
    clientSecretHash?: string | readonly string[] | null | undefined;
    jwks?: JsonWebKeySet | null | undefined;
    jwksUri?: string | null | undefined;
    tokenEndpointAuthSigningAlg?: string | null | undefined;
}
export interface MetadataClient extends RegisteredClient {
    tokenEndpointAuthMethod: 'none' | 'private_key_jwt';
    grantTypes: readonly string[];
    redirectUris: readonly string[];
    applicationType: 'native' | 'web' | null;
    display: {
        host: string;
        name: string | null;
        uri: string | null;
        logoUri: string | null;
    };
}
export type FetchDocument = (url: string, init: {
    headers: Readonly<Record<string, string>>;
    redirect: 'manual';
    signal: AbortSignal;
}) => Promise<FetchedResponse>;
export interface FetchedResponse {
    status: number;
    redirected?: boolean;
    headers: {
        get(name: string): string | null;
    };
    body: AsyncIterable<Uint8Array> | null;
}
export interface FetchOptions {
    isAllowedAddress?: ((address: string, port: number) => boolean) | undefined;
    fetch?: FetchDocument | undefined;
}
export interface AssertionJti {
    jti: string;
    jkt: string;
    expiresAt: Date;
}
export interface ClientAuthenticationOptions<Registered extends RegisteredClient = RegisteredClient> extends FetchOptions {
    findClient: (clientId: string, req: Request) => Awaitable<Registered | null | undefined>;
    methods?: readonly ClientAuthenticationMethod[] | undefined;
    audience?: string | ((req: Request) => string) | undefined;
    assertionAudience?: 'issuer' | 'compat' | undefined;
    tokenEndpoint?: string | ((req: Request) => string) | undefined;
    consumeJti?: ((jti: AssertionJti) => Awaitable<boolean>) | undefined;
    algorithms?: readonly AssertionAlgorithm[] | undefined;
}
export interface AuthenticateClient<Registered extends RegisteredClient = RegisteredClient> {
    (credentials: ClientCredentials, req: Request): Promise<Registered>;
    readonly methods: readonly ClientAuthenticationMethod[];
    readonly signingAlgorithms: readonly AssertionAlgorithm[];
}
