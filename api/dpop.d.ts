// dpop/index.d.ts, which is express-token-router/dpop
export { jwkThumbprint } from '../jws/thumbprint';
export type { Awaitable, DpopJti, DpopProof } from '../types';
export { createDpopNonces, type DpopNonces, type NonceSecret, type VerifiedNonce } from './nonces';
export type { DpopAlgorithm, DpopVerifierOptions } from './options';
export { createDpopVerifier, type VerifyDpop } from './verifier';

// dpop/nonces.d.ts
export type NonceSecret = string | Uint8Array;
export interface VerifiedNonce {
    expiresAt: Date;
    next?: string;
}
export interface DpopNonces {
    createNonce(): string;
    verifyNonce(nonce: string | undefined): VerifiedNonce;
}
export declare function createDpopNonces(nonceSecret: NonceSecret | readonly NonceSecret[]): DpopNonces;
export declare function isNonceSecret(secret: unknown): secret is NonceSecret;

// dpop/options.d.ts
import { type Algorithm } from '../jws/algorithms';
import type { Awaitable, DpopJti } from '../types';
import { type DpopNonces, type NonceSecret } from './nonces';
declare const NAMES: readonly ['ES256', 'ES384', 'ES512', 'PS256', 'RS256', 'Ed25519', 'EdDSA'];
export type DpopAlgorithm = (typeof NAMES)[number];
export interface DpopVerifierOptions {
    algorithms?: readonly DpopAlgorithm[] | undefined;
    maxAge?: number | undefined;
    nonceSecret?: NonceSecret | readonly NonceSecret[];
    consumeJti?: ((jti: DpopJti) => Awaitable<boolean>) | undefined;
    replay?: 'unchecked' | undefined;
}
export interface VerifierConfiguration {
    algorithms: ReadonlyMap<unknown, Algorithm>;
    maxAgeMs: number;
    nonces: DpopNonces | undefined;
    consumeJti: (jti: DpopJti) => Awaitable<unknown>;
}
export declare function parseVerifierOptions(options: DpopVerifierOptions): VerifierConfiguration;
export {};

// dpop/verifier.d.ts
import type { DpopProof } from '../types';
import { type DpopVerifierOptions } from './options';
export interface VerifyDpop {
    (proof: DpopProof): Promise<{
        jkt: string;
        nonce?: string | undefined;
    }>;
    readonly algorithms: readonly string[];
}
export declare function createDpopVerifier(options: DpopVerifierOptions): VerifyDpop;
