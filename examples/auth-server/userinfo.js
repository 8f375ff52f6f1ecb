// What a client may know of the user (OpenID Connect Core §5.3), and the API that this server stands for.
const express = require('express');
const cors = require('cors');
const { api, origin } = require('./configuration');
const { findUser } = require('./users');

function createUserinfo({ checkAccessToken }) {
  const router = express.Router();
  const open = cors({ origin: true, exposedHeaders: ['WWW-Authenticate', 'DPoP-Nonce'] });

  const protect = (path, scope) => async (req, res, next) => {
    res.set('Cache-Control', 'no-store');
    try {
      req.token = await checkAccessToken(req, `${origin}${path}`);
    } catch (error) {
      const code = error.error ?? 'invalid_token'; // A bad proof names its own.
      res.set('WWW-Authenticate', `DPoP error="${code}", algs="ES256", Bearer error="invalid_token"`);
      return res.status(401).json({ error: code, error_description: 'The access token or its proof is not good' });
    }
    if ((req.token.scope ?? '').split(' ').includes(scope)) return next();
    res.set('WWW-Authenticate', `Bearer error="insufficient_scope", scope="${scope}"`);
    return res.status(403).json({ error: 'insufficient_scope' });
  };

  router.options(['/userinfo', '/api/notes'], open);
  router.all('/userinfo', open, protect('/userinfo', 'openid'), (req, res) => {
    const scopes = req.token.scope.split(' ');
    const { id, name, email } = findUser(req.token.sub);
    res.json({ sub: id, ...(scopes.includes('profile') && { name }), ...(scopes.includes('email') && { email }) });
  });
  router.get('/api/notes', open, protect('/api/notes', api.scopes[0]), (req, res) => {
    res.json({ notes: [`A note that only ${req.token.sub} can read.`, 'Buy a kettle.'] });
  });
  return router;
}

module.exports = { createUserinfo };
