// A whole authorization server for a browser to try: npm run demo
const { createServer } = require('node:http');
const express = require('express');
const { createAccessTokenCheck } = require('./access-token');
const { createAuthorizationEndpoint } = require('./authorize');
const { host, isSecure, issuer, origin, port } = require('./configuration');
const { createDiscovery } = require('./discovery');
const { createLogout } = require('./logout');
const { errorPage, sendPage } = require('./pages');
const { createSessions } = require('./sessions');
const { createSite } = require('./site');
const { openStore } = require('./store');
const { createTokens } = require('./tokens');
const { createUserinfo } = require('./userinfo');
const users = require('./users');
const { createWatch } = require('./watch');

async function start() {
  const { name, store, close } = await openStore();
  await users.ready;
  const watch = createWatch();
  const tokens = createTokens({ store, allowedOrigins: [origin], onOutcome: watch.onOutcome });
  const { tokenRouter, revocationRouter, jwks } = tokens;
  const checkAccessToken = createAccessTokenCheck({ store, jwks });

  const app = express();
  app.disable('x-powered-by');
  if (isSecure) app.set('trust proxy', 1);
  app.use(checkHost, watch.record);
  app.use(tokenRouter, revocationRouter, createDiscovery(tokens), createUserinfo({ checkAccessToken }), watch.router);
  app.use(createSite(watch));
  app.use(createSessions(), createAuthorizationEndpoint({ store }), createLogout({ store, jwks }));
  app.use((_req, res) => sendPage(res, errorPage('There is nothing at this address.'), 404));
  app.use((error, _req, res, _next) => {
    const status = error.status ?? 500; // What body-parser refuses has one.
    if (status >= 500) console.error(error);
    sendPage(res, errorPage(status >= 500 ? 'The server has a fault.' : 'The request is malformed.'), status);
  });

  const server = createServer(app);
  server.on('error', explain);
  server.listen(port, host, () => {
    console.log(`Open ${issuer} in a browser. Store: ${name}. Ctrl-C ends it.`);
  });
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      // Requests in flight are answered first: a code that is spent brings its tokens.
      server.close(() => close());
      watch.end();
      setInterval(() => server.closeIdleConnections(), 100).unref();
      setTimeout(() => server.closeAllConnections(), 20_000).unref();
    });
  }
}

/** One name only: the issuer's. Keeps out pages that point a name of their own at this machine (DNS rebinding). */
function checkHost(req, res, next) {
  if (req.headers.host === new URL(issuer).host) return next();
  if (req.method === 'GET' && req.path === '/') return res.redirect(302, issuer);
  return res.status(421).type('text').send(`This server is ${issuer}`);
}

function explain(error) {
  if (error.code === 'EADDRINUSE') console.error(`Port ${port} is taken. Choose another one: PORT=3001 npm run demo`);
  else console.error(error.message ?? error);
  process.exit(1);
}

start().catch(explain);
