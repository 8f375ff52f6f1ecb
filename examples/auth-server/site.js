// The page at /: static files, and Auth0's SDK as npm has it.
const { dirname, join } = require('node:path');
const express = require('express');

const sdk = join(dirname(require.resolve('@auth0/auth0-spa-js/package.json')), 'dist');
const SDK_FILES = ['auth0-spa-js.production.esm.js', 'auth0-spa-js.worker.production.js'];

const POLICY = [
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'",
  "worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
].join('; ');

const FIELDS = {
  'Content-Security-Policy': POLICY,
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};
const options = { cacheControl: false, setHeaders: (res) => res.set(FIELDS) };

function createSite({ begin }) {
  const router = express.Router();
  router.get('/', begin);
  for (const file of SDK_FILES) {
    router.get(`/sdk/${file}`, (_req, res) => res.sendFile(file, { root: sdk, cacheControl: false, headers: FIELDS }));
  }
  router.use(express.static(join(__dirname, 'public'), options));
  return router;
}

module.exports = { createSite };
