export { type CodeStore, codeStoreConformance } from './code-store';
export type { Bench, Factory, Test } from './conformance';
export { createCode, createCodeRecord, createPkcePair, HOSTILE_STRINGS } from './fixtures';
export { type JtiStore, jtiStoreConformance } from './jti-store';
export { checkTokenResponse, type TokenResponse } from './token-response';
