// testing/code-store.d.ts
import type { Request } from 'express';
import type { AuthorizationCode, Awaitable } from '../types';
import type { Test } from './conformance';
import { type Factory } from './conformance';
export interface CodeStore {
    saveCode(code: string, record: AuthorizationCode): Awaitable<unknown>;
    findCode(code: string): Awaitable<AuthorizationCode | null | undefined>;
    consumeCode(code: never, req?: Request): Awaitable<boolean>;
    revokeTokens?(code: never): Awaitable<unknown>;
    isRevoked?(grantId: string): Awaitable<boolean>;
}
export declare function codeStoreConformance(test: Test, factory: Factory<CodeStore>): void;

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
export type Rule<Store> = (bench: Bench<Store>) => Promise<void>;
export declare function register<Store>(test: Test, factory: Factory<Store>, rules: Readonly<Record<string, Rule<Store>>>): void;
export declare function atOnce<Store, T>(stores: readonly Store[], call: (store: Store) => Awaitable<T>): Promise<T[]>;
export declare function assertOneTrue(answers: readonly unknown[]): void;
export declare function assertFound(found: object | null | undefined, saved: object, name?: string): void;
export declare function fieldsOf(record: object): Record<string, unknown>;
export declare function assertHidden(secret: string, dump: (() => Awaitable<string>) | undefined): Promise<void>;

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

// testing/index.d.ts, which is express-token-router/testing
export { type CodeStore, codeStoreConformance } from './code-store';
export type { Bench, Factory, Test } from './conformance';
export { createCode, createCodeRecord, createPkcePair, createRefreshToken, createRefreshTokenRecord, HOSTILE_STRINGS, } from './fixtures';
export { type JtiStore, jtiStoreConformance } from './jti-store';
export { type RefreshTokenStore, refreshTokenStoreConformance } from './refresh-token-store';
export { checkTokenResponse, type TokenResponse } from './token-response';

// testing/jti-store.d.ts
import type { Awaitable, DpopJti } from '../types';
import { type Factory, type Test } from './conformance';
export interface JtiStore {
    consumeJti(jti: DpopJti): Awaitable<boolean>;
}
export declare function jtiStoreConformance(test: Test, factory: Factory<JtiStore>): void;

// testing/refresh-token-store.d.ts
import type { Awaitable, RefreshToken } from '../types';
import { type Factory, type Test } from './conformance';
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
export declare function refreshTokenStoreConformance(test: Test, factory: Factory<RefreshTokenStore>): void;
export {};

// testing/token-response.d.ts
export interface TokenResponse {
    status: number;
    headers: Readonly<Record<string, string | string[] | undefined>>;
    body: unknown;
}
export declare function checkTokenResponse({ status, headers, body }: TokenResponse): void;
