import OAuthServer from '@node-oauth/express-oauth-server';
import express from 'express';
import { createRefreshToken } from '../lib/refresh-tokens.mjs';
import { CLIENT_ID, LIFETIME, PATH, REDIRECT_URI, USER } from '../lib/wire.mjs';

/** `@node-oauth/express-oauth-server`; as in every other rig, a code brings no refresh token. */
export function createRig({ mode, codes, refreshTokens, createAccessToken, createIdToken }) {
  const client = { id: CLIENT_ID, grants: ['authorization_code', 'refresh_token'], redirectUris: [REDIRECT_URI] };
  const user = { id: USER };

  const model = {
    getClient: async (clientId) => (clientId === CLIENT_ID ? client : undefined),
    async getAuthorizationCode(code) {
      const record = await codes.find(code);
      if (!record) return undefined;
      const { codeChallenge, codeChallengeMethod, expiresAt, redirectUri, scope } = record;
      return {
        record,
        authorizationCode: code,
        codeChallenge,
        codeChallengeMethod,
        expiresAt,
        redirectUri,
        scope: scope.split(' '),
        client,
        user,
      };
    },
    revokeAuthorizationCode: ({ record }) => codes.consume(record),
    generateAccessToken: async ({ id }, { id: user }, scope) =>
      createAccessToken({ clientId: id, user, scope: scope.join(' ') }),
    async getRefreshToken(refreshToken) {
      const record = await refreshTokens.find(refreshToken);
      if (!record) return undefined;
      return { record, refreshToken, refreshTokenExpiresAt: record.expiresAt, scope: ['read'], client, user };
    },
    revokeToken: ({ record }) => refreshTokens.consume(record),
    generateRefreshToken: async () => (mode === 'refresh' ? createRefreshToken() : undefined),
    async saveToken(token, client, user) {
      if (token.refreshToken) {
        await refreshTokens.save(token.refreshToken, { clientId: client.id, user: user.id, scope: 'read' });
      }
      const idToken = createIdToken({ clientId: client.id, user: user.id }, token.accessToken);
      return { ...token, client, user, ...(idToken && { id_token: idToken }) };
    },
  };

  const server = new OAuthServer({
    model,
    accessTokenLifetime: LIFETIME,
    allowExtendedTokenAttributes: true,
    requireClientAuthentication: { authorization_code: false, refresh_token: false },
  });
  return express().post(
    PATH,
    mode === 'json' ? express.json() : express.urlencoded({ extended: false }),
    server.token(),
  );
}
