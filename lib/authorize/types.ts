import type { OAuthError } from '../errors';
import type { Awaitable } from '../types';

/** How the answer travels: OAuth 2.0 Multiple Response Types §2.1, Form Post, and Auth0's `web_message`. */
export type ResponseMode = 'query' | 'form_post' | 'web_message';

/** OpenID Connect Core §3.1.2.1; `create` is Initiating User Registration. */
export type Prompt = 'none' | 'login' | 'consent' | 'select_account' | 'create';

/** OpenID Connect Dynamic Client Registration §2 `application_type`. */
export type ApplicationType = 'web' | 'native';

/** What the authorization endpoint reads of a registered client (RFC 7591 §2). Your own record may have more. */
export interface AuthorizationClient {
  clientId: string;
  /** The callback URLs. See `isCallbackUrl` for what each of them matches. */
  redirectUris: readonly string[];
  /** Decides for which loopback hosts the port may differ. See `isCallbackUrl`. @default 127.0.0.1 and [::1] */
  applicationType?: ApplicationType | null | undefined;
  /** The grants that this client may use (RFC 7591 §2). @default all of them */
  grantTypes?: readonly string[] | null | undefined;
  /** The origins that may receive `web_message` answers. A `*` may stand in the left-most label. @default none */
  webOrigins?: readonly string[] | null | undefined;
}

/** The options of `parseAuthorizationRequest`. */
export interface AuthorizationRequestOptions<
  FoundClient extends AuthorizationClient = AuthorizationClient,
  Name extends string = never,
> {
  /** Looks the client up. Return `null` for a client that you do not know. An `OAuthError` that it throws is shown as a page. */
  findClient: (clientId: string) => Awaitable<FoundClient | null | undefined>;
  /** The issuer identifier of your server (RFC 8414 §2). It is the `iss` of every answer (RFC 9207). */
  issuer: string;
  /** The scopes that your server can grant, those of OpenID Connect included. Others are left out. @default every scope */
  scopes?: readonly string[] | undefined;
  /** The identifiers of your APIs. A `resource` or `audience` that is none of them is refused. @default every one */
  audiences?: readonly string[] | undefined;
  /** More parameters that you want to read, such as `acr_values`: each at most once, printable ASCII. @default none */
  parameters?: readonly Name[] | undefined;
}

/** Where an answer may be sent. Only `parseAuthorizationRequest` makes one, after it has verified the callback URL. */
export interface AuthorizationTarget {
  /** The callback URL that the answer goes to. */
  responseUri: string;
  responseMode: ResponseMode;
  state: string | null;
  /** The `iss` of the answer (RFC 9207). */
  issuer: string;
}

/** A checked authorization request. Plain data: it can be kept in a session, also as JSON. */
export interface AuthorizationRequest<Name extends string = never> extends AuthorizationTarget {
  clientId: string;
  /** The `redirect_uri` as it was sent. `null` if the request had none. */
  redirectUri: string | null;
  codeChallenge: string;
  codeChallengeMethod: 'S256';
  /** The requested scopes that your server knows, separated by one space. `null` if there is none. */
  scope: string | null;
  nonce: string | null;
  prompt: readonly Prompt[];
  /** Seconds. */
  maxAge: number | null;
  /** Not ASCII only, and chosen by whoever made the link: escape it. */
  loginHint: string | null;
  dpopJkt: string | null;
  /** The `resource` parameters (RFC 8707), as they were sent. */
  resources: readonly string[];
  /** Auth0's `audience`. */
  audience: string | null;
  /** The parameters of the option `parameters` that the request had. */
  parameters: Readonly<Partial<Record<Name, string>>>;
  /** When the request was parsed, in milliseconds since 1970. `needsLogin` uses it. */
  receivedAt: number;
}

/** What `parseAuthorizationRequest` brings. Only the first two kinds have a `request` that can be answered. */
export type ParsedAuthorizationRequest<
  FoundClient extends AuthorizationClient = AuthorizationClient,
  Name extends string = never,
> =
  | { kind: 'request'; request: AuthorizationRequest<Name>; client: FoundClient; error?: never; status?: never }
  /** The callback URL is verified: send the error there with `authorizationResponse(res, request, error)`. */
  | { kind: 'redirect'; request: AuthorizationTarget; client: FoundClient; error: OAuthError; status?: never }
  /** Nobody knows where an answer would go: show the error as a page of your own with this HTTP status. */
  | { kind: 'page'; request?: never; client?: never; error: OAuthError; status: number };

/** Errors of the authorization endpoint: RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6, RFC 8707 §2. */
export type AuthorizationErrorCode =
  | 'invalid_request'
  | 'unauthorized_client'
  | 'access_denied'
  | 'unsupported_response_type'
  | 'invalid_scope'
  | 'invalid_target'
  | 'server_error'
  | 'temporarily_unavailable'
  | 'login_required'
  | 'consent_required'
  | 'interaction_required'
  | 'account_selection_required'
  | 'request_not_supported'
  | 'request_uri_not_supported';

/** An error answer. An `OAuthError` is one as well. */
export interface AuthorizationErrorAnswer {
  error: AuthorizationErrorCode | (string & {});
  /** For the client's developer. Characters that RFC 6749 §4.1.2.1 does not allow are replaced by `?`. */
  error_description?: string | undefined;
  code?: never;
}

/** What `authorizationResponse` sends: a code or an error. */
export type AuthorizationAnswer = { code: string; error?: never; error_description?: never } | AuthorizationErrorAnswer;

/** What you know of the user and of the decision. More members are kept as they are. */
export interface Granted {
  /** The user: `sub`. */
  userId: string;
  /** When the user signed in. Needed if the request has a `max_age`. */
  authTime?: Date | null | undefined;
  /** How strongly (OpenID Connect Core §2). */
  acr?: string | null | undefined;
  /** By which means (RFC 8176). */
  amr?: readonly string[] | null | undefined;
  /** The scope that was granted, if it is not what was asked for. */
  scope?: string | null | undefined;
  /** The API that was granted, if it is not what was asked for. */
  audience?: string | null | undefined;
  /** The resources that were granted, if they are not what was asked for. */
  resources?: readonly string[] | null | undefined;
}

/** The options of `codeRecordOf`. */
export interface CodeRecordOptions {
  /** Seconds that the code can be redeemed: 1 to 600 (RFC 6749 §4.1.2). @default 60 */
  lifetime?: number | undefined;
}

/** Fields of a code's record that come from the request alone. */
export interface RequestFields {
  clientId: string;
  redirectUri: string | null;
  codeChallenge: string;
  codeChallengeMethod: 'S256';
  dpopJkt: string | null;
  nonce: string | null;
  expiresAt: Date;
}

/** A record for `saveCode`: an `AuthorizationCode` of the router, an `Authorization` of the issuer, and what you added. */
export type CodeRecord<Host extends Granted = Granted> = Omit<
  Host,
  keyof RequestFields | 'scope' | 'audience' | 'resources' | 'authTime' | 'acr' | 'amr'
> &
  RequestFields & {
    scope: string | null;
    audience: string | null;
    resources: readonly string[] | null;
    authTime: Date | null;
    acr: string | null;
    amr: readonly string[] | null;
  };
