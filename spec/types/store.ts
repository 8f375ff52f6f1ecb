import express from 'express';
import { type AuthorizationCode, createTokenRouter } from '../../lib';
import { createDpopVerifier } from '../../lib/dpop';
import { memoryCodes, memoryStore } from '../../lib/stores/memory';
import { postgresStore, type Query } from '../../lib/stores/postgres';
import { redisStore, type SendCommand } from '../../lib/stores/redis';
import { type Authorization, createTokenIssuer, type TokenIssuerOptions } from '../../lib/tokens';
import { type Equals, holds } from './equals';

declare const sendCommand: SendCommand;
declare const query: Query;
declare const options: Pick<TokenIssuerOptions, 'issuer' | 'keys' | 'apis'>;
declare const code: string;
declare const record: AuthorizationCode & Authorization;
declare function findUser(userId: string): Promise<{ name: string } | null>;

const app = express();

// The snippet of the guide.
export async function start() {
  const store = redisStore({ sendCommand });
  const { issueTokens, jwks } = createTokenIssuer({
    ...options,
    users: ({ code, refreshToken }) => findUser((code ?? refreshToken).userId),
    store,
  });
  app.use(createTokenRouter({ ...store.adapters, issueTokens }));
  const { grantId } = await store.saveCode(code, record);
  await store.revokeGrant(grantId);
  await store.revokeUser('user');
  createDpopVerifier({ consumeJti: store.consumeJti });
  jwks();
}

// Without refresh tokens.
{
  const store = memoryStore();
  const { issueTokens } = createTokenIssuer({ ...options, store });
  createTokenRouter({ ...store.adapters, refresh: undefined, issueTokens });
}

// One type parameter extends the record, for codes and refresh tokens alike.
interface Login extends AuthorizationCode, Authorization {
  deviceName: string;
}
{
  const store = postgresStore<Login>({ query });
  const { issueTokens } = createTokenIssuer({
    ...options,
    store,
    claims: ({ code, refreshToken }) => {
      holds<Equals<(typeof refreshToken & {})['deviceName'], string>>();
      return { 'https://example.com/device': (code ?? refreshToken).deviceName };
    },
  });
  createTokenRouter({
    ...store.adapters,
    refresh: { ...store.adapters.refresh, rotates: ({ deviceName }) => deviceName !== 'kiosk' },
    issueTokens,
  });
  // @ts-expect-error deviceName is missing
  store.saveCode(code, record);
}

// With an issuer of the host's.
{
  const store = memoryStore<Login>();
  createTokenRouter({
    ...store.adapters,
    async issueTokens({ code, refreshToken }) {
      const login = code ?? refreshToken;
      const expiresAt = new Date();
      await store.saveRefreshToken('a token', { ...login, scope: null, grantExpiresAt: expiresAt, expiresAt });
      return { access_token: login.deviceName, expires_in: 60 };
    },
  });
}

// @ts-expect-error a store of codes alone saves no refresh tokens
createTokenIssuer({ ...options, store: memoryCodes() });
