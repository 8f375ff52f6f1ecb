// An app that signs its users in with passport and express-session, and issues codes from that session.
const { generateKeyPairSync, randomBytes } = require('node:crypto');
const express = require('express');
const { rateLimit } = require('express-rate-limit');
const session = require('express-session');
const passport = require('passport');
const { Strategy } = require('passport-local');
const { createTokenRouter } = require('express-token-router');
const authorize = require('express-token-router/authorize');
const { memoryCodes } = require('express-token-router/memory');
const { createTokenIssuer } = require('express-token-router/tokens');

const issuer = `http://localhost:${process.env.PORT ?? 3000}`;
const clients = new Map([['demo', { clientId: 'demo', redirectUris: [`${issuer}/callback`] }]]);
const app = express();

// The app as it was: a session, and passport that checks a password.
const cookie = { httpOnly: true, sameSite: 'lax', secure: 'auto' };
app.use(session({ secret: randomBytes(32).toString('hex'), resave: false, saveUninitialized: false, cookie }));
app.use(passport.session());
passport.use(new Strategy((id, password, done) => done(null, id === 'ann' && password === 'secret' && { id })));
passport.serializeUser((user, done) => done(null, user.id));
passport.deserializeUser((id, done) => done(null, { id }));

// What turns it into an authorization server: the checked request, the code, the answer.
const { saveCode, findCode, consumeCode, revokeTokens, isRevoked } = memoryCodes();

app.get('/authorize', async (req, res) => {
  const parsed = await authorize.parseAuthorizationRequest(req.query, {
    findClient: (clientId) => clients.get(clientId),
    issuer,
    scopes: ['openid', 'read:demo'],
    audiences: [`${issuer}/api`],
  });
  if (parsed.kind === 'page') return res.status(parsed.status).type('text').send(parsed.error.error_description);
  if (parsed.kind === 'redirect') return authorize.authorizationResponse(res, parsed.request, parsed.error);

  const { request } = parsed;
  const authTime = req.user && new Date(req.session.signedInAt);
  if (!authorize.needsLogin(request, authTime)) return sendCode(req, res, request);
  if (authorize.isSilent(request)) return authorize.authorizationResponse(res, request, authorize.loginRequired);
  req.session.request = request;
  return res.redirect(303, '/login');
});

async function sendCode(req, res, request) {
  const code = randomBytes(32).toString('base64url');
  const authTime = new Date(req.session.signedInAt);
  await saveCode(code, authorize.codeRecordOf(request, { userId: req.user.id, authTime }));
  authorize.authorizationResponse(res, request, { code });
}

const form = `<!DOCTYPE html><title>Sign in</title><form method="post"><input name="username" placeholder="ann" autofocus>
<input name="password" type="password" placeholder="secret"><button>Sign in</button></form>`;
app.get('/login', (_req, res) => res.set('Content-Security-Policy', "frame-ancestors 'none'").send(form));

// No login CSRF: another site's form brings no cookie (SameSite); a neighbour's, of the same site, names its own origin.
const isOwnForm = (req) => req.session.request && [undefined, issuer].includes(req.get('origin'));
// The app is answered by 303 or 200 (form_post), a wrong password by 302. Not by req.user: who guesses may have one.
const wasRight = (_req, res) => [200, 303].includes(res.statusCode);
app.post(
  '/login',
  (req, res, next) => (isOwnForm(req) ? next() : res.status(400).type('text').send('Begin at the app again')),
  rateLimit({ windowMs: 60_000, limit: 10, skipSuccessfulRequests: true, requestWasSuccessful: wasRight }),
  express.urlencoded(),
  // A fresh session id for whoever signs in: passport sees to that, and keeps the request.
  passport.authenticate('local', { failureRedirect: '/login', keepSessionInfo: true }),
  (req, res) => {
    const { request } = req.session;
    delete req.session.request;
    req.session.signedInAt = Date.now();
    return sendCode(req, res, request);
  },
);

const { issueTokens, jwks } = createTokenIssuer({
  issuer,
  keys: [{ privateKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey }],
  apis: [{ identifier: `${issuer}/api`, lifetime: 3600, scopes: ['read:demo'] }],
  isRevoked: ({ code }) => isRevoked(code.grantId),
});
app.use(createTokenRouter({ findCode, consumeCode, revokeTokens, issueTokens }));
app.get('/.well-known/jwks.json', (_req, res) => res.json(jwks()));

// Stands for the client, which redeems what comes here. The verifier is the one of RFC 7636, appendix B.
app.get('/callback', (req, res) => res.json(req.query));
const client = `client_id=demo&redirect_uri=${issuer}/callback`;
const challenge = 'code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256';
const verifier = 'code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const server = app.listen(Number(new URL(issuer).port), '127.0.0.1').once('listening', () => {
  console.log(`Sign in: ${issuer}/authorize?${client}&response_type=code&scope=openid&${challenge}`);
  console.log(`Redeem: curl ${issuer}/oauth/token -d '${client}&${verifier}&grant_type=authorization_code' -d code=`);
  console.log('Ctrl-C ends it.');
});
const end = () => {
  server.close(); // Requests in flight are answered first.
  setInterval(() => server.closeIdleConnections(), 100).unref();
};
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, end);
