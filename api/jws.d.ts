// jws/algorithms.d.ts
import { type KeyObject } from 'node:crypto';
export interface Algorithm {
    kty: 'EC' | 'OKP' | 'RSA';
    curve?: {
        crv: string;
        coordinateBytes: number;
    };
    verify(signed: Buffer, key: KeyObject, signature: Buffer): boolean;
}
export declare const ALGORITHMS: Readonly<{
    ES256: Algorithm;
    ES384: Algorithm;
    ES512: Algorithm;
    PS256: Algorithm;
    PS384: Algorithm;
    PS512: Algorithm;
    RS256: Algorithm;
    RS384: Algorithm;
    RS512: Algorithm;
    Ed25519: Algorithm;
    EdDSA: Algorithm;
}>;
export type AlgorithmName = keyof typeof ALGORITHMS;
export declare function algorithmOf(name: unknown): Algorithm | undefined;

// jws/jwk.d.ts
import { type KeyObject } from 'node:crypto';
import { type Algorithm } from './algorithms';
export type JsonWebKey = {
    kty?: string;
    kid?: string;
    alg?: string;
    use?: string;
    key_ops?: string[];
    ext?: boolean;
} & {
    [Member in 'crv' | 'x' | 'y' | 'n' | 'e' | 'd' | 'p' | 'q' | 'dp' | 'dq' | 'qi' | 'k']?: string;
};
export declare const RSA_BITS: Readonly<{
    min: 2048;
    max: 4096;
}>;
export declare const RSA_EXPONENT = 65537n;
export declare function importPublicKey(jwk: unknown, algorithm: Algorithm): KeyObject;

// jws/thumbprint.d.ts
import { KeyObject } from 'node:crypto';
import type { JsonWebKey } from './jwk';
export declare function jwkThumbprint(key: JsonWebKey | KeyObject): string;
