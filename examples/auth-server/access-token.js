// What a resource server checks of an access token: signature, audience, the grant behind it, and the DPoP proof.
const { createHash, createPublicKey } = require('node:crypto');
const jwt = require('jsonwebtoken');
const { createDpopVerifier } = require('express-token-router/dpop');
const { api, issuer } = require('./configuration');
const { grantClaim } = require('./tokens');

function createAccessTokenCheck({ store, jwks }) {
  const keys = new Map(jwks().keys.map((jwk) => [jwk.kid, createPublicKey({ key: jwk, format: 'jwk' })]));
  const verifyDpop = createDpopVerifier({ consumeJti: store.consumeJti });

  /** @throws Error if the request has no access token of ours that is still good. */
  async function checkAccessToken(req, htu) {
    const [scheme, token] = (req.get('authorization') ?? '').split(' ');
    const { header } = jwt.decode(token, { complete: true }) ?? { header: {} };
    if (header.typ !== 'at+jwt') throw new Error('There is no access token');
    const claims = jwt.verify(token, keys.get(header.kid), { algorithms: ['RS256'], issuer, audience: api.identifier });
    const grant = await store.findGrant(claims[grantClaim]);
    if (!grant || grant.isRevoked) throw new Error('The grant has ended');
    // A token that is bound to a key is worth nothing without a proof of that key (RFC 9449 §7.1).
    if (scheme.toLowerCase() !== (claims.cnf ? 'dpop' : 'bearer')) throw new Error('The scheme is wrong');
    if (claims.cnf) await checkProof(req, htu, token, claims.cnf.jkt);
    return claims;
  }

  async function checkProof(req, htu, token, expectedJkt) {
    const proof = req.get('dpop') ?? '';
    const { jkt } = await verifyDpop({ proof, htm: req.method, htu });
    if (jkt !== expectedJkt) throw new Error('The proof is of another key');
    const { ath } = jwt.decode(proof);
    if (ath !== createHash('sha256').update(token).digest('base64url'))
      throw new Error('The proof is for another token');
  }

  return checkAccessToken;
}

module.exports = { createAccessTokenCheck };
