// The types of from-provider.js. A TypeScript project copies both files.
import type { OAuthServerProvider } from '@modelcontextprotocol/sdk/server/auth/provider.js';
import type { TokenRouterOptions } from 'express-token-router';
import type { DpopJti, memoryCodes } from 'express-token-router/memory';

export interface ProviderOptions
  extends Pick<TokenRouterOptions, 'path' | 'rateLimit' | 'onOutcome' | 'allowedOrigins' | 'errorStatus'> {
  /** `memoryCodes()`, `redisCodes(…)` or `postgresCodes(…)`. */
  codes: Pick<ReturnType<typeof memoryCodes>, 'saveCode' | 'findCode' | 'consumeCode'>;
  /** That of `memoryJtis()`, `redisJtis(…)` or `postgresJtis(…)`. */
  consumeJti: (jti: DpopJti) => boolean | Promise<boolean>;
  /** Whether `exchangeRefreshToken` returns a new refresh token. */
  rotates: boolean;
  /** What the provider saved with the code. Without `expiresAt` the code is good for ten minutes. */
  describeCode?: ((code: string) => Promise<{ clientId: string; redirectUri: string; expiresAt?: Date }>) | undefined;
}

export function createTokenRouterFrom(
  provider: OAuthServerProvider,
  options: ProviderOptions,
): ReturnType<typeof import('express-token-router').createTokenRouter>;
