// An authorization server on mcpAuthRouter of the MCP SDK, whose token endpoint is the one of this package: one app.use more.
const express = require('express');
const { mcpAuthRouter } = require('@modelcontextprotocol/sdk/server/auth/router.js');
const { memoryCodes, memoryJtis } = require('express-token-router/memory');
const { createTokenRouterFrom } = require('./from-provider.js');
const { Provider } = require('./provider.js');
const { makeRoundTrip } = require('./round-trip.js');

const port = Number(process.env.PORT ?? 3000);
const issuer = `http://localhost:${port}`;
const provider = new Provider();
const app = express();

// Before mcpAuthRouter: it answers POST /token, and the old handler behind it is never reached.
app.use(
  createTokenRouterFrom(provider, {
    codes: memoryCodes(), // Several processes: redisCodes or postgresCodes.
    consumeJti: memoryJtis().consumeJti,
    rotates: true,
    describeCode: async (code) => {
      const { client, params, expiresAt } = provider.codes.get(code);
      const end = expiresAt && { expiresAt: new Date(expiresAt) }; // Your provider may keep no end.
      return { clientId: client.client_id, redirectUri: params.redirectUri, ...end };
    },
  }),
);
app.use(mcpAuthRouter({ provider, issuerUrl: new URL(issuer), scopesSupported: ['mcp:tools'] }));

const server = app.listen(port, '127.0.0.1', async (error) => {
  if (error) throw error;
  await makeRoundTrip({ issuer });
  console.log('Ctrl-C ends it.');
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    // Requests in flight are answered first: a code that is spent brings its tokens.
    server.close();
    setInterval(() => server.closeIdleConnections(), 100).unref();
    setTimeout(() => server.closeAllConnections(), 20_000).unref();
  });
}
