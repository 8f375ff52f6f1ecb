// The client of the MCP SDK, unmodified, against the server of this folder: connect, be refused, log in, call a tool, refresh, revoke.
const { Client, StreamableHTTPClientTransport, UnauthorizedError, auth } = require('@modelcontextprotocol/client');
const { openBrowser } = require('./browser.js');

/** What an app keeps for the SDK. */
function createProvider({ client, redirectUrl, print }) {
  const kept = {};
  return {
    kept,
    redirectUrl,
    clientMetadata: {
      client_name: 'Demo',
      redirect_uris: [redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
    },
    clientInformation: () => ({ ...client, issuer: new URL(redirectUrl).origin }),
    tokens: () => kept.tokens,
    saveTokens(tokens) {
      kept.tokens = tokens;
    },
    codeVerifier: () => kept.verifier,
    saveCodeVerifier(verifier) {
      kept.verifier = verifier;
    },
    discoveryState: () => kept.discovery,
    saveDiscoveryState(discovery) {
      kept.discovery = discovery;
    },
    async redirectToAuthorization(url) {
      print(`GET ${url.origin}${url.pathname}, for the resource ${url.searchParams.get('resource')}`);
      kept.callback = (await openBrowser(url)).searchParams;
    },
  };
}

async function makeRoundTrip({ mcpUrl, client: app, redirectUrl, print = console.log }) {
  const provider = createProvider({ client: app, redirectUrl, print });
  const connect = async () => {
    const transport = new StreamableHTTPClientTransport(mcpUrl, { authProvider: provider });
    const client = new Client({ name: 'demo', version: '1.0.0' });
    try {
      await client.connect(transport);
      return client;
    } catch (thrown) {
      if (!(thrown instanceof UnauthorizedError)) throw thrown;
      await transport.finishAuth(provider.kept.callback);
      print('The code was redeemed. The token is for the MCP server, and the answer named its issuer.');
      return connect();
    }
  };
  const callTool = async (client) => {
    const { content } = await client.callTool({ name: 'whoami', arguments: {} });
    print(`The tool says: ${content[0].text}`);
  };

  const client = await connect();
  await callTool(client);
  const { refresh_token: first } = provider.kept.tokens;
  await auth(provider, { serverUrl: mcpUrl });
  print(`Refreshed: ${first !== provider.kept.tokens.refresh_token}`);
  await callTool(client);
  await client.close();

  const { revocation_endpoint: url } = provider.kept.discovery.authorizationServerMetadata;
  const body = new URLSearchParams({ token: provider.kept.tokens.refresh_token, ...app });
  const { status } = await fetch(url, { method: 'POST', body });
  const headers = { authorization: `Bearer ${provider.kept.tokens.access_token}` };
  const refused = await fetch(mcpUrl, { method: 'POST', headers });
  print(`Revoked: ${status}. The access token is refused: ${refused.status}`);
}

module.exports = { makeRoundTrip };
