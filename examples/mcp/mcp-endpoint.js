// The MCP server. It asks the authorization server for each token, so a revocation counts at once.
const { AsyncLocalStorage } = require('node:async_hooks');
const { createHash } = require('node:crypto');
const { getOAuthProtectedResourceMetadataUrl, requireBearerAuth } = require('@modelcontextprotocol/express');
const { NodeStreamableHTTPServerTransport } = require('@modelcontextprotocol/node');
const { McpServer, OAuthError, OAuthErrorCode } = require('@modelcontextprotocol/server');
const cors = require('cors');
const express = require('express');
const { createDpopVerifier } = require('express-token-router/dpop');

/** Whose token is good, and for which key: `requireBearerAuth` of the SDK knows Bearer tokens only. */
const provenKey = new AsyncLocalStorage();

function createMcpServer() {
  const server = new McpServer({ name: 'demo', version: '1.0.0' });
  server.registerTool('whoami', { description: 'Says who you are' }, ({ http }) => ({
    content: [{ type: 'text', text: `You are ${http.authInfo.extra.sub}` }],
  }));
  return server;
}

function createMcpEndpoint({ mcpUrl, metadata, clientSecret, consumeJti }) {
  const verifyDpop = createDpopVerifier({ consumeJti });

  async function verifyAccessToken(token) {
    const authorization = `Basic ${Buffer.from(`mcp-server:${clientSecret}`).toString('base64')}`;
    const body = new URLSearchParams({ token });
    const answer = await fetch(metadata.introspection_endpoint, { method: 'POST', headers: { authorization }, body });
    if (!answer.ok) throw new Error(`The introspection endpoint answered ${answer.status}`);
    const { active, client_id, scope = '', exp, aud, sub, cnf } = await answer.json();
    // A token that is bound to a key is worth nothing without a proof of that key, and a proof is for such a token.
    if (!active || cnf?.jkt !== provenKey.getStore()) {
      throw new OAuthError(OAuthErrorCode.InvalidToken, 'The token is not active');
    }
    return {
      token,
      clientId: client_id,
      scopes: scope.split(' '),
      expiresAt: exp,
      resource: new URL(aud),
      extra: { sub },
    };
  }

  /** `Authorization: DPoP …` (RFC 9449 §7.1): proves the key, and passes the token on as the SDK reads it. */
  async function proveKey(req, res, next) {
    const [, token] = /^DPoP (\S+)$/i.exec(req.get('authorization') ?? '') ?? [];
    if (!token) return next();
    try {
      const proof = req.get('dpop') ?? '';
      const { jkt } = await verifyDpop({ proof, htm: req.method, htu: mcpUrl.href });
      const { ath } = JSON.parse(Buffer.from(proof.split('.')[1], 'base64url'));
      if (ath !== createHash('sha256').update(token).digest('base64url'))
        throw new Error('The proof is for another token');
      req.headers.authorization = `Bearer ${token}`;
      return provenKey.run(jkt, next);
    } catch {
      res.set('WWW-Authenticate', 'DPoP error="invalid_dpop_proof"');
      return res.status(401).json({ error: 'invalid_dpop_proof' });
    }
  }

  // RFC 9728. `mcpAuthMetadataRouter` of the SDK has no room for the last two members.
  const resourceMetadataUrl = getOAuthProtectedResourceMetadataUrl(mcpUrl);
  const resourceMetadata = {
    resource: mcpUrl.href,
    authorization_servers: [metadata.issuer],
    // offline_access is asked of the authorization server, and is no scope of this one.
    scopes_supported: ['mcp:tools'],
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: verifyDpop.algorithms,
  };

  const router = express.Router();
  router.get(new URL(resourceMetadataUrl).pathname, cors(), (_req, res) => res.json(resourceMetadata));
  router.all(
    mcpUrl.pathname,
    proveKey,
    requireBearerAuth({
      verifier: { verifyAccessToken },
      requiredScopes: ['mcp:tools'],
      resourceMetadataUrl,
    }),
    express.json(),
    async (req, res) => {
      const server = createMcpServer();
      const transport = new NodeStreamableHTTPServerTransport({ sessionIdGenerator: undefined });
      res.on('close', () => server.close());
      await server.connect(transport);
      await transport.handleRequest(req, res, req.body);
    },
  );
  return router;
}

module.exports = { createMcpEndpoint };
