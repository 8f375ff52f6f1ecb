import { randomBytes } from 'node:crypto';
import { createTokenRouter } from '../../lib';
import { memoryStore } from '../../lib/stores/memory';

declare function sign(login: { clientId: string; userId: string }, scope: string | null | undefined): string;

// The first sample of docs/guides/refresh.md, word for word: spec/package/readme.spec.ts compares them.
const store = memoryStore(); // redisStore({ sendCommand }), postgresStore({ query })

createTokenRouter({
  ...store.adapters, // with refresh: { findRefreshToken, consumeRefreshToken, revokeTokens }
  issueTokens: async ({ code, refreshToken, scope, confirmation }) => {
    const login = code ?? refreshToken; // one of them is there
    const { clientId, userId, grantId, audience } = login;
    const grantExpiresAt = refreshToken?.grantExpiresAt ?? new Date(Date.now() + 30 * 86_400_000);
    const next = randomBytes(32).toString('base64url');
    await store.saveRefreshToken(next, {
      clientId,
      userId,
      grantId,
      audience,
      scope: login.scope ?? null,
      dpopJkt: confirmation?.jkt ?? null,
      grantExpiresAt,
      expiresAt: grantExpiresAt,
      // Which token this one is issued for. The first one of a login has none.
      ...(refreshToken && { tokenId: refreshToken.tokenId }),
    });
    return { access_token: sign(login, scope), expires_in: 600, refresh_token: next };
  },
});
