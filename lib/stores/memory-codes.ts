import { tellInProcess } from '../facts';
import type { AuthorizationCode } from '../types';
import { createCodes } from './codes';
import { createGrants } from './grants';
import { createSpentLifetime } from './lifetimes';
import { createMemoryBackend } from './memory-backend';
import { checkNames, checkStrictReplay } from './options';

/** The options of `memoryCodes`. */
export interface MemoryCodesOptions {
  /** Milliseconds that a spent code is still found for, at least as long as its tokens live. @default 86400000, a day */
  spentLifetime?: number | undefined;
  /** A code that is redeemed twice at once revokes as every other replay does. @default false */
  strictReplay?: boolean | undefined;
}

/**
 * Authorization codes in this process, without refresh tokens: `memoryStore` has both. A record that was found has a
 * `grantId` besides what was saved: `revokeTokens` revokes the grant, and `isRevoked` tells of it.
 *
 * @throws TypeError where the options are wrong.
 */
export function memoryCodes<Code extends AuthorizationCode = AuthorizationCode>(options: MemoryCodesOptions = {}) {
  checkNames('memoryCodes', options, ['spentLifetime', 'strictReplay']);
  const { spentLifetime } = createSpentLifetime('memoryCodes', options.spentLifetime);
  const strictReplay = checkStrictReplay('memoryCodes', options.strictReplay);
  const backend = createMemoryBackend();
  const codes = createCodes<Code>(backend, { strictReplay, spentLifetime });
  return tellInProcess('memoryCodes', { ...codes, ...createGrants(backend, spentLifetime) });
}
