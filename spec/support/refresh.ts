import type { Request } from 'express';
import type { RefreshToken, TokenRouterOptions } from '../../lib';
import { createEndpoint, type LiveCode, type Options } from './endpoint';

export const REFRESH_TOKEN = 'tGzv3JOkF0XG5Qx2TlKWIA';

/** The record behind the one live refresh token of a spec. */
export interface LiveToken extends RefreshToken {
  id: string;
}

type RefreshOptions = NonNullable<TokenRouterOptions<LiveCode, { clientId: string }, LiveToken>['refresh']>;

/** The good request, as a form. Rows of a spec change one thing of it. */
export const refreshForm = (): Record<string, string> => ({
  grant_type: 'refresh_token',
  client_id: 'spa',
  refresh_token: REFRESH_TOKEN,
});

/** One endpoint with one live refresh token. */
export function createRefreshEndpoint({
  token = {},
  refresh = {},
  ...options
}: Omit<Partial<Options>, 'refresh' | 'issueTokens'> & {
  token?: Partial<LiveToken>;
  refresh?: Partial<RefreshOptions> | undefined;
  issueTokens?: (exchange: unknown, req: Request) => never | ReturnType<Options['issueTokens']>;
} = {}) {
  const live: LiveToken = {
    id: 'token 1',
    clientId: 'spa',
    scope: 'openid read:notes offline_access',
    expiresAt: new Date(Date.now() + 600_000),
    dpopJkt: null,
    spentAt: null,
    ...token,
  };
  const calls: string[] = [];
  const adapters: RefreshOptions = {
    async findRefreshToken(value) {
      calls.push('findRefreshToken');
      return value === REFRESH_TOKEN ? { ...live } : null;
    },
    async consumeRefreshToken() {
      calls.push('consumeRefreshToken');
      if (live.spentAt) return false;
      live.spentAt = new Date();
      return true;
    },
    async revokeTokens() {
      calls.push('revokeTokens');
    },
    ...refresh,
  };
  const endpoint = createEndpoint({
    async issueTokens() {
      calls.push('issueTokens');
      return { access_token: 'an access token', expires_in: 3600, refresh_token: 'the next' };
    },
    ...options,
    refresh: adapters,
  } as never);
  return {
    ...endpoint,
    calls,
    live,
    post: (form: Record<string, unknown> = refreshForm()) => endpoint.post(form),
  };
}
