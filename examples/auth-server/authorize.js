// The authorization endpoint and its two pages: sign in, and agree. ./authorize checks the request and sends the answer.
const { randomBytes } = require('node:crypto');
const express = require('express');
const authorize = require('express-token-router/authorize');
const own = require('./configuration');
const { limitAddress, limitName } = require('./login-limits');
const { consentPage, errorPage, loginPage, requestErrorPage, sendPage } = require('./pages');
const { dropWaiting, findWaiting, keepGrant, keepRequest, signIn } = require('./sessions');
const { checkPassword, findUser } = require('./users');

const agreed = new Set(); // What users said yes to. A real server keeps it beside its users.
const keyOf = (...names) => JSON.stringify(names);

/** What a server must ask for before it lets an app in for longer than the user is there. */
const asksForOffline = (_client, { scope }) => scope?.split(' ').includes('offline_access');

/** What `prompt` may ask for here (`prompt_values_supported`). Any other is refused: to ignore it would be to disobey. */
const prompts = ['none', 'login', 'consent'];
const promptNotServed = { error: 'invalid_request', error_description: 'The prompt is not supported' };

const silentAnswers = { terms: authorize.interactionRequired, consent: authorize.consentRequired };

/**
 * - `asks`: whether the user must agree before a client gets tokens for this request. `'always'`: each time anew.
 * - `grant`: what is granted, if it is not what was asked for. The page shows it.
 */
function createAuthorizationEndpoint({ store, configuration = own, asks = asksForOffline, grant = () => ({}) }) {
  const { findClient, issuer, scopes, audiences } = configuration;
  const router = express.Router();
  const form = express.urlencoded({ extended: false, limit: '4kb', parameterLimit: 20 });

  router.get('/authorize', async (req, res) => {
    const parsed = await authorize.parseAuthorizationRequest(req.query, { findClient, issuer, scopes, audiences });
    if (parsed.kind === 'page') return sendPage(res, requestErrorPage(parsed.error), parsed.status);
    const { request } = parsed;
    if (parsed.kind === 'redirect') return authorize.authorizationResponse(res, request, parsed.error);
    if (!request.prompt.every((each) => prompts.includes(each))) {
      return authorize.authorizationResponse(res, request, promptNotServed);
    }
    return goOn(req, res, request);
  });

  // OpenID Connect wants POST as well. A form of another site brings no cookie (SameSite=Lax), a redirect does.
  const text = express.text({ type: 'application/x-www-form-urlencoded', limit: '4kb' });
  router.post('/authorize', text, (req, res) => {
    res.redirect(303, `/authorize?${typeof req.body === 'string' ? req.body : ''}`);
  });

  // The limits count passwords only: forms that another site posts lock nobody out.
  router.post('/login', form, answersPage('login'), limitAddress, limitName, async (req, res) => {
    const { username, password } = req.body;
    const { request } = req.waiting;
    const user = await checkPassword(String(username), String(password));
    if (!user) {
      const client = await findClient(request.clientId);
      const page = { interaction: req.body.interaction, client, loginHint: username, hasFailed: true };
      return sendPage(res, loginPage(page), 401);
    }
    await revokeGrants(await signIn(req, user));
    dropWaiting(req);
    return goOn(req, res, request);
  });

  router.post('/consent', form, answersPage('terms', 'consent'), async (req, res) => {
    const { request, step, userId } = req.waiting;
    dropWaiting(req);
    if (req.body.answer !== 'yes') {
      return authorize.authorizationResponse(res, request, {
        error: 'access_denied',
        error_description: 'The user said no',
      });
    }
    for (const key of step === 'terms' ? [keyOf(userId)] : keysOf(userId, request)) agreed.add(key);
    return goOn(req, res, request, step === 'consent');
  });

  const scopeOf = (request) => grant(request).scope ?? request.scope;

  /** A yes is for a client and for the scopes that the page has shown: one more scope is asked for again. */
  const keysOf = (userId, request) => {
    const scopes = scopeOf(request)?.split(' ') ?? [];
    return [keyOf(userId, request.clientId), ...scopes.map((scope) => keyOf(userId, request.clientId, scope))];
  };

  /** What is left to ask a user who is signed in, if anything. */
  function missingStep(user, client, request, answered) {
    if (user.hasNewTerms && !agreed.has(keyOf(user.id))) return 'terms';
    const asked = asks(client, request);
    if (asked === 'always' || request.prompt.includes('consent')) return answered ? undefined : 'consent';
    return asked && !keysOf(user.id, request).every((key) => agreed.has(key)) ? 'consent' : undefined;
  }

  /** A code where nothing is left to ask; else a page, or with `prompt=none` the error that says what is missing. */
  async function goOn(req, res, request, answered = false) {
    const user = findUser(req.session.userId);
    const authTime = user && new Date(req.session.signedInAt);
    const client = await findClient(request.clientId);
    if (authorize.needsLogin(request, authTime)) {
      if (authorize.isSilent(request)) return authorize.authorizationResponse(res, request, authorize.loginRequired);
      const interaction = keepRequest(req, request, 'login');
      return sendPage(res, loginPage({ interaction, client, loginHint: request.loginHint }));
    }
    const step = missingStep(user, client, request, answered);
    if (step !== undefined) {
      if (authorize.isSilent(request)) return authorize.authorizationResponse(res, request, silentAnswers[step]);
      const interaction = keepRequest(req, request, step);
      return sendPage(res, consentPage({ interaction, client, user, step, scope: scopeOf(request) }));
    }
    const code = randomBytes(32).toString('base64url');
    const record = authorize.codeRecordOf(request, { userId: user.id, authTime, amr: ['pwd'], ...grant(request) });
    const { grantId } = await store.saveCode(code, record);
    await revokeGrants(keepGrant(req, grantId));
    return authorize.authorizationResponse(res, request, { code });
  }

  const revokeGrants = (grantIds) => Promise.all(grantIds.map((grantId) => store.revokeGrant(grantId)));

  return router;
}

/** CSRF: a form of another site has no name of a page that waits in this session. */
const answersPage =
  (...steps) =>
  (req, res, next) => {
    req.waiting = findWaiting(req, steps);
    if (req.waiting) return next();
    return sendPage(res, errorPage('This page is too old. Go back to the app and start again.'), 400);
  };

module.exports = { createAuthorizationEndpoint, prompts };
