// Where everything is, for clients that ask (RFC 8414, OpenID Connect Discovery).
const express = require('express');
const cors = require('cors');
const { issuer, origin, scopes } = require('./configuration');
const { methods, tokenEndpoint } = require('./tokens');

function createDiscovery({ jwks }) {
  const router = express.Router();
  const metadata = {
    issuer,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: tokenEndpoint,
    userinfo_endpoint: `${origin}/userinfo`,
    end_session_endpoint: `${origin}/oidc/logout`,
    jwks_uri: `${origin}/.well-known/jwks.json`,
    scopes_supported: scopes,
    response_types_supported: ['code'],
    response_modes_supported: ['query', 'form_post', 'web_message'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_methods_supported: methods,
    code_challenge_methods_supported: ['S256'],
    dpop_signing_alg_values_supported: ['ES256'],
    authorization_response_iss_parameter_supported: true,
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    prompt_values_supported: ['none', 'login', 'consent'],
  };
  router.use('/.well-known', cors());
  router.get(['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'], (_req, res) =>
    res.json(metadata),
  );
  router.get('/.well-known/jwks.json', (_req, res) => res.json(jwks()));
  return router;
}

module.exports = { createDiscovery };
