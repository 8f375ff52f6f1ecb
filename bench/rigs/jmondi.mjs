import { randomBytes } from 'node:crypto';
import { AuthorizationServer, DateInterval } from '@jmondi/oauth2-server';
import { handleExpressError, handleExpressResponse, requestFromExpress } from '@jmondi/oauth2-server/express';
import express from 'express';
import { createRefreshToken } from '../lib/refresh-tokens.mjs';
import { CLIENT_ID, LIFETIME, PATH, REDIRECT_URI, USER } from '../lib/wire.mjs';

/** `@jmondi/oauth2-server`, with opaque codes and opaque refresh tokens. Its ID token is the host's to add. */
export function createRig({ mode, codes, refreshTokens, createAccessToken, createIdToken }) {
  const scopes = [{ name: 'openid' }, { name: 'read' }];
  const client = {
    id: CLIENT_ID,
    name: CLIENT_ID,
    redirectUris: [REDIRECT_URI],
    allowedGrants: ['authorization_code', 'refresh_token'],
    scopes,
  };
  const user = { id: USER };

  const clientRepository = {
    async getByIdentifier(id) {
      if (id === CLIENT_ID) return client;
      return undefined;
    },
    isClientValid: async () => true,
  };
  const tokenRepository = {
    issueToken: async (client, scopes, user) => ({
      accessToken: randomBytes(16).toString('base64url'),
      accessTokenExpiresAt: new Date(0),
      client,
      user,
      scopes,
    }),
    // A code brings no refresh token, as in every other rig.
    async issueRefreshToken(token) {
      if (mode !== 'refresh') return token;
      const refreshToken = createRefreshToken();
      await refreshTokens.save(refreshToken, { clientId: CLIENT_ID, user: USER, scope: 'read' });
      return { ...token, refreshToken };
    },
    persist: async () => {},
    async getByRefreshToken(refreshToken) {
      const record = await refreshTokens.find(refreshToken);
      if (!record) throw new Error('no such token');
      const { expiresAt } = record;
      return { record, accessToken: '', accessTokenExpiresAt: expiresAt, refreshToken, client, user, scopes };
    },
    // Its interface has no step that spends a token and says whether it was spent before.
    isRefreshTokenRevoked: async ({ record }) => record.isSpent,
    async revoke({ record }) {
      await refreshTokens.consume(record);
    },
  };
  const scopeRepository = {
    getAllByIdentifiers: async (names) => scopes.filter(({ name }) => names.includes(name)),
    finalize: async (scopes) => scopes,
  };
  const authCodeRepository = {
    async getByIdentifier(code) {
      const record = await codes.find(code);
      return record && { ...record, client, user, scopes };
    },
    // Its interface has no step that spends a code and says whether it was spent before.
    isRevoked: async (code) => (await codes.find(code)).isSpent,
    async revoke(code) {
      await codes.consume(await codes.find(code));
    },
  };
  const jwt = {
    // What it signs its own way is replaced, so that an opaque token is possible and the key stays a KeyObject.
    sign: async ({ cid, sub, scope }) => createAccessToken({ clientId: cid, user: sub, scope }),
  };

  const server = new AuthorizationServer(clientRepository, tokenRepository, scopeRepository, jwt, {
    useOpaqueAuthorizationCodes: true,
    useOpaqueRefreshTokens: true,
  });
  const grant = { grant: 'authorization_code', authCodeRepository, userRepository: createUserRepository(user) };
  const lifetime = new DateInterval(`${LIFETIME}s`);
  server.enableGrantTypes([grant, lifetime], ['refresh_token', lifetime]);

  return express().post(
    PATH,
    mode === 'json' ? express.json() : express.urlencoded({ extended: false }),
    async (req, res) => {
      try {
        const answer = await server.respondToAccessTokenRequest(requestFromExpress(req));
        const idToken = createIdToken({ clientId: CLIENT_ID, user: USER }, answer.body.access_token);
        if (idToken) answer.body.id_token = idToken;
        handleExpressResponse(res, answer);
      } catch (thrown) {
        handleExpressError(thrown, res);
      }
    },
  );
}

const createUserRepository = (user) => ({ getUserByCredentials: async () => user });
