// testing/bad-proofs.d.ts
import type { Reason } from '../reasons';
import type { DpopProver } from './dpop-prover';
export interface BadProof {
    name: string;
    proof: (nonce?: string) => string;
    status: 400;
    error: 'invalid_dpop_proof' | 'use_dpop_nonce';
    reason: Reason;
}
export interface BadProofsOptions {
    tokenEndpoint: string;
    nonces?: boolean | undefined;
    maxAge?: number | undefined;
}
export declare function badProofs(prover: DpopProver, { tokenEndpoint, nonces, maxAge }: BadProofsOptions): BadProof[];

// testing/bad-requests.d.ts
import type { OAuthErrorCode } from '../errors';
import type { Reason } from '../reasons';
import type { TokenRequest } from './token-endpoint';
export interface BadRequest {
    name: string;
    change: (request: TokenRequest) => TokenRequest;
    status: number;
    error: OAuthErrorCode;
    reason: Reason;
}
export interface BadRequestsOptions {
    grantType?: 'authorization_code' | 'refresh_token' | undefined;
    parsers?: boolean | undefined;
}
export declare function badRequests({ grantType, parsers }?: BadRequestsOptions): BadRequest[];

// testing/client-assertion.d.ts
import type { AlgorithmName } from '../jws/algorithms';
import { type TestKey } from './signing';
export interface ClientAssertionOptions {
    clientId: string;
    audience: string;
    privateKey: TestKey;
    alg?: AlgorithmName | undefined;
    kid?: string | undefined;
    lifetime?: number | undefined;
    claims?: Readonly<Record<string, unknown>> | undefined;
    header?: Readonly<Record<string, unknown>> | undefined;
}
export declare function createClientAssertion(options: ClientAssertionOptions): string;

// testing/code-store.d.ts
import type { Request } from 'express';
import type { AuthorizationCode, Awaitable } from '../types';
import { type ConformanceOptions, type Factory, type Test } from './conformance';
export interface CodeStore {
    saveCode(code: string, record: AuthorizationCode): Awaitable<unknown>;
    findCode(code: string): Awaitable<AuthorizationCode | null | undefined>;
    consumeCode(code: never, req?: Request): Awaitable<boolean>;
    revokeTokens?(code: never): Awaitable<unknown>;
    isRevoked?(grantId: string): Awaitable<boolean>;
}
export declare function codeStoreConformance(test: Test, factory: Factory<CodeStore>, options?: ConformanceOptions): void;

// testing/conformance.d.ts
import type { Awaitable } from '../types';
export type Test = (name: string, body: () => Promise<void>) => unknown;
export interface Bench<Store> {
    stores: readonly [Store, ...Store[]];
    dump?: (() => Awaitable<string>) | undefined;
    restart?: (() => Awaitable<readonly [Store, ...Store[]]>) | undefined;
    close?: (() => Awaitable<void>) | undefined;
}
export type Factory<Store> = () => Awaitable<Bench<Store>>;
export type Need = 'dump' | 'restart' | 'revokeTokens' | 'isRevoked';
export interface ConformanceOptions {
    record?: Readonly<Record<string, unknown>> | undefined;
    without?: readonly Need[] | undefined;
}
export interface ReadyBench<Store> extends Bench<Store> {
    dump: () => Awaitable<string>;
    restart: () => Awaitable<readonly [Store, ...Store[]]>;
    record: Readonly<Record<string, unknown>>;
}
export interface Rule<Store> {
    holds: (bench: ReadyBench<Store>) => Promise<void>;
    advice: string;
    anchor: string;
    needs?: readonly Need[];
}
export interface Suite<Store> {
    rules: Readonly<Record<string, Rule<Store>>>;
    required: readonly (string & keyof Store)[];
    optional?: readonly (string & keyof Store)[];
}
export declare function register<Store extends object>(test: Test, factory: Factory<Store>, suite: Suite<Store>, options?: ConformanceOptions): void;
export declare const sleep: (milliseconds: number) => Promise<void>;
export declare function atOnce<Store, T>(stores: readonly Store[], call: (store: Store) => Awaitable<T>): Promise<T[]>;
export declare function fiveTimes(race: () => Promise<void>): Promise<void>;
export declare function assertOneTrue(answers: readonly unknown[]): void;
export declare function assertBooleans(answers: readonly unknown[]): void;
export declare function assertFound(found: object | null | undefined, saved: object, name?: string): void;
export declare const copyOf: (record: object) => Record<string, unknown>;
export declare function assertUnchanged(record: object, before: object, name: string): void;
export declare function assertDumps(dump: () => Awaitable<string>): Promise<void>;
export declare function assertHidden(secret: string, dump: () => Awaitable<string>): Promise<void>;
export declare function mayThrow(call: () => Awaitable<unknown>): Promise<void>;
export declare function isFound(text: string, find: (text: string) => Awaitable<unknown>): Promise<boolean>;
export declare function mayRefuse(text: string, save: () => Awaitable<unknown>, find: () => Awaitable<unknown>): Promise<boolean>;
export declare const listEnds: () => Date[];
type Resources = readonly string[] | null | undefined;
export declare function assertKeepsResources(saveAndFind: (resources: string[] | null) => Promise<{
    resources?: Resources;
}>): Promise<void>;
interface Revocation {
    isRevoked: boolean;
    isSameDead: boolean;
    isForeignDead: boolean;
}
export declare function assertOnlyRevoked({ isRevoked, isSameDead, isForeignDead }: Revocation, what: string, explain: () => Promise<void>): Promise<void>;
export {};

// testing/dpop-prover.d.ts
import { type KeyObject } from 'node:crypto';
import type { AlgorithmName } from '../jws/algorithms';
import type { JsonWebKey } from '../jws/jwk';
import { type TestKey } from './signing';
export interface DpopProverOptions {
    alg?: AlgorithmName | undefined;
    privateKey?: TestKey | undefined;
}
export interface ProofClaims {
    htu: string;
    htm?: string | undefined;
    nonce?: string | undefined;
    accessToken?: string | undefined;
    iat?: number | undefined;
    jti?: string | undefined;
    claims?: Readonly<Record<string, unknown>> | undefined;
    header?: Readonly<Record<string, unknown>> | undefined;
}
export interface DpopProver {
    alg: AlgorithmName;
    jwk: JsonWebKey;
    privateKey: KeyObject;
    jkt: string;
    proof(claims: ProofClaims): string;
}
export declare function createDpopProver(options?: DpopProverOptions): DpopProver;

// testing/fixtures.d.ts
import type { AuthorizationCode, RefreshToken } from '../types';
export declare function createPkcePair(): {
    codeVerifier: string;
    codeChallenge: string;
    codeChallengeMethod: string;
};
export declare function createCode(): string;
export declare function createCodeRecord<Different extends object = object>(different?: Different): Required<AuthorizationCode> & Different;
export declare const createRefreshToken: typeof createCode;
export declare function createRefreshTokenRecord<Different extends object = object>(different?: Different): Omit<Required<RefreshToken>, 'spentAt'> & {
    grantId: string;
} & Different;
export declare const HOSTILE_STRINGS: Readonly<Record<string, string>>;
export declare const almostLike: (text: string) => string[];
export declare const patternsOf: (text: string) => Readonly<Record<string, string>>;
export declare const createPattern: () => string;

// testing/index.d.ts, which is express-token-router/testing
export { type BadProof, type BadProofsOptions, badProofs } from './bad-proofs';
export { type BadRequest, type BadRequestsOptions, badRequests } from './bad-requests';
export { type ClientAssertionOptions, createClientAssertion } from './client-assertion';
export { type CodeStore, codeStoreConformance } from './code-store';
export type { Bench, ConformanceOptions, Factory, Need, Test } from './conformance';
export { createDpopProver, type DpopProver, type DpopProverOptions, type ProofClaims } from './dpop-prover';
export { createCode, createCodeRecord, createPkcePair, createRefreshToken, createRefreshTokenRecord, HOSTILE_STRINGS, } from './fixtures';
export { type Finding, type FindingCode, type InspectOptions, inspectTokenRouter } from './inspect';
export type { ExpectedTokens } from './issued';
export { type JtiStore, jtiStoreConformance } from './jti-store';
export { type Race, race } from './race';
export { type RefreshTokenStore, refreshTokenStoreConformance } from './refresh-token-store';
export type { FetchedTokenResponse, SupertestLike, TokenResponse } from './requester';
export type { TestKey } from './signing';
export { describeTokenEndpoint, type SuiteTest, type TokenEndpointBench, type TokenEndpointHost } from './suite';
export type { TestClient } from './test-client';
export { type Differences, type Redemption, type Refreshment, type TestedTokenEndpoint, type TokenEndpointOptions, type TokenRequest, tokenEndpoint, } from './token-endpoint';
export { checkTokenResponse } from './token-response';

// testing/inspect-codes.d.ts
import type { Router } from 'express';
export declare const GUIDE = "docs/doctor.md";
export declare const FINDING_CODES: readonly ['no_token_router', 'no_answer', 'answered_before_router', 'token_endpoint_unreachable', 'token_endpoint_insecure', 'body_parser_answers', 'cache_control_changed', 'origin_unreachable', 'origin_unrestricted', 'rate_limit_off', 'trust_proxy_missing', 'trust_proxy_too_wide', 'memory_store', 'rate_limit_per_node', 'nonce_secret_unshared', 'dpop_replay_unchecked', 'revoke_tokens_missing', 'spent_codes_forgotten', 'access_token_outlives_grant', 'idle_lifetime_too_long', 'signing_timeout_too_long'];
export type FindingCode = (typeof FINDING_CODES)[number];
export interface InspectOptions {
    nodes?: number | undefined;
    proxies?: number | readonly string[] | undefined;
    origins?: readonly string[] | undefined;
    path?: string | undefined;
    router?: Router | undefined;
    ignore?: readonly FindingCode[] | undefined;
}

// testing/inspect.d.ts
import type { Express } from 'express';
import { type FindingCode, type InspectOptions } from './inspect-codes';
export type { FindingCode, InspectOptions } from './inspect-codes';
export interface Finding {
    code: FindingCode;
    message: string;
    page: string;
}
export declare function inspectTokenRouter(app: Express, options?: InspectOptions): Promise<Finding[]>;

// testing/issued.d.ts
export interface ExpectedTokens {
    issuer?: string | undefined;
    clientId?: string | undefined;
    userId?: string | undefined;
    nonce?: string | null | undefined;
    jkt?: string | null | undefined;
    scope?: string | null | undefined;
    resources?: readonly string[] | undefined;
    jwks?: {
        keys: readonly object[];
    } | undefined;
    refreshToken?: boolean | undefined;
    accessToken?: 'jwt' | 'opaque' | undefined;
    typ?: 'at+jwt' | 'JWT' | undefined;
    idToken?: 'optional' | undefined;
}
type Body = Readonly<Record<string, unknown>>;
export declare function listTokenProblems(body: Body, expected: ExpectedTokens): string[];
export {};

// testing/jti-store.d.ts
import type { Awaitable, DpopJti } from '../types';
import { type ConformanceOptions, type Factory, type Test } from './conformance';
export interface JtiStore {
    consumeJti(jti: DpopJti): Awaitable<boolean>;
}
export declare function jtiStoreConformance(test: Test, factory: Factory<JtiStore>, options?: Pick<ConformanceOptions, 'without'>): void;

// testing/race.d.ts
export interface Race<Response> {
    responses: readonly Response[];
    issued: readonly Response[];
    refused: readonly Response[];
}
export declare function race<Response extends {
    status: number;
}>(times: number, redeem: (index: number) => PromiseLike<Response>): Promise<Race<Response>>;

// testing/refresh-token-store.d.ts
import type { Awaitable, RefreshToken } from '../types';
import { type ConformanceOptions, type Factory, type Test } from './conformance';
type Saved = RefreshToken & {
    grantId: string;
    tokenId?: string;
};
export interface RefreshTokenStore {
    saveRefreshToken(refreshToken: string, record: Saved): Awaitable<unknown>;
    findRefreshToken(refreshToken: string): Awaitable<Saved | null | undefined>;
    consumeRefreshToken(refreshToken: never): Awaitable<boolean>;
    revokeTokens(refreshToken: never): Awaitable<unknown>;
}
export declare function refreshTokenStoreConformance(test: Test, factory: Factory<RefreshTokenStore>, options?: ConformanceOptions): void;
export {};

// testing/requester.d.ts
import { type IncomingHttpHeaders, type RequestListener, type ServerResponse } from 'node:http';
export interface TokenResponse {
    status: number;
    headers: Readonly<Record<string, string | string[] | undefined>>;
    body: unknown;
}
export interface HttpRequest {
    method: string;
    path: string;
    headers: Readonly<Record<string, string>>;
    body?: string | undefined;
}
export interface SupertestRequest<Response> extends PromiseLike<Response> {
    set(name: string, value: string): unknown;
    send(body?: string): unknown;
}
export interface SupertestLike<Response> {
    post(path: string): SupertestRequest<Response>;
}
export interface FetchedTokenResponse extends TokenResponse {
    headers: IncomingHttpHeaders;
    body: any;
    text: string;
}
export type Target<Response> = SupertestLike<Response> | RequestListener;
export type Send<Response> = (sent: HttpRequest) => Promise<Response>;
export declare function createSend<Response extends TokenResponse>(target: Target<Response>): Send<Response>;
export interface Sending {
    patience?: number | undefined;
    responseOf?: (() => ServerResponse | undefined) | undefined;
    hold?: ((release: () => void) => void) | undefined;
}
export declare class NoAnswer extends Error {
}
export declare function fetchFrom(port: number, { method, path, headers, body }: HttpRequest, { patience, responseOf, hold }: Sending): Promise<FetchedTokenResponse>;

// testing/signing.d.ts
import { type KeyObject } from 'node:crypto';
import { type AlgorithmName } from '../jws/algorithms';
import type { JsonWebKey } from '../jws/jwk';
export type TestKey = KeyObject | string | JsonWebKey;
export interface Signer {
    alg: AlgorithmName;
    privateKey: KeyObject;
    jwk: JsonWebKey;
    sign(signed: string): Buffer;
}
export declare function createSigner({ alg, privateKey, }: {
    alg?: AlgorithmName | undefined;
    privateKey?: TestKey | undefined;
}): Signer;
export declare const base64url: (text: string | Buffer) => string;
export declare function signJws(header: object, claims: object, signWithKey: (signed: string) => Buffer): string;
export declare const now: () => number;

// testing/suite-host.d.ts
import type { RequestListener } from 'node:http';
import type { AuthorizationCode, Awaitable } from '../types';
import type { TestClient } from './test-client';
export interface TokenEndpointBench {
    app: RequestListener;
    saveCode(code: string, record: Required<Omit<AuthorizationCode, 'spentAt' | 'spentBy'>>): Awaitable<unknown>;
    jwks?: {
        keys: readonly object[];
    } | (() => {
        keys: readonly object[];
    }) | undefined;
    isActive?: ((accessToken: string) => Awaitable<boolean>) | undefined;
    close?: (() => Awaitable<unknown>) | undefined;
}
export interface TokenEndpointHost {
    path?: string | undefined;
    tokenEndpoint?: string | undefined;
    client?: TestClient | undefined;
    otherClient?: TestClient | undefined;
    redirectUri?: string | undefined;
    scope?: string | undefined;
    resources?: readonly string[] | undefined;
    audience?: string | undefined;
    issuer?: string | undefined;
    accessToken?: 'jwt' | 'opaque' | undefined;
    typ?: 'at+jwt' | 'JWT' | undefined;
    dpop?: boolean | 'required' | undefined;
    nonces?: boolean | undefined;
    refresh?: boolean | 'leeway' | undefined;
    rotates?: boolean | undefined;
    revokes?: boolean | undefined;
    origins?: readonly string[] | undefined;
    proxies?: number | undefined;
    headers?: Readonly<Record<string, string>> | undefined;
    rateLimit?: number | false | undefined;
    parsers?: boolean | undefined;
    errorStatus?: Readonly<Record<string, number>> | undefined;
}

// testing/suite.d.ts
import type { Awaitable } from '../types';
import type { TokenEndpointBench, TokenEndpointHost } from './suite-host';
export type { TokenEndpointBench, TokenEndpointHost } from './suite-host';
export interface SuiteTest {
    (name: string, body: () => Promise<void>): unknown;
    skip?: (name: string, body: () => Promise<void>) => unknown;
}
export declare function describeTokenEndpoint(test: SuiteTest, createApp: () => Awaitable<TokenEndpointBench>, host?: TokenEndpointHost): void;

// testing/test-client.d.ts
import type { ClientAssertionOptions } from './client-assertion';
export type TestClient = {
    clientId: string;
} & ({
    clientSecret?: undefined;
    privateKey?: undefined;
} | {
    clientSecret: string;
    method?: 'client_secret_basic' | 'client_secret_post' | undefined;
    encodes?: boolean | undefined;
} | ({
    clientSecret?: undefined;
} & Omit<ClientAssertionOptions, 'clientId'>));
export declare function listClientMistakes(name: string, client: unknown): Generator<string>;

// testing/token-endpoint.d.ts
import type { RequestListener } from 'node:http';
import type { DpopProver } from './dpop-prover';
import { type FetchedTokenResponse, type Send, type SupertestLike, type Target, type TokenResponse } from './requester';
import { type TestClient } from './test-client';
export interface TokenRequest {
    method: string;
    path: string;
    headers: Record<string, string>;
    parameters: URLSearchParams;
    body?: string | undefined;
}
export interface TokenEndpointOptions {
    path?: string | undefined;
    tokenEndpoint?: string | undefined;
    client?: TestClient | undefined;
    redirectUri?: string | null | undefined;
    prover?: DpopProver | undefined;
    headers?: Readonly<Record<string, string>> | undefined;
}
export interface Differences extends TokenEndpointOptions {
    resource?: string | readonly string[] | undefined;
    parameters?: Readonly<Record<string, string>> | undefined;
    proof?: string | ((nonce: string | undefined) => string) | null | undefined;
    change?: ((request: TokenRequest) => TokenRequest) | undefined;
}
export interface Redemption extends Differences {
    code: string;
    codeVerifier: string;
}
export interface Refreshment extends Differences {
    refreshToken: string;
    scope?: string | undefined;
}
export interface TestedTokenEndpoint<Response> {
    redeem(redemption: Redemption): Promise<Response>;
    refresh(refreshment: Refreshment): Promise<Response>;
    send(parameters: Readonly<Record<string, string>>, differences?: Differences): Promise<Response>;
}
export declare function tokenEndpoint(app: RequestListener, options?: TokenEndpointOptions): TestedTokenEndpoint<FetchedTokenResponse>;
export declare function tokenEndpoint<Response extends TokenResponse>(target: SupertestLike<Response>, options?: TokenEndpointOptions): TestedTokenEndpoint<Response>;
export declare function tokenEndpoint<Response extends TokenResponse>(target: Target<Response>, options?: TokenEndpointOptions): TestedTokenEndpoint<Response>;
export declare function createTokenEndpoint<Response extends TokenResponse>(send: Send<Response>, options: TokenEndpointOptions): TestedTokenEndpoint<Response>;

// testing/token-response.d.ts
import { type ExpectedTokens } from './issued';
import type { TokenResponse } from './requester';
export type { TokenResponse };
export declare function checkTokenResponse(response: TokenResponse, expected?: ExpectedTokens): void;
export declare function describeProblems(response: TokenResponse, expected?: ExpectedTokens): string | undefined;
