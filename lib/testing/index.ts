export { type BadProof, type BadProofsOptions, badProofs } from './bad-proofs';
export { type BadRequest, type BadRequestsOptions, badRequests } from './bad-requests';
export { type ClientAssertionOptions, createClientAssertion } from './client-assertion';
export { type CodeStore, codeStoreConformance } from './code-store';
export type { Bench, ConformanceOptions, Factory, Need, Test } from './conformance';
export { createDpopProver, type DpopProver, type DpopProverOptions, type ProofClaims } from './dpop-prover';
export {
  createCode,
  createCodeRecord,
  createPkcePair,
  createRefreshToken,
  createRefreshTokenRecord,
  HOSTILE_STRINGS,
} from './fixtures';
export { type Finding, type FindingCode, type InspectOptions, inspectTokenRouter } from './inspect';
export type { ExpectedTokens } from './issued';
export { type JtiStore, jtiStoreConformance } from './jti-store';
export { type Race, race } from './race';
export { type RefreshTokenStore, refreshTokenStoreConformance } from './refresh-token-store';
export type { FetchedTokenResponse, SupertestLike, TokenResponse } from './requester';
export type { TestKey } from './signing';
export { describeTokenEndpoint, type SuiteTest, type TokenEndpointBench, type TokenEndpointHost } from './suite';
export type { TestClient } from './test-client';
export {
  type Differences,
  type Redemption,
  type Refreshment,
  type TestedTokenEndpoint,
  type TokenEndpointOptions,
  type TokenRequest,
  tokenEndpoint,
} from './token-endpoint';
export { checkTokenResponse } from './token-response';
