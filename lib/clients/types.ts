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

/** A client as you registered it, with the names of RFC 7591 §2. Your record may have more members. */
export interface RegisteredClient extends Client {
  /**
   * The only method by which this client may authenticate. Required, because a lost column must not let everybody in.
   */
  tokenEndpointAuthMethod: ClientAuthenticationMethod | (string & {});
  /** What `createClientSecret` or `hashClientSecret` returned. Several while you rotate a secret. */
  clientSecretHash?: string | readonly string[] | null | undefined;
  /** The public keys for `private_key_jwt`. If you set both, `jwksUri` is ignored. */
  jwks?: JsonWebKeySet | null | undefined;
  /** The https URL of the public keys for `private_key_jwt`. */
  jwksUri?: string | null | undefined;
  /** The only algorithm that this client may sign assertions with. @default every algorithm that fits a key */
  tokenEndpointAuthSigningAlg?: string | null | undefined;
}

/** A client that is described by its own document (draft-ietf-oauth-client-id-metadata-document). */
export interface MetadataClient extends RegisteredClient {
  tokenEndpointAuthMethod: 'none' | 'private_key_jwt';
  grantTypes: readonly string[];
  /** The callback URLs. Compare them byte for byte: they have no wildcards. */
  redirectUris: readonly string[];
  applicationType: 'native' | 'web' | null;
  /** What your login page may show. Escape it. Only `host` is verified. */
  display: {
    /** The host of the client's URL. Always show it, because a client can choose any name. */
    host: string;
    name: string | null;
    /** An https URL. */
    uri: string | null;
    /** An https URL. Fetch it through your own proxy, or its owner learns who logs in. */
    logoUri: string | null;
  };
}

/** The part of `fetch` that is used. The global `fetch` fits, and so does one that goes through a proxy. */
export type FetchDocument = (
  url: string,
  init: { headers: Readonly<Record<string, string>>; redirect: 'manual'; signal: AbortSignal },
) => Promise<FetchedResponse>;

/** The part of a `Response` that is read. */
export interface FetchedResponse {
  status: number;
  /** Whether redirects were followed. Then the response is refused. */
  redirected?: boolean;
  headers: { get(name: string): string | null };
  body: AsyncIterable<Uint8Array> | null;
}

/** How documents of clients are fetched. */
export interface FetchOptions {
  /**
   * Whether a connection to this address and port is allowed. Set it for development. @default port 443 of addresses
   * that are globally reachable
   */
  isAllowedAddress?: ((address: string, port: number) => boolean) | undefined;
  /**
   * A function to fetch with, such as one for your egress proxy. The proxy must refuse internal addresses.
   * @default HTTPS by Node.js
   */
  fetch?: FetchDocument | undefined;
}

/**
 * What `consumeJti` gets: the `jti` of an assertion, which may be used once. It has the form that the `consumeJti` of
 * every store takes.
 */
export interface AssertionJti {
  jti: string;
  /** A digest of the client's id, in the form of a thumbprint. It never equals the thumbprint of a key. */
  jkt: string;
  /** The assertion is refused from this instant on, so the `jti` can be deleted. */
  expiresAt: Date;
}

/** The options of `createClientAuthentication`. */
export interface ClientAuthenticationOptions<Registered extends RegisteredClient = RegisteredClient>
  extends FetchOptions {
  /** Finds a client by its id, byte for byte. Return `null` for an unknown client. */
  findClient: (clientId: string, req: Request) => Awaitable<Registered | null | undefined>;
  /** The methods that may be used. @default all four */
  methods?: readonly ClientAuthenticationMethod[] | undefined;
  /** Your issuer identifier, which assertions must name as their `aud`. Required with `private_key_jwt`. */
  audience?: string | ((req: Request) => string) | undefined;
  /** `'compat'` also accepts `tokenEndpoint` as the `aud`, and an array with one of the two. @default 'issuer' */
  assertionAudience?: 'issuer' | 'compat' | undefined;
  /** The public URL of the endpoint. Required with `assertionAudience: 'compat'`. */
  tokenEndpoint?: string | ((req: Request) => string) | undefined;
  /**
   * Marks a `jti` used until `expiresAt`, in one atomic step. Return `true` for its first use, `false` for all others.
   * Required with `private_key_jwt`.
   */
  consumeJti?: ((jti: AssertionJti) => Awaitable<boolean>) | undefined;
  /** The algorithms that assertions may be signed with. @default all asymmetric ones that are supported */
  algorithms?: readonly AssertionAlgorithm[] | undefined;
}

/** What `createTokenRouter` takes as `authenticateClient`. You can call it in your own endpoints as well. */
export interface AuthenticateClient<Registered extends RegisteredClient = RegisteredClient> {
  (credentials: ClientCredentials, req: Request): Promise<Registered>;
  /** For `token_endpoint_auth_methods_supported` (RFC 8414 §2). */
  readonly methods: readonly ClientAuthenticationMethod[];
  /** For `token_endpoint_auth_signing_alg_values_supported`; empty without `private_key_jwt`. */
  readonly signingAlgorithms: readonly AssertionAlgorithm[];
}
