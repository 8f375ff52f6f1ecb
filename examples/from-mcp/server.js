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
      return { clientId: client.client_id, redirectUri: params.redirectUri, expiresAt: new Date(expiresAt) };
    },
  }),
);
app.use(mcpAuthRouter({ provider, issuerUrl: new URL(issuer), scopesSupported: ['mcp:tools'] }));

app.listen(port, '127.0.0.1', async () => {
  await makeRoundTrip({ issuer });
  console.log('Ctrl-C ends it.');
});
