import type { OAuthError } from '../errors';
import type { Awaitable } from '../types';

/**
 * How the answer is sent: OAuth 2.0 Multiple Response Types §2.1, Form Post Response Mode, and Auth0's `web_message`.
 */
export type ResponseMode = 'query' | 'form_post' | 'web_message';

/** OpenID Connect Core §3.1.2.1; `create` is Initiating User Registration. */
export type Prompt = 'none' | 'login' | 'consent' | 'select_account' | 'create';

/** OpenID Connect Dynamic Client Registration §2 `application_type`. */
export type ApplicationType = 'web' | 'native';

/** What the authorization endpoint reads of a registered client (RFC 7591 §2). Your record may have more members. */
export interface AuthorizationClient {
  clientId: string;
  /** The callback URLs. See `isCallbackUrl` for what each of them matches. */
  redirectUris: readonly string[];
  /** Decides on which loopback hosts the port may differ. See `isCallbackUrl`. @default 127.0.0.1 and [::1] */
  applicationType?: ApplicationType | null | undefined;
  /** The grants that this client may use (RFC 7591 §2). @default all of them */
  grantTypes?: readonly string[] | null | undefined;
  /** The origins that may receive `web_message` answers. The left-most label may have one `*`. @default none */
  webOrigins?: readonly string[] | null | undefined;
}

/** The options of `parseAuthorizationRequest`. */
export interface AuthorizationRequestOptions<
  FoundClient extends AuthorizationClient = AuthorizationClient,
  Name extends string = never,
> {
  /**
   * Finds a client by its id. Return `null` for an unknown client. An `OAuthError` that it throws becomes an error of
   * the kind `page`.
   */
  findClient: (clientId: string) => Awaitable<FoundClient | null | undefined>;
  /** The issuer identifier of your server (RFC 8414 §2). It is the `iss` of every answer (RFC 9207). */
  issuer: string;
  /**
   * The scopes that your server can grant, those of OpenID Connect included. Others are dropped from the request.
   * @default every scope
   */
  scopes?: readonly string[] | undefined;
  /** The identifiers of your APIs. Any other `resource` or `audience` is refused. @default every one is accepted */
  audiences?: readonly string[] | undefined;
  /** Names of more parameters, such as `acr_values`. Each may be sent once, in printable ASCII. @default none */
  parameters?: readonly Name[] | undefined;
}

/** Where the answer may be sent. Only `parseAuthorizationRequest` makes one, after it has verified the callback URL. */
export interface AuthorizationTarget {
  /** The callback URL that the answer goes to. */
  responseUri: string;
  responseMode: ResponseMode;
  state: string | null;
  /** The `iss` of the answer (RFC 9207). */
  issuer: string;
}

/** A checked authorization request. It is plain data, so you can keep it in a session, also as JSON. */
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
  /** Escape it: it may have any characters, and whoever made the link chose it. */
  loginHint: string | null;
  dpopJkt: string | null;
  /** The `resource` parameters (RFC 8707), as they were sent. */
  resources: readonly string[];
  /** Auth0's `audience`. */
  audience: string | null;
  /** The parameters of the option `parameters` that the request has. */
  parameters: Readonly<Partial<Record<Name, string>>>;
  /** When the request was parsed, in milliseconds since 1970. `needsLogin` uses it. */
  receivedAt: number;
}

/** What `parseAuthorizationRequest` returns. Only the first two kinds have a `request` that can be answered. */
export type ParsedAuthorizationRequest<
  FoundClient extends AuthorizationClient = AuthorizationClient,
  Name extends string = never,
> =
  | { kind: 'request'; request: AuthorizationRequest<Name>; client: FoundClient; error?: never; status?: never }
  /** The callback URL is verified: send the error there with `authorizationResponse(res, request, error)`. */
  | { kind: 'redirect'; request: AuthorizationTarget; client: FoundClient; error: OAuthError; status?: never }
  /** There is no verified callback URL: show the error as a page of your own, with this HTTP status. */
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

/** The user and what was granted. Other members are kept in the record. */
export interface Granted {
  /** The id of the user: the `sub` of the tokens. */
  userId: string;
  /** When the user signed in. Required if the request has a `max_age`. */
  authTime?: Date | null | undefined;
  /** How strongly the user authenticated: the `acr` of the tokens (OpenID Connect Core §2). */
  acr?: string | null | undefined;
  /** How the user authenticated, such as `['pwd', 'otp']`: the `amr` of the tokens (RFC 8176). */
  amr?: readonly string[] | null | undefined;
  /** The scope that was granted, if it differs from the requested one. */
  scope?: string | null | undefined;
  /** The API that was granted, if it differs from the requested one. */
  audience?: string | null | undefined;
  /** The resources that were granted, if they differ from the requested ones. */
  resources?: readonly string[] | null | undefined;
}

/** The options of `codeRecordOf`. */
export interface CodeRecordOptions {
  /** Seconds for which the code can be redeemed, 1 to 600 (RFC 6749 §4.1.2). @default 60 */
  lifetime?: number | undefined;
}

/** Fields of a code's record that come only from the request. */
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
