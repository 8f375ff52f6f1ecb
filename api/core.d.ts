// address.d.ts
import type { Request } from 'express';
export declare function addressOf(req: Request): string | undefined;
export declare function digestOfAddress(req: Request): string | null;

// error-codes.d.ts
export declare const ERROR_STATUS: Readonly<{
    invalid_request: 400;
    invalid_client: 401;
    invalid_grant: 400;
    unauthorized_client: 400;
    unsupported_grant_type: 400;
    unsupported_token_type: 400;
    invalid_scope: 400;
    invalid_target: 400;
    invalid_dpop_proof: 400;
    use_dpop_nonce: 400;
    access_denied: 400;
    authorization_pending: 400;
    slow_down: 400;
    expired_token: 400;
    mfa_required: 403;
    too_many_requests: 429;
    server_error: 500;
    temporarily_unavailable: 503;
}>;
export type OAuthErrorCode = keyof typeof ERROR_STATUS;
export declare const FIXED_STATUS: readonly ["invalid_dpop_proof", "use_dpop_nonce", "too_many_requests", "server_error", "temporarily_unavailable"];
export declare const UNCOUNTED: readonly string[];
export declare function checkCode(error: string, status: number | undefined): void;

// error-members.d.ts
export type Json = string | number | boolean | null | readonly Json[] | {
    readonly [name: string]: Json;
};
export declare function parseHeaders(headers: unknown): Readonly<Record<string, string>>;
export declare function parseMembers(members: unknown): Readonly<Record<string, Json>>;

// errors.d.ts
import { type OAuthErrorCode } from './error-codes';
import { type Json } from './error-members';
import type { Reason } from './reasons';
export { ERROR_STATUS, FIXED_STATUS, type OAuthErrorCode } from './error-codes';
export type { Json } from './error-members';
export interface OAuthErrorOptions {
    reason?: Reason | (string & {});
    headers?: Readonly<Record<string, string>>;
    cause?: unknown;
    status?: number | undefined;
    members?: Readonly<Record<string, Json>>;
    counts?: boolean;
}
export declare class OAuthError extends Error {
    #private;
    readonly name = "OAuthError";
    readonly error: OAuthErrorCode | (string & {});
    readonly error_description: string;
    readonly reason: Reason | (string & {});
    readonly headers: Readonly<Record<string, string>>;
    readonly status: number | undefined;
    readonly members: Readonly<Record<string, Json>>;
    readonly counts: boolean;
    constructor(error: OAuthErrorCode, description: string, options?: OAuthErrorOptions);
    constructor(error: string, description: string, options: OAuthErrorOptions & {
        status: number;
    });
}
export declare function isOAuthError(thrown: unknown): thrown is OAuthError;
export declare function toOAuthError(thrown: unknown): OAuthError | undefined;
export declare function fault(reason: Reason, cause: unknown): OAuthError;

// index.d.ts, which is express-token-router
export { digestOfAddress } from './address';
export { type Json, OAuthError, type OAuthErrorCode, type OAuthErrorOptions } from './errors';
export { parseClientCredentials } from './http/client-credentials';
export type { Reason } from './reasons';
export { createTokenRouter } from './router';
export type { AuthorizationCode, Awaitable, Client, ClientCredentials, ClientExchange, ClientGrant, Confirmation, DeclaredParameters, DpopProof, EndpointMetadata, ErrorStatus, Exchange, ExchangeFacts, ExtensionExchange, ExtensionGrant, IssuedTokens, IssueTokens, Outcome, RefreshExchange, RefreshOptions, RefreshToken, TokenEndpointMetadata, TokenRouterOptions, VerifyDpop, } from './types';

// reasons.d.ts
export declare const REASONS: readonly ["code_redeemed", "refresh_token_redeemed", "refresh_token_repeated", "refresh_token_repeated_late", "refresh_token_sibling", "refresh_token_kept", "extension_grant_redeemed", "token_revoked", "token_not_found", "token_of_another_client", "token_introspected", "token_inactive", "method_not_allowed", "origin_not_allowed", "media_type_unsupported", "charset_unsupported", "content_encoding_unsupported", "body_too_large", "body_truncated", "body_timeout", "body_malformed", "parameters_too_many", "rate_limited", "client_gone", "parameter_in_query", "parameter_repeated", "parameter_no_string", "parameter_characters", "parameter_missing", "grant_type_unsupported", "code_verifier_malformed", "authorization_repeated", "authorization_scheme_unsupported", "authorization_malformed", "client_authentication_repeated", "client_id_conflict", "client_assertion_type_unsupported", "client_authentication_unsupported", "client_refused", "client_mismatch", "client_authentication_method_wrong", "client_not_found", "client_secret_wrong", "client_assertion_malformed", "client_assertion_type_wrong", "client_assertion_extension_unsupported", "client_assertion_algorithm_unsupported", "client_assertion_claim_malformed", "client_assertion_issuer_wrong", "client_assertion_audience_wrong", "client_assertion_expired", "client_assertion_lives_too_long", "client_assertion_too_new", "client_keys_unavailable", "client_assertion_key_unknown", "client_assertion_signature_wrong", "client_assertion_replayed", "client_metadata_unusable", "grant_type_not_allowed", "public_client_not_allowed", "client_grant_unknown", "client_credential_missing", "token_not_revocable", "code_unknown", "code_of_another_client", "redirect_uri_missing", "redirect_uri_mismatch", "code_challenge_missing", "code_challenge_method_unsupported", "code_verifier_missing", "code_verifier_mismatch", "resource_not_granted", "code_replayed", "code_replayed_at_once", "code_expired", "refresh_token_unknown", "refresh_token_of_another_client", "scope_malformed", "scope_exceeded", "refresh_token_reused", "refresh_token_expired", "refresh_token_overtaken", "refresh_token_repeated_too_often", "client_unknown", "redirect_uri_unregistered", "response_mode_unsupported", "web_origin_unregistered", "request_not_supported", "request_uri_not_supported", "response_type_unsupported", "code_challenge_malformed", "code_challenge_method_wrong", "scope_unknown", "prompt_malformed", "max_age_malformed", "dpop_jkt_malformed", "resource_malformed", "resource_unknown", "api_unknown", "offline_access_withdrawn", "resources_not_combinable", "scope_not_allowed", "user_unknown", "grant_revoked", "dpop_proof_missing", "dpop_proof_repeated", "dpop_key_mismatch", "dpop_proof_too_large", "dpop_proof_malformed", "dpop_type_wrong", "dpop_extension_unsupported", "dpop_algorithm_unsupported", "dpop_key_private", "dpop_key_unsuitable", "dpop_key_size", "dpop_key_malformed", "dpop_signature_wrong", "dpop_claim_malformed", "dpop_jti_malformed", "dpop_htm_mismatch", "dpop_htu_malformed", "dpop_htu_mismatch", "dpop_proof_too_old", "dpop_proof_too_new", "dpop_proof_replayed", "dpop_nonce_missing", "dpop_nonce_stale", "adapter_refused", "too_many_in_flight", "too_many_in_flight_of_address", "sender_displaced", "event_loop_late", "rate_limit_store_failed", "allowed_origins_failed", "body_taken", "authenticate_client_failed", "client_malformed", "client_secret_queue_full", "client_documents_limited", "find_code_failed", "code_malformed", "token_endpoint_failed", "verify_dpop_failed", "confirmation_malformed", "consume_jti_failed", "consume_jti_no_boolean", "consume_code_failed", "consume_code_no_boolean", "find_refresh_token_failed", "refresh_token_malformed", "find_access_token_failed", "access_token_malformed", "is_revoked_failed", "revoke_grant_failed", "resource_server_failed", "rotates_failed", "consume_refresh_token_failed", "consume_refresh_token_no_boolean", "signing_busy", "grant_unknown", "issue_tokens_failed", "signature_dropped", "tokens_malformed", "answered_by_host", "no_time_left", "adapter_timeout", "adapter_timeout_after_consumption", "unexpected"];
export type Reason = (typeof REASONS)[number];

// router.d.ts
import type { Router } from 'express';
import type { AuthorizationCode, Client, DpopNeeds, RefreshToken, TokenEndpointMetadata, TokenRouterOptions, VerifyDpop } from './types';
export declare function createTokenRouter<Code extends AuthorizationCode = never, RequestingClient extends Client = Client, Token extends RefreshToken = never, Name extends string = never, GrantNames extends Record<string, string> = {}, Verify extends VerifyDpop | undefined = VerifyDpop | undefined>(options: TokenRouterOptions<Code, RequestingClient, Token, Name, GrantNames> & {
    verifyDpop?: Verify;
} & DpopNeeds<NoInfer<Verify>, NoInfer<Code>>): Router & {
    readonly metadata: TokenEndpointMetadata;
};

// types.d.ts
import type { Request } from 'express';
import type { Options as RateLimitOptions } from 'express-rate-limit';
import type { FIXED_STATUS, OAuthErrorCode } from './errors';
import type { Reason } from './reasons';
export type Awaitable<T> = T | Promise<T>;
export interface AuthorizationCode {
    clientId: string;
    redirectUri: string | null;
    codeChallenge: string | null;
    codeChallengeMethod: string | null;
    expiresAt: Date;
    dpopJkt?: string | null;
    scope?: string | null;
    resources?: readonly string[] | null;
    spentAt?: Date | null;
    spentBy?: string | null;
}
export interface Client {
    clientId: string;
    dpopBoundAccessTokens?: boolean | 0 | 1 | null | undefined;
    grantTypes?: readonly string[] | null | undefined;
    tokenEndpointAuthMethod?: ClientCredentials['method'] | (string & {}) | null | undefined;
    omitsRedirectUri?: boolean | 0 | 1 | null | undefined;
}
export interface ClaimedId {
    clientId: string;
    clientIdAsSent?: string;
}
export type ClientCredentials = ({
    method: 'none';
} & ClaimedId) | ({
    method: 'client_secret_basic';
    clientSecret: string;
    clientSecretAsSent?: string;
} & ClaimedId) | ({
    method: 'client_secret_post';
    clientSecret: string;
} & ClaimedId) | ({
    method: 'private_key_jwt';
    clientAssertion: string;
} & Partial<ClaimedId>);
export interface Confirmation {
    jkt: string;
}
export type DeclaredParameters<Name extends string = string> = {
    readonly [Each in Name]: string | undefined;
};
export interface ExchangeFacts<RequestingClient = Client, Name extends string = string> {
    client: RequestingClient;
    confirmation: Confirmation | undefined;
    resources: readonly string[];
    parameters: DeclaredParameters<Name>;
    servesRefresh: boolean;
    actTimeout: number;
}
export interface Exchange<Code = AuthorizationCode, RequestingClient = Client, Name extends string = string> extends ExchangeFacts<RequestingClient, Name> {
    code: Code;
    refreshToken?: never;
    scope?: never;
    isRotated?: never;
}
export interface RefreshToken {
    clientId: string;
    scope: string | null;
    expiresAt: Date;
    dpopJkt?: string | null;
    spentAt?: Date | null;
    isRepeatable?: boolean | null;
    repeatedAs?: 'at_once' | 'late' | 'sibling' | null;
    resources?: readonly string[] | null;
}
export interface RefreshExchange<Token = RefreshToken, RequestingClient = Client, Name extends string = string> extends ExchangeFacts<RequestingClient, Name> {
    refreshToken: Token;
    scope: string | null;
    isRotated: boolean;
    code?: never;
}
export interface RefreshOptions<Token extends RefreshToken = RefreshToken, RequestingClient = Client> {
    findRefreshToken: (refreshToken: string, req: Request) => Awaitable<Token | null | undefined>;
    consumeRefreshToken: (refreshToken: NoInfer<Token>, req: Request) => Awaitable<boolean>;
    revokeTokens?: ((refreshToken: NoInfer<Token>, req: Request) => Awaitable<void>) | undefined;
    leeway?: number | undefined;
    rotates?: ((refreshToken: NoInfer<Token>, client: RequestingClient) => Awaitable<boolean>) | undefined;
}
export type AnyExchange<Code, RequestingClient, Token, Name extends string = string> = Exchange<Code, RequestingClient, Name> | ([Token] extends [never] ? never : RefreshExchange<Token, RequestingClient, Name>);
export interface ExtensionExchange<RequestingClient = Client, Name extends string = string> extends ExchangeFacts<RequestingClient, Name> {
    grantType: string;
    code?: never;
    refreshToken?: never;
    scope?: never;
    isRotated?: never;
}
export interface ExtensionGrant<RequestingClient extends Client = Client, Name extends string = string, Declared extends string = never> {
    parameters?: readonly Name[] | undefined;
    allowPublic?: boolean | undefined;
    issueTokens: IssueTokens<ExtensionExchange<NoInfer<RequestingClient>, NoInfer<Name> | NoInfer<Declared>>>;
}
export interface ClientGrant {
    scope: string | null;
    resources?: readonly string[] | null;
    audience?: string | null;
    grantId?: string;
}
export interface ClientExchange<RequestingClient = Client, Grant extends ClientGrant = ClientGrant, Name extends string = string> extends ExchangeFacts<RequestingClient, Name> {
    grantType: string;
    clientGrant: Grant;
    scope: string | null;
    code?: never;
    refreshToken?: never;
    isRotated?: never;
}
export interface IssueTokens<AnExchange> {
    (exchange: AnExchange, req: Request): Awaitable<IssuedTokens>;
    check?: ((exchange: AnExchange, req: Request) => Awaitable<void>) | undefined;
}
export interface IssuedTokens {
    access_token: string;
    expires_in: number;
    refresh_token?: string | null | undefined;
    id_token?: string | null | undefined;
    scope?: string | null | undefined;
    token_type?: never;
}
export interface DpopProof {
    proof: string;
    htm: string;
    htu: string;
}
export type VerifyDpop = (proof: DpopProof, req: Request) => Awaitable<{
    jkt: string;
    nonce?: string | null | undefined;
}>;
export type DpopNeeds<Verify, Code> = [undefined] extends [Verify] ? unknown : {
    tokenEndpoint: string | ((req: Request) => string);
} & ('dpopJkt' extends keyof Code ? unknown : {
    findCode: 'verifyDpop needs dpopJkt, a string or null, in the record that findCode returns';
});
export interface DpopJti {
    jti: string;
    jkt: string;
    expiresAt: Date;
}
export interface Outcome {
    outcome: 'issued' | 'served' | 'refused' | 'failed';
    reason: Reason | (string & {});
    status: number;
    error?: OAuthErrorCode | (string & {});
    clientId?: string;
    durationMs: number;
    fault?: unknown;
    cause?: unknown;
}
export type ErrorStatus = Partial<Record<Exclude<OAuthErrorCode, (typeof FIXED_STATUS)[number]>, number>>;
type MeaninglessRateLimit = ('handler' | 'message' | 'statusCode' | 'retryAfter' | 'headers' | 'legacyHeaders' | 'max') | ('skipSuccessfulRequests' | 'skipFailedRequests' | 'requestWasSuccessful');
export interface EndpointMetadata {
    readonly path: string;
    readonly clientAuthenticationMethods: readonly string[] | undefined;
    readonly clientAuthenticationAlgorithms: readonly string[] | undefined;
}
export interface TokenEndpointMetadata extends EndpointMetadata {
    readonly tokenEndpoint: string | undefined;
    readonly grantTypes: readonly string[];
    readonly codeChallengeMethods: readonly string[];
    readonly dpopAlgorithms: readonly string[] | undefined;
}
export type EndpointOptionName = 'authenticateClient' | 'path' | 'allowedOrigins' | 'rateLimit' | 'bodyLimit' | 'bodyTimeout' | 'adapterTimeout' | 'maxInFlight' | 'maxInFlightPerAddress' | 'errorStatus' | 'onOutcome';
export interface TokenRouterOptions<Code extends AuthorizationCode = AuthorizationCode, RequestingClient extends Client = Client, Token extends RefreshToken = never, Name extends string = never, GrantNames extends Record<string, string> = {}> {
    findCode: (code: string, req: Request) => Awaitable<Code | null | undefined>;
    consumeCode: (code: NoInfer<Code>, req: Request) => Awaitable<boolean>;
    issueTokens: IssueTokens<AnyExchange<NoInfer<Code>, NoInfer<RequestingClient>, NoInfer<Token>, NoInfer<Name>>>;
    revokeTokens?: ((code: NoInfer<Code>, req: Request) => Awaitable<void>) | undefined;
    refresh?: RefreshOptions<Token, NoInfer<RequestingClient>> | undefined;
    parameters?: readonly Name[] | undefined;
    grants?: {
        readonly [GrantType in keyof GrantNames]: ExtensionGrant<NoInfer<RequestingClient>, GrantNames[GrantType], NoInfer<Name>>;
    } | undefined;
    authenticateClient?: ((credentials: ClientCredentials, req: Request) => Awaitable<RequestingClient | null | undefined>) | undefined;
    verifyDpop?: VerifyDpop | undefined;
    tokenEndpoint?: string | ((req: Request) => string) | undefined;
    requireDpop?: boolean | undefined;
    path?: string | undefined;
    allowedOrigins?: readonly string[] | ((origin: string, req: Request) => Awaitable<boolean>) | undefined;
    rateLimit?: Partial<Omit<RateLimitOptions, MeaninglessRateLimit>> | false | undefined;
    bodyLimit?: number | string | undefined;
    adapterTimeout?: number | undefined;
    actTimeout?: number | undefined;
    bodyTimeout?: number | undefined;
    maxInFlight?: number | undefined;
    maxInFlightPerAddress?: number | undefined;
    errorStatus?: ErrorStatus | undefined;
    onOutcome?: ((outcome: Outcome, req: Request) => void) | undefined;
}
export {};
