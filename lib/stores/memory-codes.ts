import { tellInProcess } from '../facts';
import type { AuthorizationCode } from '../types';
import { createCodes } from './codes';
import { createGrants } from './grants';
import { createSpentLifetime } from './lifetimes';
import { createMemoryBackend } from './memory-backend';
import { checkNames, checkStrictReplay } from './options';

/** The options of `memoryCodes`. */
export interface MemoryCodesOptions {
  /**
   * Milliseconds for which a spent code is still found. Set it to at least the longest lifetime of a token.
   * @default 86400000, a day
   */
  spentLifetime?: number | undefined;
  /**
   * Whether a code that is redeemed twice at once (a double click, a retry) revokes its tokens, as every other replay
   * does. @default false
   */
  strictReplay?: boolean | undefined;
}

/**
 * Authorization codes in the memory of this process, without refresh tokens. Prefer `memoryStore`, which has both. A
 * found record has a `grantId`: `revokeTokens` revokes this grant, and `isRevoked` reads it.
 *
 * @throws TypeError that names the option that is wrong.
 */
export function memoryCodes<Code extends AuthorizationCode = AuthorizationCode>(options: MemoryCodesOptions = {}) {
  checkNames('memoryCodes', options, ['spentLifetime', 'strictReplay']);
  const { spentLifetime } = createSpentLifetime('memoryCodes', options.spentLifetime);
  const strictReplay = checkStrictReplay('memoryCodes', options.strictReplay);
  const backend = createMemoryBackend();
  const codes = createCodes<Code>(backend, { strictReplay, spentLifetime });
  return tellInProcess('memoryCodes', { ...codes, ...createGrants(backend, spentLifetime) });
}
