// A model as people write it for @node-oauth/oauth2-server, with a database that takes its time. Yours stays as it is.
const { setTimeout: sleep } = require('node:timers/promises');

const LATENCY_MS = 5;
const redirectUris = ['http://localhost/callback'];
const grants = ['authorization_code', 'refresh_token'];
const clients = new Map([
  ['web', { id: 'web', secret: 'secret-of-web', redirectUris, grants }],
  ['spa', { id: 'spa', redirectUris, grants }],
]);
const codes = new Map();
const tokens = [];

const model = {
  /** What a database takes. */
  pause: () => sleep(LATENCY_MS),
  async getClient(clientId, clientSecret) {
    const client = clients.get(clientId);
    if (!client || (clientSecret !== null && clientSecret !== undefined && client.secret !== clientSecret)) return null;
    return client;
  },
  async saveAuthorizationCode(code, client, user) {
    codes.set(code.authorizationCode, { ...code, client, user });
    return { ...code, client, user };
  },
  async getAuthorizationCode(code) {
    const found = codes.get(code);
    await model.pause();
    return found;
  },
  /** Deletes the code, and says yes to everybody who saw it before. */
  async revokeAuthorizationCode({ authorizationCode }) {
    await model.pause();
    codes.delete(authorizationCode);
    return true;
  },
  async saveToken(token, client, user) {
    await model.pause();
    const saved = { ...token, client, user };
    tokens.push(saved);
    return saved;
  },
  async getAccessToken(accessToken) {
    return tokens.find((token) => token.accessToken === accessToken);
  },
  async getRefreshToken(refreshToken) {
    const found = tokens.find((token) => token.refreshToken === refreshToken);
    await model.pause();
    return found;
  },
  async revokeToken({ refreshToken }) {
    await model.pause();
    for (const token of tokens) if (token.refreshToken === refreshToken) token.refreshToken = undefined;
    return true;
  },
};

module.exports = { model, isPublic: (client) => client.secret === undefined };
