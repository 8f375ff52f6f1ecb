import type { RequestListener } from 'node:http';
import type { AuthorizationCode, Awaitable } from '../types';
import type { TestClient } from './test-client';

/** Your app. `createApp` makes a new one for each test. */
export interface TokenEndpointBench {
  /** The app, or any listener of `node:http`. */
  app: RequestListener;
  /**
   * Saves a code as your `/authorize` does: `(code, record) => store.saveCode(code, { ...record, userId: 'ada', … })`.
   * It may throw for a record that the endpoint would refuse.
   */
  saveCode(code: string, record: Required<Omit<AuthorizationCode, 'spentAt' | 'spentBy'>>): Awaitable<unknown>;
  /** Your public keys, to verify signatures. @default signatures are not verified */
  jwks?: { keys: readonly object[] } | (() => { keys: readonly object[] }) | undefined;
  /** Whether your API would still accept an access token. Required with `revokes`. */
  isActive?: ((accessToken: string) => Awaitable<boolean>) | undefined;
  /** Closes the app: its connections, its timers. */
  close?: (() => Awaitable<unknown>) | undefined;
}

/** What your endpoint does. Rules for what you leave out are skipped. */
export interface TokenEndpointHost {
  /** The path of the endpoint in your app. @default '/oauth/token' */
  path?: string | undefined;
  /** The public URL of the endpoint, as in your option `tokenEndpoint`. Required for DPoP. */
  tokenEndpoint?: string | undefined;
  /** A client that your app knows, and that may use every tested grant. @default { clientId: 'spa' } */
  client?: TestClient | undefined;
  /**
   * Another client with the same grants, to test that it cannot use what was issued to the first one. @default those
   * rules are skipped
   */
  otherClient?: TestClient | undefined;
  /** @default 'https://app.example/callback' */
  redirectUri?: string | undefined;
  /** The scope that a user grants, space-separated, without `offline_access`. @default 'openid' */
  scope?: string | undefined;
  /** The resources that a user grants (RFC 8707): the `aud` of access tokens. @default the record has none */
  resources?: readonly string[] | undefined;
  /** The `aud` of access tokens, if you do not use `resources`. @default not compared */
  audience?: string | undefined;
  /** Your issuer identifier. @default not compared */
  issuer?: string | undefined;
  /** @default 'jwt' */
  accessToken?: 'jwt' | 'opaque' | undefined;
  /** The `typ` of access tokens, as in the option of `createTokenIssuer`. @default 'at+jwt' */
  typ?: 'at+jwt' | 'JWT' | undefined;
  /** Whether the endpoint accepts DPoP proofs, or requires one in every request. @default false */
  dpop?: boolean | 'required' | undefined;
  /** Whether your verifier has a `nonceSecret`. @default false */
  nonces?: boolean | undefined;
  /**
   * Whether there are refresh tokens for `offline_access`. `'leeway'`: a spent one may be used again for a while
   * although its successor was used, by your option `refresh.leeway`. @default false
   */
  refresh?: boolean | 'leeway' | undefined;
  /**
   * Whether the refresh tokens of `client` are replaced when they are used. `false`: they stay, by your option
   * `refresh.rotates`. @default true
   */
  rotates?: boolean | undefined;
  /** Whether `createApp` returns `isActive`, to test which access tokens a replay revokes. @default false */
  revokes?: boolean | undefined;
  /** Browser origins that may call. @default none */
  origins?: readonly string[] | undefined;
  /**
   * How many proxies your app trusts (`trust proxy`). With one or more, each request has the `X-Forwarded-For`,
   * `X-Forwarded-Proto` and, if `tokenEndpoint` is given, `X-Forwarded-Host` of a proxy. @default 0
   */
  proxies?: number | undefined;
  /** Header fields of each request: `{ Host: 'auth.example' }` for an app that checks it. @default {} */
  headers?: Readonly<Record<string, string>> | undefined;
  /** The `limit` of your rate limit, or `false`. @default 100 */
  rateLimit?: number | false | undefined;
  /** Whether you run body parsers before the router, and answer their errors yourself. @default false */
  parsers?: boolean | undefined;
  /** Your option `errorStatus`. @default {} */
  errorStatus?: Readonly<Record<string, number>> | undefined;
}
