export type { AuthorizationCode, DpopJti } from '../types';
export { type MemoryCodesOptions, memoryCodes } from './memory-codes';
export { memoryJtis } from './memory-jtis';
