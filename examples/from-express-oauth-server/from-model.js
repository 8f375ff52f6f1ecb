// The token endpoint for a model of @node-oauth/express-oauth-server. Your model keeps clients, users and access tokens.
// Codes and new refresh tokens move to a store of this package: a model deletes them, and a deleted code hides its replay.
const { createHash, randomBytes } = require('node:crypto');
const { OAuthError } = require('express-token-router');

const digestOf = (text) => createHash('sha256').update(text).digest('base64url');
const join = (scope) => (scope ? [scope].flat().join(' ') : null);
const inSeconds = (seconds) => new Date(Date.now() + seconds * 1000);

/**
 * Returns `model`, for `new OAuthServer({ model })`, and `options`, for `createTokenRouter({ ...options })`.
 *
 * - `store`: `memoryStore()`, `redisStore(…)` or `postgresStore(…)`.
 * - `isPublic(client)`: whether a client has no secret. The model cannot say it, and the old endpoint took a code_verifier for one.
 * - `clientIdOf(client)`: the `client_id` of a client of the model.
 * - `findUser(userId)`: the user that `saveToken` gets. Return `null` for a user who is gone.
 *
 * Your `saveToken` must keep `grantId`, and `getAccessToken` must return it: tokens are revoked by it.
 */
function fromModel(model, { store, isPublic, ...more }) {
  const { clientIdOf = ({ id }) => String(id), findUser = (id) => ({ id }) } = more;
  const { accessTokenLifetime = 3600, refreshTokenLifetime = 1_209_600 } = more;
  if (typeof isPublic !== 'function')
    throw new TypeError('isPublic: write (client) => true for clients without a secret');

  const mended = Object.assign(Object.create(model), {
    async saveAuthorizationCode(code, client, user) {
      await store.saveCode(code.authorizationCode, {
        clientId: clientIdOf(client),
        redirectUri: code.redirectUri ?? null,
        codeChallenge: code.codeChallenge ?? null,
        codeChallengeMethod: code.codeChallengeMethod ?? null,
        expiresAt: code.expiresAt,
        scope: join(code.scope),
        userId: user.id,
      });
      return { ...code, client, user };
    },
    async getAccessToken(accessToken) {
      const token = await model.getAccessToken(accessToken);
      return token?.grantId && (await store.isRevoked(token.grantId)) ? null : token;
    },
  });

  async function authenticateClient(credentials) {
    const { clientId, clientSecret = null, clientIdAsSent = clientId, clientSecretAsSent = clientSecret } = credentials;
    if (credentials.method === 'private_key_jwt') return null;
    const ways = [
      [clientId, clientSecret],
      [clientIdAsSent, clientSecretAsSent],
    ]; // Half of the clients do not encode.
    for (const [id, secret] of ways) {
      const client = await model.getClient(id, secret);
      if (!client) continue;
      // For /authorize a model finds every client without its secret.
      if (Boolean(isPublic(client)) !== (credentials.method === 'none')) return null;
      return { clientId: id, grantTypes: client.grants, own: client };
    }
    return null;
  }

  async function issueTokens({ code, refreshToken, client, scope }) {
    const record = code ?? refreshToken;
    const user = await findUser(record.userId);
    if (!user) throw new OAuthError('invalid_grant', 'The user is gone');
    const granted = code ? record.scope : scope;
    const scopes = granted?.split(' ') ?? [];
    const accessToken =
      (await model.generateAccessToken?.(client.own, user, scopes)) || randomBytes(32).toString('hex');
    const { grantId } = record;
    const token = { accessToken, accessTokenExpiresAt: inSeconds(accessTokenLifetime), scope: scopes, grantId };
    await model.saveToken(token, client.own, user);
    const answer = { access_token: accessToken, expires_in: accessTokenLifetime, scope: granted };
    if (!client.grantTypes.includes('refresh_token')) return answer;
    const next = randomBytes(32).toString('base64url');
    const { clientId, userId, scope: all, tokenId } = record;
    const expiresAt = inSeconds(refreshTokenLifetime);
    await store.saveRefreshToken(next, { clientId, userId, scope: all, expiresAt, dpopJkt: null, grantId, tokenId });
    return { ...answer, refresh_token: next };
  }

  /** Refresh tokens that the old endpoint issued still work, once. */
  async function findOldRefreshToken(refreshToken) {
    const old = await model.getRefreshToken?.(refreshToken);
    if (!old) return null;
    const { client, user, scope, refreshTokenExpiresAt: expiresAt = inSeconds(60) } = old;
    const grantId = digestOf(`old ${refreshToken}`);
    return {
      clientId: clientIdOf(client),
      userId: user.id,
      scope: join(scope),
      expiresAt,
      spentAt: null,
      grantId,
      old,
    };
  }

  async function consumeRefreshToken(record, req) {
    if (!record.old) return store.consumeRefreshToken(record, req);
    // Most models delete and return true, also to the second of two requests at once.
    const once = { jti: record.grantId, jkt: digestOf('old refresh tokens'), expiresAt: record.expiresAt };
    return (await store.consumeJti(once)) && Boolean(await model.revokeToken(record.old));
  }

  const { findCode, consumeCode, revokeTokens } = store;
  const refresh = {
    findRefreshToken: async (token, req) => (await store.findRefreshToken(token, req)) ?? findOldRefreshToken(token),
    consumeRefreshToken,
    revokeTokens,
  };
  authenticateClient.methods = ['none', 'client_secret_basic', 'client_secret_post'];
  return { model: mended, options: { findCode, consumeCode, revokeTokens, refresh, authenticateClient, issueTokens } };
}

module.exports = { fromModel };
