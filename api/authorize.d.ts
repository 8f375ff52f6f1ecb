// authorize/callback-url.d.ts
import type { ApplicationType } from './types';
export declare const APPLICATION_TYPE: {
    isSound: (value: unknown) => boolean;
    hint: string;
};
export interface CallbackUrlOptions {
    applicationType?: ApplicationType | null | undefined;
}
export declare function isCallbackUrl(url: unknown, registered: readonly string[], { applicationType }?: CallbackUrlOptions): url is string;
export declare function onlyCallbackUrl(registered: readonly string[], { applicationType }: CallbackUrlOptions): string | undefined;

// authorize/code-record.d.ts
import type { AuthorizationRequest, CodeRecord, CodeRecordOptions, Granted, RequestFields } from './types';
export declare function codeRecordOf<Host extends Granted>(request: AuthorizationRequest<string>, granted: Host & {
    [Name in keyof RequestFields]?: never;
}, options?: CodeRecordOptions): CodeRecord<Host>;

// authorize/index.d.ts, which is express-token-router/authorize
export type { OAuthError } from '../errors';
export type { Awaitable } from '../types';
export { type CallbackUrlOptions, isCallbackUrl } from './callback-url';
export { codeRecordOf } from './code-record';
export { parseAuthorizationRequest } from './request';
export { authorizationResponse } from './response';
export { consentRequired, interactionRequired, isSilent, loginRequired, needsLogin } from './silent';
export type { ApplicationType, AuthorizationAnswer, AuthorizationClient, AuthorizationErrorAnswer, AuthorizationErrorCode, AuthorizationRequest, AuthorizationRequestOptions, AuthorizationTarget, CodeRecord, CodeRecordOptions, Granted, ParsedAuthorizationRequest, Prompt, ResponseMode, } from './types';

// authorize/request.d.ts
import type { AuthorizationClient, AuthorizationRequestOptions, ParsedAuthorizationRequest } from './types';
export declare function parseAuthorizationRequest<FoundClient extends AuthorizationClient, const Name extends string = never>(query: unknown, options: AuthorizationRequestOptions<FoundClient, Name>): Promise<ParsedAuthorizationRequest<FoundClient, Name>>;

// authorize/response.d.ts
import type { Response } from 'express';
import type { AuthorizationAnswer, AuthorizationTarget } from './types';
export declare function authorizationResponse(res: Response, request: AuthorizationTarget, answer: AuthorizationAnswer): void;

// authorize/silent.d.ts
import type { AuthorizationErrorAnswer, AuthorizationErrorCode, AuthorizationRequest } from './types';
export declare const loginRequired: Readonly<AuthorizationErrorAnswer & {
    error: AuthorizationErrorCode;
}>;
export declare const consentRequired: Readonly<AuthorizationErrorAnswer & {
    error: AuthorizationErrorCode;
}>;
export declare const interactionRequired: Readonly<AuthorizationErrorAnswer & {
    error: AuthorizationErrorCode;
}>;
export declare function isSilent({ prompt }: Pick<AuthorizationRequest, 'prompt'>): boolean;
export declare function needsLogin({ prompt, maxAge, receivedAt }: Pick<AuthorizationRequest, 'prompt' | 'maxAge' | 'receivedAt'>, authTime: Date | null | undefined): boolean;

// authorize/types.d.ts
import type { OAuthError } from '../errors';
import type { Awaitable } from '../types';
export type ResponseMode = 'query' | 'form_post' | 'web_message';
export type Prompt = 'none' | 'login' | 'consent' | 'select_account' | 'create';
export type ApplicationType = 'web' | 'native';
export interface AuthorizationClient {
    clientId: string;
    redirectUris: readonly string[];
    applicationType?: ApplicationType | null | undefined;
    grantTypes?: readonly string[] | null | undefined;
    webOrigins?: readonly string[] | null | undefined;
}
export interface AuthorizationRequestOptions<FoundClient extends AuthorizationClient = AuthorizationClient, Name extends string = never> {
    findClient: (clientId: string) => Awaitable<FoundClient | null | undefined>;
    issuer: string;
    scopes?: readonly string[] | undefined;
    audiences?: readonly string[] | undefined;
    parameters?: readonly Name[] | undefined;
}
export interface AuthorizationTarget {
    responseUri: string;
    responseMode: ResponseMode;
    state: string | null;
    issuer: string;
}
export interface AuthorizationRequest<Name extends string = never> extends AuthorizationTarget {
    clientId: string;
    redirectUri: string | null;
    codeChallenge: string;
    codeChallengeMethod: 'S256';
    scope: string | null;
    nonce: string | null;
    prompt: readonly Prompt[];
    maxAge: number | null;
    loginHint: string | null;
    dpopJkt: string | null;
    resources: readonly string[];
    audience: string | null;
    parameters: Readonly<Partial<Record<Name, string>>>;
    receivedAt: number;
}
export type ParsedAuthorizationRequest<FoundClient extends AuthorizationClient = AuthorizationClient, Name extends string = never> = {
    kind: 'request';
    request: AuthorizationRequest<Name>;
    client: FoundClient;
    error?: never;
    status?: never;
}
 | {
    kind: 'redirect';
    request: AuthorizationTarget;
    client: FoundClient;
    error: OAuthError;
    status?: never;
}
 | {
    kind: 'page';
    request?: never;
    client?: never;
    error: OAuthError;
    status: number;
};
export type AuthorizationErrorCode = 'invalid_request' | 'unauthorized_client' | 'access_denied' | 'unsupported_response_type' | 'invalid_scope' | 'invalid_target' | 'server_error' | 'temporarily_unavailable' | 'login_required' | 'consent_required' | 'interaction_required' | 'account_selection_required' | 'request_not_supported' | 'request_uri_not_supported';
export interface AuthorizationErrorAnswer {
    error: AuthorizationErrorCode | (string & {});
    error_description?: string | undefined;
    code?: never;
}
export type AuthorizationAnswer = {
    code: string;
    error?: never;
    error_description?: never;
} | AuthorizationErrorAnswer;
export interface Granted {
    userId: string;
    authTime?: Date | null | undefined;
    acr?: string | null | undefined;
    amr?: readonly string[] | null | undefined;
    scope?: string | null | undefined;
    audience?: string | null | undefined;
    resources?: readonly string[] | null | undefined;
}
export interface CodeRecordOptions {
    lifetime?: number | undefined;
}
export interface RequestFields {
    clientId: string;
    redirectUri: string | null;
    codeChallenge: string;
    codeChallengeMethod: 'S256';
    dpopJkt: string | null;
    nonce: string | null;
    expiresAt: Date;
}
export type CodeRecord<Host extends Granted = Granted> = Omit<Host, keyof RequestFields | 'scope' | 'audience' | 'resources' | 'authTime' | 'acr' | 'amr'> & RequestFields & {
    scope: string | null;
    audience: string | null;
    resources: readonly string[] | null;
    authTime: Date | null;
    acr: string | null;
    amr: readonly string[] | null;
};
