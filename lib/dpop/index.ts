export type { Awaitable, DpopJti, DpopProof } from '../types';
export type { DpopAlgorithm } from './algorithms';
export { createDpopNonces, type DpopNonces, type NonceSecret, type VerifiedNonce } from './nonces';
export type { DpopVerifierOptions } from './options';
export { jwkThumbprint } from './thumbprint';
export { createDpopVerifier, type VerifyDpop } from './verifier';
