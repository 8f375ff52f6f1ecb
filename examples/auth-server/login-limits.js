// Nobody guesses passwords here: failures count, of an address and of a name.
const { rateLimit } = require('express-rate-limit');
const { errorPage, sendPage } = require('./pages');

const failures = {
  skipSuccessfulRequests: true,
  requestWasSuccessful: (_req, res) => res.statusCode < 400,
  standardHeaders: 'draft-8',
  legacyHeaders: false,
  handler: (_req, res) => sendPage(res, errorPage('Too many attempts. Wait a few minutes and try again.'), 429),
};

const limitAddress = rateLimit({ ...failures, windowMs: 60_000, limit: 10, identifier: 'login-address' });
const limitName = rateLimit({
  ...failures,
  windowMs: 15 * 60_000,
  limit: 20,
  identifier: 'login-name',
  keyGenerator: (req) => String(req.body.username).slice(0, 100),
});

module.exports = { limitAddress, limitName };
