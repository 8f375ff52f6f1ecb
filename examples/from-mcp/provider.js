// An OAuthServerProvider as people write it for mcpAuthRouter, with a database that takes its time. Yours stays as it is.
const { randomUUID } = require('node:crypto');
const { setTimeout: sleep } = require('node:timers/promises');
const { InvalidGrantError } = require('@modelcontextprotocol/sdk/server/auth/errors.js');

const LATENCY_MS = 5;

class Provider {
  /** What a database takes. */
  pause = () => sleep(LATENCY_MS);
  codes = new Map();
  refreshTokens = new Map();
  accessTokens = new Map();
  clients = new Map();

  clientsStore = {
    getClient: async (clientId) => this.clients.get(clientId),
    registerClient: async (client) => {
      this.clients.set(client.client_id, client);
      return client;
    },
  };

  async authorize(client, params, res) {
    // A real one shows its pages here.
    const code = randomUUID();
    this.codes.set(code, { client, params, expiresAt: Date.now() + 60_000 });
    const url = new URL(params.redirectUri);
    url.searchParams.set('code', code);
    if (params.state !== undefined) url.searchParams.set('state', params.state);
    res.redirect(url.href);
  }

  async challengeForAuthorizationCode(client, code) {
    const found = this.codes.get(code);
    await this.pause();
    if (found?.client.client_id !== client.client_id) throw new InvalidGrantError('Unknown authorization code');
    return found.params.codeChallenge;
  }

  async exchangeAuthorizationCode(client, code, _verifier, redirectUri, resource) {
    const found = this.codes.get(code);
    await this.pause();
    if (!found || found.expiresAt < Date.now()) throw new InvalidGrantError('Unknown authorization code');
    if (redirectUri !== undefined && redirectUri !== found.params.redirectUri)
      throw new InvalidGrantError('Wrong redirect_uri');
    this.codes.delete(code);
    return this.issue(client, found.params.scopes ?? [], resource ?? found.params.resource);
  }

  async exchangeRefreshToken(client, refreshToken, scopes, resource) {
    const found = this.refreshTokens.get(refreshToken);
    await this.pause();
    if (found?.clientId !== client.client_id) throw new InvalidGrantError('Unknown refresh token');
    this.refreshTokens.delete(refreshToken);
    return this.issue(client, scopes ?? found.scopes, resource ?? found.resource);
  }

  async verifyAccessToken(token) {
    const found = this.accessTokens.get(token);
    if (!found) throw new InvalidGrantError('Unknown access token');
    return { token, ...found };
  }

  async revokeToken(_client, { token }) {
    this.refreshTokens.delete(token);
    this.accessTokens.delete(token);
  }

  issue({ client_id: clientId }, scopes, resource) {
    const [accessToken, refreshToken] = [randomUUID(), randomUUID()];
    this.accessTokens.set(accessToken, { clientId, scopes, resource, expiresAt: Math.floor(Date.now() / 1000) + 3600 });
    this.refreshTokens.set(refreshToken, { clientId, scopes, resource });
    return {
      access_token: accessToken,
      refresh_token: refreshToken,
      token_type: 'bearer',
      expires_in: 3600,
      scope: scopes.join(' '),
    };
  }
}

module.exports = { Provider };
