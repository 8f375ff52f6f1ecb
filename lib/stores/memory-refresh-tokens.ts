import { tellInProcess } from '../facts';
import type { RefreshToken } from '../types';
import { createGrants } from './grants';
import { createMemoryBackend } from './memory-backend';
import { checkLeeway, checkNames } from './options';
import { checkDuration } from './record';
import { createRefreshTokens } from './refresh-tokens';

/** The options of `memoryRefreshTokens`. */
export interface MemoryRefreshTokensOptions {
  /** Milliseconds that a grant stays revoked for, where no token of it lives longer. @default 86400000, a day */
  revokedLifetime?: number | undefined;
  /** Milliseconds in which a spent token may come again freely; `0`: never. @default 10000 */
  leeway?: number | undefined;
}

/**
 * Refresh tokens in this process, without codes: `memoryStore` has both. A token is kept until its `grantExpiresAt`, if the
 * record has one.
 *
 * @throws TypeError where the options are wrong.
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
