// The client of the SDK 1.x, unmodified, against examples/mcp: connect, be refused, log in, call a tool.
const { Client } = require('@modelcontextprotocol/sdk/client/index.js');
const { StreamableHTTPClientTransport } = require('@modelcontextprotocol/sdk/client/streamableHttp.js');
const sdk = require('@modelcontextprotocol/sdk/client/auth.js');

const { openBrowser } = require('../../examples/mcp/browser.js');

const serverUrl = new URL(process.argv[2]);
const redirectUrl = 'http://127.0.0.1:9/callback';
const kept = {};
const authProvider = {
  redirectUrl,
  clientMetadata: {
    redirect_uris: [redirectUrl],
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'none',
    scope: 'mcp:tools offline_access',
  },
  clientInformation: () => ({ client_id: 'demo' }),
  tokens: () => kept.tokens,
  saveTokens(tokens) {
    kept.tokens = tokens;
  },
  codeVerifier: () => kept.verifier,
  saveCodeVerifier(verifier) {
    kept.verifier = verifier;
  },
  async redirectToAuthorization(url) {
    kept.code = (await openBrowser(url)).searchParams.get('code');
  },
};

async function connect() {
  const transport = new StreamableHTTPClientTransport(serverUrl, { authProvider });
  const client = new Client({ name: 'spec', version: '1.0.0' });
  try {
    await client.connect(transport);
    return client;
  } catch (thrown) {
    if (!(thrown instanceof sdk.UnauthorizedError)) throw thrown;
    await transport.finishAuth(kept.code);
    return connect();
  }
}

async function main() {
  const client = await connect();
  const { content } = await client.callTool({ name: 'whoami', arguments: {} });
  await client.close();
  console.log(JSON.stringify({ said: content[0].text, scope: kept.tokens.scope }));
}

main();
