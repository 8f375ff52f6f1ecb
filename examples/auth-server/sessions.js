// Who is signed in with this browser, and which authorization requests wait for a page. In memory, so for one process.
const { randomBytes } = require('node:crypto');
const session = require('express-session');
const { issuer } = require('./configuration');

const cookieName = 'auth.sid';
const cookie = { httpOnly: true, sameSite: 'lax', secure: issuer.startsWith('https:') };
const createSessions = () =>
  session({
    name: cookieName,
    secret: randomBytes(32).toString('hex'),
    resave: false,
    saveUninitialized: false,
    cookie,
  });

const MAX_WAITING = 5;

/** Keeps a request until its page is sent. The name is in that page only, so it protects the form against CSRF as well. */
function keepRequest(req, request) {
  const name = randomBytes(16).toString('base64url');
  const waiting = [...(req.session.waiting ?? []), { name, request }];
  req.session.waiting = waiting.slice(-MAX_WAITING); // A tab each; the oldest goes.
  return name;
}

/** The request of a form. Another browser's, another site's or a finished one is `undefined`. */
function findRequest(req) {
  const name = req.body?.interaction;
  return req.session.waiting?.find((each) => each.name === name)?.request;
}

function dropRequest(req) {
  req.session.waiting = req.session.waiting?.filter(({ name }) => name !== req.body.interaction);
}

/** Signs a user in under a new session id, so that nobody can choose it before (session fixation). */
function signIn(req, user) {
  const { waiting } = req.session;
  return new Promise((resolve, reject) => {
    req.session.regenerate((error) => {
      if (error) return reject(error);
      Object.assign(req.session, { waiting, userId: user.id, signedInAt: Date.now(), grantIds: [] });
      return resolve();
    });
  });
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

module.exports = { createSessions, keepRequest, findRequest, dropRequest, signIn, signOut };
