// The authorization endpoint and its two pages: sign in, and agree. ./authorize checks the request and sends the answer.
const { randomBytes } = require('node:crypto');
const express = require('express');
const authorize = require('express-token-router/authorize');
const { api, findClient, issuer, scopes } = require('./configuration');
const { limitAddress, limitName } = require('./login-limits');
const { consentPage, errorPage, loginPage, sendPage } = require('./pages');
const { dropRequest, findRequest, keepRequest, signIn } = require('./sessions');
const { checkPassword, findUser } = require('./users');

const agreed = new Set(); // Of a user and a client. A real server keeps it beside its users.

/** What is left to ask a user who is signed in, if anything. */
function missingStep(user, { clientId, scope, prompt }, answered) {
  if (user.hasNewTerms && !agreed.has(`${user.id} terms`)) return 'terms';
  const isOffline = scope?.split(' ').includes('offline_access');
  const mustAsk = prompt.includes('consent') ? !answered : isOffline && !agreed.has(`${user.id} ${clientId}`);
  return mustAsk ? 'consent' : undefined;
}

const silentAnswers = { terms: authorize.interactionRequired, consent: authorize.consentRequired };

function createAuthorizationEndpoint({ store }) {
  const router = express.Router();
  const form = express.urlencoded({ extended: false, limit: '4kb', parameterLimit: 20 });

  router.get('/authorize', async (req, res) => {
    const options = { findClient, issuer, scopes, audiences: [api.identifier] };
    const parsed = await authorize.parseAuthorizationRequest(req.query, options);
    if (parsed.kind === 'page') return sendPage(res, errorPage(parsed.error.error_description), parsed.status);
    if (parsed.kind === 'redirect') return authorize.authorizationResponse(res, parsed.request, parsed.error);
    return goOn(req, res, parsed.request);
  });

  router.post('/login', limitAddress, form, needsRequest, limitName, async (req, res) => {
    const { username, password } = req.body;
    const user = await checkPassword(String(username), String(password));
    if (!user) {
      const client = findClient(req.waiting.clientId);
      const page = { interaction: req.body.interaction, client, loginHint: username, hasFailed: true };
      return sendPage(res, loginPage(page), 401);
    }
    await signIn(req, user);
    dropRequest(req);
    return goOn(req, res, req.waiting);
  });

  router.post('/consent', form, needsRequest, async (req, res) => {
    const user = findUser(req.session.userId);
    if (!user) return sendPage(res, errorPage('You are not signed in. Go back to the app and start again.'), 400);
    dropRequest(req);
    if (req.body.answer !== 'yes') {
      return authorize.authorizationResponse(res, req.waiting, {
        error: 'access_denied',
        error_description: 'The user said no',
      });
    }
    const step = missingStep(user, req.waiting, false);
    agreed.add(step === 'terms' ? `${user.id} terms` : `${user.id} ${req.waiting.clientId}`);
    return goOn(req, res, req.waiting, step === 'consent');
  });

  /** A code where nothing is left to ask; else a page, or with `prompt=none` the error that says what is missing. */
  async function goOn(req, res, request, answered = false) {
    const user = findUser(req.session.userId);
    const authTime = user && new Date(req.session.signedInAt);
    const client = findClient(request.clientId);
    if (authorize.needsLogin(request, authTime)) {
      if (authorize.isSilent(request)) return authorize.authorizationResponse(res, request, authorize.loginRequired);
      const interaction = keepRequest(req, request);
      return sendPage(res, loginPage({ interaction, client, loginHint: request.loginHint }));
    }
    const step = missingStep(user, request, answered);
    if (step !== undefined) {
      if (authorize.isSilent(request)) return authorize.authorizationResponse(res, request, silentAnswers[step]);
      return sendPage(
        res,
        consentPage({ interaction: keepRequest(req, request), client, user, step, scope: request.scope }),
      );
    }
    const code = randomBytes(32).toString('base64url');
    const record = authorize.codeRecordOf(request, { userId: user.id, authTime, amr: ['pwd'] });
    const { grantId } = await store.saveCode(code, record);
    req.session.grantIds = [...req.session.grantIds, grantId]; // Signing out ends them.
    return authorize.authorizationResponse(res, request, { code });
  }

  return router;
}

/** CSRF: a form of another site has no name of a request that waits in this session. */
function needsRequest(req, res, next) {
  req.waiting = findRequest(req);
  if (req.waiting) return next();
  return sendPage(res, errorPage('This page is too old. Go back to the app and start again.'), 400);
}

module.exports = { createAuthorizationEndpoint };
