import { tellInProcess } from '../facts';
import type { RefreshToken } from '../types';
import { createGrants } from './grants';
import { createMemoryBackend } from './memory-backend';
import { checkLeeway, checkNames } from './options';
import { checkDuration } from './record';
import { createRefreshTokens } from './refresh-tokens';

/** The options of `memoryRefreshTokens`. */
export interface MemoryRefreshTokensOptions {
  /**
   * Milliseconds for which a revoked grant is remembered, if none of its tokens lives longer. @default 86400000, a day
   */
  revokedLifetime?: number | undefined;
  /** Milliseconds, 0 to 60000, in which a spent token may be used again. `0`: never. @default 10000 */
  leeway?: number | undefined;
}

/**
 * Refresh tokens in the memory of this process, without codes. Prefer `memoryStore`, which has both. A token is kept
 * until its `grantExpiresAt`, if the record has one.
 *
 * @throws TypeError that names the option that is wrong.
 */
export function memoryRefreshTokens<Token extends RefreshToken = RefreshToken>(
  options: MemoryRefreshTokensOptions = {},
) {
  checkNames('memoryRefreshTokens', options, ['revokedLifetime', 'leeway']);
  const { revokedLifetime = 86_400_000 } = options;
  checkDuration('memoryRefreshTokens: revokedLifetime', revokedLifetime);
  const keptAfter = () => revokedLifetime;
  const backend = createMemoryBackend();
  const leeway = checkLeeway('memoryRefreshTokens', options.leeway);
  const tokens = createRefreshTokens<Token>(backend, { leeway, keptAfter });
  return tellInProcess('memoryRefreshTokens', { ...tokens, ...createGrants(backend, keptAfter) });
}
