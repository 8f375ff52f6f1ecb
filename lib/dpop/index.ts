export { jwkThumbprint } from '../jws/thumbprint';
export type { Awaitable, DpopJti, DpopProof } from '../types';
export { createDpopNonces, type DpopNonces, type NonceSecret, type VerifiedNonce } from './nonces';
export type { DpopAlgorithm, DpopVerifierOptions } from './options';
export { createDpopVerifier, type VerifyDpop } from './verifier';
