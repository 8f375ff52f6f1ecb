import { randomBytes } from 'node:crypto';
import { AuthorizationServer, DateInterval } from '@jmondi/oauth2-server';
import { handleExpressError, handleExpressResponse, requestFromExpress } from '@jmondi/oauth2-server/express';
import express from 'express';
import { CLIENT_ID, LIFETIME, PATH, REDIRECT_URI, USER } from '../lib/wire.mjs';

/** `@jmondi/oauth2-server`, with opaque codes and without refresh tokens. Its ID token is the host's to add. */
export function createRig({ codes, createAccessToken, createIdToken }) {
  const scopes = [{ name: 'openid' }, { name: 'read' }];
  const client = {
    id: CLIENT_ID,
    name: CLIENT_ID,
    redirectUris: [REDIRECT_URI],
    allowedGrants: ['authorization_code'],
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
    issueRefreshToken: async (token) => token,
    persist: async () => {},
    revoke: async () => {},
    isRefreshTokenRevoked: async () => false,
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
  });
  const grant = { grant: 'authorization_code', authCodeRepository, userRepository: createUserRepository(user) };
  server.enableGrantTypes([grant, new DateInterval(`${LIFETIME}s`)]);

  return express().post(PATH, express.urlencoded({ extended: false }), async (req, res) => {
    try {
      const answer = await server.respondToAccessTokenRequest(requestFromExpress(req));
      const idToken = createIdToken({ clientId: CLIENT_ID, user: USER }, answer.body.access_token);
      if (idToken) answer.body.id_token = idToken;
      handleExpressResponse(res, answer);
    } catch (thrown) {
      handleExpressError(thrown, res);
    }
  });
}

const createUserRepository = (user) => ({ getUserByCredentials: async () => user });
