import type { RequestListener } from 'node:http';
import type { AuthorizationCode, Awaitable } from '../types';
import type { TestClient } from './token-endpoint';

/** Your app, made anew for each test. */
export interface TokenEndpointBench {
  /** The app, or any listener of `node:http`. */
  app: RequestListener;
  /**
   * Saves a code as your `/authorize` does: `(code, record) => store.saveCode(code, { ...record, userId: 'ada', … })`. It may
   * throw where it refuses what the endpoint would refuse.
   */
  saveCode(code: string, record: Required<Omit<AuthorizationCode, 'spentAt' | 'spentBy'>>): Awaitable<unknown>;
  /** Your public keys. With them signatures are verified. */
  jwks?: { keys: readonly object[] } | (() => { keys: readonly object[] }) | undefined;
  /** Whether your API would still take an access token. Needed with `revokes`. */
  isActive?: ((accessToken: string) => Awaitable<boolean>) | undefined;
  /** Closes what the app has open. */
  close?: (() => Awaitable<unknown>) | undefined;
}

/** What your endpoint is meant to do. Rules for what you leave out are skipped. */
export interface TokenEndpointHost {
  /** Where your app has the endpoint. @default '/oauth/token' */
  path?: string | undefined;
  /** The public URL, as your option `tokenEndpoint` has it. Needed for DPoP. */
  tokenEndpoint?: string | undefined;
  /** A client that your app knows, and may use every grant that is tested. @default { clientId: 'spa' } */
  client?: TestClient | undefined;
  /** Another one, with the same grants: what was issued to one is not for the other. */
  otherClient?: TestClient | undefined;
  /** @default 'https://app.example/callback' */
  redirectUri?: string | undefined;
  /** What a user grants. @default 'openid' */
  scope?: string | undefined;
  /** The resources that a user grants (RFC 8707): the `aud` of access tokens. @default the record has none */
  resources?: readonly string[] | undefined;
  /** The `aud` of access tokens, where logins know no resources. @default not compared */
  audience?: string | undefined;
  /** Your issuer identifier. @default not compared */
  issuer?: string | undefined;
  /** @default 'jwt' */
  accessToken?: 'jwt' | 'opaque' | undefined;
  /** Whether proofs are taken, and whether every request needs one. @default false */
  dpop?: boolean | 'required' | undefined;
  /** Whether your verifier has a `nonceSecret`. @default false */
  nonces?: boolean | undefined;
  /**
   * Whether `offline_access` brings a refresh token. `'leeway'`: a spent one may come again for a while although its successor was
   * used, as your option `refresh.leeway` says. @default false
   */
  refresh?: boolean | 'leeway' | undefined;
  /** Whether `createApp` brings `isActive`, so that it is tested whether a replay revokes. @default false */
  revokes?: boolean | undefined;
  /** Browser origins that may call. @default none */
  origins?: readonly string[] | undefined;
  /** How many proxies your app trusts. @default 0 */
  proxies?: number | undefined;
  /** The `limit` of your rate limit, or `false`. @default 100 */
  rateLimit?: number | false | undefined;
  /** Whether you run body parsers before the router, and answer for them. @default false */
  parsers?: boolean | undefined;
  /** Your option `errorStatus`. @default {} */
  errorStatus?: Readonly<Record<string, number>> | undefined;
}
