export type { AuthorizationCode, DpopJti, RefreshToken } from '../types';
export { type MemoryCodesOptions, memoryCodes } from './memory-codes';
export { memoryJtis } from './memory-jtis';
export { type MemoryRefreshTokensOptions, memoryRefreshTokens } from './memory-refresh-tokens';
export { memoryStore } from './memory-store';
export type { StoreOptions } from './options';
export type { AnyLoginRecord, LoginRecord, Store } from './store';
