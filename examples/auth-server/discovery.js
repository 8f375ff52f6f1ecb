// Where everything is, for clients that ask (RFC 8414, OpenID Connect Discovery), and the keys.
const { authorizationServerMetadata, createMetadataRouter } = require('express-token-router/endpoints');
const { prompts } = require('./authorize');
const { issuer, origin, scopes } = require('./configuration');

function createDiscovery({ tokenRouter, revocationRouter, jwks }) {
  const metadata = authorizationServerMetadata({
    issuer,
    tokenRouter,
    revocationRouter,
    jwks,
    // What the routers cannot know.
    members: {
      authorization_endpoint: `${origin}/authorize`,
      userinfo_endpoint: `${origin}/userinfo`,
      end_session_endpoint: `${origin}/oidc/logout`,
      scopes_supported: scopes,
      prompt_values_supported: prompts,
    },
  });
  return createMetadataRouter({ metadata, jwks });
}

module.exports = { createDiscovery };
