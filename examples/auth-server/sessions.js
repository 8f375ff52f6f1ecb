// Who is signed in with this browser, and which authorization requests wait for a page. In memory, so for one process.
const { randomBytes } = require('node:crypto');
const session = require('express-session');
const { cookieNameOf, isSecure } = require('./configuration');
const { SessionStore } = require('./session-store');

const cookieName = cookieNameOf('auth.sid');
const cookie = { httpOnly: true, sameSite: 'lax', secure: isSecure };
const createSessions = () =>
  session({
    name: cookieName,
    secret: randomBytes(32).toString('hex'),
    store: new SessionStore(),
    resave: false,
    saveUninitialized: false,
    cookie,
  });

const MAX_WAITING = 5;
const MAX_GRANTS = 100;

/**
 * Keeps a request until its page is sent: `login`, `terms` or `consent`. The name is in that page only, so it protects the
 * form against CSRF as well. What this page has shown to this user is what the form answers, and nothing else.
 */
function keepRequest(req, request, step) {
  const name = randomBytes(16).toString('base64url');
  const waiting = [...(req.session.waiting ?? []), { name, request, step, userId: req.session.userId }];
  req.session.waiting = waiting.slice(-MAX_WAITING); // A tab each; the oldest goes.
  return name;
}

/** The page that a form answers. Another browser's, another site's, another user's or a finished one is `undefined`. */
function findWaiting(req, steps) {
  const found = req.session.waiting?.find(({ name }) => name === req.body?.interaction);
  if (!found || !steps.includes(found.step)) return undefined;
  return found.step === 'login' || found.userId === req.session.userId ? found : undefined;
}

function dropWaiting(req) {
  req.session.waiting = req.session.waiting?.filter(({ name }) => name !== req.body.interaction);
}

/**
 * Signs a user in under a new session id, so that nobody can choose it before (session fixation). Returns the grants of
 * another user whose session this was: they end with it.
 */
function signIn(req, user) {
  const { waiting, userId, grantIds = [] } = req.session;
  const isSame = userId === user.id;
  return new Promise((resolve, reject) => {
    req.session.regenerate((error) => {
      if (error) return reject(error);
      const own = isSame ? grantIds : [];
      Object.assign(req.session, { waiting, userId: user.id, signedInAt: Date.now(), grantIds: own });
      return resolve(isSame ? [] : grantIds);
    });
  });
}

/** Signing out ends this grant. Returns those that are too many: the oldest. */
function keepGrant(req, grantId) {
  const grantIds = [...req.session.grantIds, grantId];
  req.session.grantIds = grantIds.slice(-MAX_GRANTS);
  return grantIds.slice(0, -MAX_GRANTS);
}

/** Ends the session in the store and in the browser, and returns the grants that it has brought. */
function signOut(req, res) {
  const { grantIds = [] } = req.session;
  return new Promise((resolve, reject) => {
    req.session.destroy((error) => {
      if (error) return reject(error);
      res.clearCookie(cookieName, cookie);
      return resolve(grantIds);
    });
  });
}

module.exports = { createSessions, keepRequest, findWaiting, dropWaiting, signIn, keepGrant, signOut };
