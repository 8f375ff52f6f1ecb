// The token endpoint for an OAuthServerProvider of the MCP SDK (mcpAuthRouter, 1.x or server-legacy): what your provider has stays.
// The provider redeems a code in one call, and cannot say whether another call was first. So codes are mirrored in a store here.
const { createHash, timingSafeEqual } = require('node:crypto');
const express = require('express');
const { createTokenRouter, OAuthError } = require('express-token-router');

const MIRRORED_MS = 600_000;
const MAX_BODY = 16_384;
const digestOf = (text) => createHash('sha256').update(String(text)).digest();

/**
 * A router to mount before `mcpAuthRouter`.
 *
 * - `codes`: `memoryCodes()`, `redisCodes(…)` or `postgresCodes(…)`. Decides which request redeems a code, and knows replays.
 * - `consumeJti`: that of `memoryJtis()`, `redisJtis(…)` or `postgresJtis(…)`. Decides which request uses a refresh token.
 * - `rotates`: whether `exchangeRefreshToken` returns a new refresh token. If it does not, the old one stays.
 * - `describeCode(code)`: what your provider saved with it: `{ clientId, redirectUri, expiresAt }`. Without it only the provider
 *   compares these, and it does so after the code is spent.
 */
function createTokenRouterFrom(provider, { codes, consumeJti, rotates, describeCode, path = '/token', ...options }) {
  if (typeof rotates !== 'boolean')
    throw new TypeError('rotates: write whether exchangeRefreshToken returns a new token');
  const requests = new WeakMap(); // What the provider's functions want to know of a request.
  const issued = new Map(); // The tokens of a code, for as long as this process remembers, to revoke them.

  async function authenticateClient({ method, clientId, clientSecret }, req) {
    if (method !== 'none' && method !== 'client_secret_post') return null;
    const client = await provider.clientsStore.getClient(clientId);
    if (!client) return null;
    const { client_secret: secret, client_secret_expires_at: end } = client;
    if (secret && end && end * 1000 < Date.now()) return null;
    if (Boolean(secret) !== (method === 'client_secret_post')) return null;
    if (secret && !timingSafeEqual(digestOf(secret), digestOf(clientSecret))) return null;
    requests.get(req).client = client;
    return { clientId, grantTypes: client.grant_types };
  }

  async function findCode(code, req) {
    const found = await codes.findCode(code, req);
    if (found) return { ...found, code };
    const { client } = requests.get(req);
    const known = { clientId: client.client_id, redirectUri: null, expiresAt: new Date(Date.now() + MIRRORED_MS) };
    const codeChallenge = await ask(() => provider.challengeForAuthorizationCode(client, code));
    const record = { ...known, ...(await describeCode?.(code)), codeChallenge, codeChallengeMethod: 'S256' };
    try {
      await codes.saveCode(code, record, req);
    } catch (error) {
      // Of two requests at once one saves it, and both find it.
      if (!(await codes.findCode(code, req))) throw error;
    }
    return { ...(await codes.findCode(code, req)), code };
  }

  async function issueTokens({ code, refreshToken }, req) {
    const { client, sent } = requests.get(req);
    const parameter = (name) => sent().get(name) ?? undefined;
    const resource = parameter('resource') && new URL(parameter('resource'));
    const answer = await ask(() =>
      code
        ? provider.exchangeAuthorizationCode(client, code.code, undefined, parameter('redirect_uri'), resource)
        : provider.exchangeRefreshToken(client, refreshToken.token, parameter('scope')?.split(' '), resource),
    );
    const { token_type: _type, expires_in = 3600, ...tokens } = answer;
    if (code) remember(code.grantId, { client, tokens });
    return { ...tokens, expires_in };
  }

  function remember(grantId, grant) {
    issued.set(grantId, grant);
    if (issued.size > 10_000) issued.delete(issued.keys().next().value);
  }

  /** A code came again: its tokens end, if this process issued them. */
  async function revokeTokens({ grantId }) {
    const { client, tokens } = issued.get(grantId) ?? {};
    for (const token of [tokens?.refresh_token, tokens?.access_token]) {
      if (token) await provider.revokeToken?.(client, { token });
    }
  }

  const refresh = {
    /** The provider cannot look a refresh token up: it compares owner, scope and end itself. */
    findRefreshToken(token, req) {
      const { client, sent } = requests.get(req);
      const scope = sent().get('scope');
      return { token, clientId: client.client_id, scope, expiresAt: new Date(Date.now() + MIRRORED_MS), spentAt: null };
    },
    consumeRefreshToken: ({ token, clientId }) =>
      consumeJti({
        jti: digestOf(token).toString('base64url'),
        jkt: digestOf(`refresh token of ${clientId}`).toString('base64url'),
        expiresAt: new Date(Date.now() + 30 * 86_400_000),
      }),
    rotates: () => rotates,
    /** A refresh token came again. A provider that knows the login behind a spent token ends it here. */
    revokeTokens: ({ token }, req) => provider.revokeToken?.(requests.get(req).client, { token }),
  };

  const tokenRouter = createTokenRouter({
    allowedOrigins: () => true, // As mcpAuthRouter has it.
    ...options,
    path,
    authenticateClient: Object.assign(authenticateClient, { methods: ['none', 'client_secret_post'] }),
    findCode,
    consumeCode: codes.consumeCode,
    revokeTokens,
    refresh,
    issueTokens,
  });
  /** Reads along: the provider wants parameters that the router keeps to itself. */
  const listen = (req, _res, next) => {
    if (req.path !== path) return next();
    const chunks = [];
    let size = 0;
    const isParsed = Object.keys(req.body ?? {}).length > 0; // By express.urlencoded() of yours.
    if (!isParsed) {
      req.on('data', (chunk) => {
        size += chunk.length;
        if (size <= MAX_BODY) chunks.push(chunk);
      });
    }
    const sent = () => new URLSearchParams(isParsed ? req.body : Buffer.concat(chunks).toString());
    requests.set(req, { client: undefined, sent });
    return next();
  };
  return Object.assign(express.Router().use(listen, tokenRouter), { metadata: tokenRouter.metadata });
}

/** An error of the SDK keeps its code. Every other one is a fault: the client gets `server_error`, and the log the error. */
async function ask(call) {
  try {
    return await call();
  } catch (error) {
    const { errorCode, code = errorCode, message } = Object(error);
    if (typeof code !== 'string' || !/^(?:invalid_|unauthorized_|access_)[a-z_]+$/.test(code)) throw error;
    throw new OAuthError(code, message.replaceAll(/[^\x20-\x21\x23-\x5B\x5D-\x7E]/g, ' ') || code, { cause: error });
  }
}

module.exports = { createTokenRouterFrom };
