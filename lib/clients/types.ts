import type { Request } from 'express';
import type { AlgorithmName } from '../jws/algorithms';
import type { Awaitable, Client, ClientCredentials } from '../types';

/** The methods of authentication that `createClientAuthentication` serves. */
export type ClientAuthenticationMethod = ClientCredentials['method'];

/** The name of an algorithm that assertions may be signed with. */
export type AssertionAlgorithm = AlgorithmName;

/** The public keys of a client (RFC 7517 §5). */
export interface JsonWebKeySet {
  keys: readonly object[];
}

/** A client as you registered it, in the names of RFC 7591 §2. Your own record may have more. */
export interface RegisteredClient extends Client {
  /** The one method by which this client authenticates. There is no default: a lost column must not let everybody in. */
  tokenEndpointAuthMethod: ClientAuthenticationMethod | (string & {});
  /** What `createClientSecret` or `hashClientSecret` said to store; several while a secret is rotated. */
  clientSecretHash?: string | readonly string[] | null | undefined;
  /** The public keys for `private_key_jwt`. They win over `jwksUri`. */
  jwks?: JsonWebKeySet | null | undefined;
  /** The https URL of the public keys for `private_key_jwt`. */
  jwksUri?: string | null | undefined;
  /** The one algorithm of the assertions of this client. @default every algorithm that fits a key */
  tokenEndpointAuthSigningAlg?: string | null | undefined;
}

/** A client that its own document describes (draft-ietf-oauth-client-id-metadata-document). */
export interface MetadataClient extends RegisteredClient {
  tokenEndpointAuthMethod: 'none' | 'private_key_jwt';
  grantTypes: readonly string[];
  /** The callback URLs. Compare them byte for byte: they hold no wildcard. */
  redirectUris: readonly string[];
  applicationType: 'native' | 'web' | null;
  /** What your login page may show. Escape it as all foreign text. Only `host` is proven. */
  display: {
    /** The host of the client's URL. Always show it: a name can be anything. */
    host: string;
    name: string | null;
    /** An https URL. */
    uri: string | null;
    /** An https URL. Fetch it through a proxy of yours, or its owner learns who logs in. */
    logoUri: string | null;
  };
}

/** The part of `fetch` that is used: the global one fits, and so does a `fetch` that goes through a proxy. */
export type FetchDocument = (
  url: string,
  init: { headers: Readonly<Record<string, string>>; redirect: 'manual'; signal: AbortSignal },
) => Promise<FetchedResponse>;

/** The part of a `Response` that is read. */
export interface FetchedResponse {
  status: number;
  /** Whether redirects were followed; then the response is refused. */
  redirected?: boolean;
  headers: { get(name: string): string | null };
  body: AsyncIterable<Uint8Array> | null;
}

/** How documents of clients are fetched. */
export interface FetchOptions {
  /**
   * Whether a connection to this address and port may be made; for development. @default port 443 of addresses that are
   * globally reachable
   */
  isAllowedAddress?: ((address: string, port: number) => boolean) | undefined;
  /** Fetches instead, through your egress proxy. The proxy must then refuse internal addresses. @default HTTPS by Node.js */
  fetch?: FetchDocument | undefined;
}

/** The one use of an assertion, in the shape that the `consumeJti` of every store takes. */
export interface AssertionJti {
  jti: string;
  /** A digest of the client's id in the form of a thumbprint. It never equals the thumbprint of a key. */
  jkt: string;
  /** From this instant on the assertion cannot pass any more, and the `jti` may be forgotten. */
  expiresAt: Date;
}

/** The options of `createClientAuthentication`. */
export interface ClientAuthenticationOptions<Registered extends RegisteredClient = RegisteredClient>
  extends FetchOptions {
  /** Looks a client up by its id, byte for byte. Return `null` for a client that you do not know. */
  findClient: (clientId: string, req: Request) => Awaitable<Registered | null | undefined>;
  /** The methods that are served. @default all four */
  methods?: readonly ClientAuthenticationMethod[] | undefined;
  /** Your issuer identifier: what assertions must name as their `aud`. Required with `private_key_jwt`. */
  audience?: string | ((req: Request) => string) | undefined;
  /** `'compat'` also accepts `tokenEndpoint`, and an array that holds one of the two. @default 'issuer' */
  assertionAudience?: 'issuer' | 'compat' | undefined;
  /** The public URL of the endpoint. Required with `assertionAudience: 'compat'`. */
  tokenEndpoint?: string | ((req: Request) => string) | undefined;
  /** Marks a `jti` used in one atomic step, until `expiresAt`. Required with `private_key_jwt`. */
  consumeJti?: ((jti: AssertionJti) => Awaitable<boolean>) | undefined;
  /** The algorithms that assertions may be signed with. @default all asymmetric ones that are supported */
  algorithms?: readonly AssertionAlgorithm[] | undefined;
}

/** What `createTokenRouter` takes as `authenticateClient`. Call it at your own endpoints as well. */
export interface AuthenticateClient<Registered extends RegisteredClient = RegisteredClient> {
  (credentials: ClientCredentials, req: Request): Promise<Registered>;
  /** For `token_endpoint_auth_methods_supported` (RFC 8414 §2). */
  readonly methods: readonly ClientAuthenticationMethod[];
  /** For `token_endpoint_auth_signing_alg_values_supported`; empty without `private_key_jwt`. */
  readonly signingAlgorithms: readonly AssertionAlgorithm[];
}
