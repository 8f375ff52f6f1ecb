import OAuthServer from '@node-oauth/express-oauth-server';
import express from 'express';
import { CLIENT_ID, LIFETIME, PATH, REDIRECT_URI, USER } from '../lib/wire.mjs';

/** `@node-oauth/express-oauth-server`, without refresh tokens, as in every other rig. */
export function createRig({ codes, createAccessToken, createIdToken }) {
  const client = { id: CLIENT_ID, grants: ['authorization_code'], redirectUris: [REDIRECT_URI] };
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
    generateRefreshToken: async () => undefined,
    async saveToken(token, client, user) {
      const idToken = createIdToken({ clientId: client.id, user: user.id }, token.accessToken);
      return { ...token, client, user, ...(idToken && { id_token: idToken }) };
    },
  };

  const server = new OAuthServer({
    model,
    accessTokenLifetime: LIFETIME,
    allowExtendedTokenAttributes: true,
    requireClientAuthentication: { authorization_code: false },
  });
  return express().post(PATH, express.urlencoded({ extended: false }), server.token());
}
