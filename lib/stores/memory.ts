export type { AuthorizationCode } from '../types';
export { type MemoryCodesOptions, memoryCodes } from './memory-codes';
