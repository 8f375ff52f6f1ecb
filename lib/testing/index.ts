export { type CodeStore, codeStoreConformance } from './code-store';
export type { Bench, Factory, Test } from './conformance';
export {
  createCode,
  createCodeRecord,
  createPkcePair,
  createRefreshToken,
  createRefreshTokenRecord,
  HOSTILE_STRINGS,
} from './fixtures';
export { type JtiStore, jtiStoreConformance } from './jti-store';
export { type RefreshTokenStore, refreshTokenStoreConformance } from './refresh-token-store';
export { checkTokenResponse, type TokenResponse } from './token-response';
