// Sign out: Auth0's /v2/logout, and RP-initiated logout of OpenID Connect. Both end every grant of the session.
const { createPublicKey, randomBytes } = require('node:crypto');
const express = require('express');
const jwt = require('jsonwebtoken');
const { isCallbackUrl } = require('express-token-router/authorize');
const { findClient, issuer } = require('./configuration');
const { errorPage, messagePage, sendPage, signOutPage } = require('./pages');
const { signOut } = require('./sessions');

const one = (value) => (typeof value === 'string' && value !== '' ? value : undefined);

function createLogout({ store, jwks }) {
  const router = express.Router();
  const form = express.urlencoded({ extended: false, limit: '8kb', parameterLimit: 20 });
  const keys = new Map(jwks().keys.map((jwk) => [jwk.kid, createPublicKey({ key: jwk, format: 'jwk' })]));

  async function end(req, res) {
    const grantIds = await signOut(req, res);
    await Promise.all(grantIds.map((grantId) => store.revokeGrant(grantId)));
  }

  /** Nobody is sent to an address that this client has not registered: no open redirect. */
  function leave(res, clientId, url, state) {
    if (url === undefined)
      return sendPage(res, messagePage('You are signed out', 'All tokens of this session have ended.'));
    const client = clientId === undefined ? null : findClient(clientId);
    if (!client || !isCallbackUrl(url, client.logoutUris, client)) {
      return sendPage(
        res,
        errorPage('You are signed out, but the app asked to send you to an address that it has not registered.'),
        400,
      );
    }
    const target = new URL(url);
    if (state !== undefined) target.searchParams.set('state', state);
    return res.set('Referrer-Policy', 'no-referrer').redirect(303, target.href);
  }

  // As at Auth0, no question is asked. So any site can sign your users out, by a link. /oidc/logout asks.
  router.get('/v2/logout', async (req, res) => {
    await end(req, res);
    leave(res, one(req.query.client_id), one(req.query.returnTo));
  });

  /** RP-Initiated Logout 1.0: without a hint that fits the session, the user is asked. */
  router.get('/oidc/logout', async (req, res) => {
    const hint = verifyHint(one(req.query.id_token_hint));
    const clientId = one(req.query.client_id) ?? hint?.aud;
    const isOfClient = hint === undefined || hint.aud === clientId;
    const isSure = hint !== undefined && isOfClient && hint.sub === req.session.userId;
    if (req.session.userId !== undefined && !isSure) {
      req.session.signOutToken = randomBytes(16).toString('base64url');
      return sendPage(res, signOutPage({ token: req.session.signOutToken }));
    }
    await end(req, res);
    return leave(res, isOfClient ? clientId : undefined, one(req.query.post_logout_redirect_uri), one(req.query.state));
  });

  /** The answer to that question; or a client that asks by a form, which is a GET then, with the session's cookie. */
  router.post('/oidc/logout', form, async (req, res) => {
    const { token, ...asked } = req.body ?? {};
    if (token === undefined) return res.redirect(303, `/oidc/logout?${new URLSearchParams(asked)}`);
    if (one(token) === undefined || token !== req.session.signOutToken) {
      return sendPage(res, errorPage('This page is too old. Sign out again.'), 400);
    }
    await end(req, res);
    return leave(res);
  });

  /** The ID token may have expired: it only says whose session it is. */
  function verifyHint(idToken) {
    try {
      const { header } = jwt.decode(idToken, { complete: true });
      if (header.typ === 'at+jwt') return undefined;
      return jwt.verify(idToken, keys.get(header.kid), { algorithms: ['RS256'], issuer, ignoreExpiration: true });
    } catch {
      return undefined;
    }
  }

  return router;
}

module.exports = { createLogout };
