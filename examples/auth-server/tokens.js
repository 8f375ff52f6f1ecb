// The token endpoint with DPoP, nonces, refresh and client authentication; revocation beside it; and what signs.
const { generateKeyPairSync, randomBytes } = require('node:crypto');
const { createTokenRouter } = require('express-token-router');
const { createClientAuthentication } = require('express-token-router/clients');
const { createDpopVerifier } = require('express-token-router/dpop');
const { createRevocationRouter } = require('express-token-router/endpoints');
const { createTokenIssuer } = require('express-token-router/tokens');
const { api, findClient, issuer, origin } = require('./configuration');
const { findUser } = require('./users');

const tokenEndpoint = `${origin}/oauth/token`;
/** A claim of our own: the grant, so that /userinfo knows of a sign-out while the token still lives. */
const grantClaim = `${origin}/claims/grant`;
const methods = ['none', 'client_secret_basic', 'client_secret_post'];
const nonceSecret = process.env.NONCE_SECRET ?? randomBytes(32).toString('hex');

function createTokens({ store, allowedOrigins, onOutcome }) {
  const { issueTokens, jwks } = createTokenIssuer({
    issuer,
    // A new key at each start. A real server keeps its keys.
    keys: [{ privateKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey }],
    apis: [api],
    store,
    users: ({ code, refreshToken }) => {
      const user = findUser((code ?? refreshToken).userId);
      return user && { name: user.name, email: user.email, email_verified: true };
    },
    claims: ({ code, refreshToken }, token) =>
      token === 'access_token' ? { [grantClaim]: (code ?? refreshToken).grantId } : {},
  });

  const authenticateClient = createClientAuthentication({ findClient, methods });
  const tokenRouter = createTokenRouter({
    ...store.adapters,
    issueTokens,
    authenticateClient,
    verifyDpop: createDpopVerifier({ nonceSecret, consumeJti: store.consumeJti }),
    tokenEndpoint,
    allowedOrigins,
    rateLimit: { limit: 1000 }, // The buttons of the page fail on purpose, 20 at once. Leave it out: the default is 100.
    onOutcome,
  });
  const { findRefreshToken, revokeGrant } = store;
  const shared = { authenticateClient, allowedOrigins, issuer, jwks };
  const revocationRouter = createRevocationRouter({ findRefreshToken, revokeGrant, ...shared });
  return { tokenRouter, revocationRouter, jwks };
}

module.exports = { createTokens, grantClaim };
