// The client of the SDK 1.x, unmodified, against examples/mcp: connect, be refused, log in, call a tool.
const { Client } = require('@modelcontextprotocol/sdk/client/index.js');
const { StreamableHTTPClientTransport } = require('@modelcontextprotocol/sdk/client/streamableHttp.js');
const { UnauthorizedError } = require('@modelcontextprotocol/sdk/client/auth.js');

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
    const page = await fetch(url);
    const [, id] = /name="id" value="([^"]+)"/.exec(await page.text());
    const cookie = page.headers.get('set-cookie').split(';')[0];
    const body = new URLSearchParams({ id, decision: 'allow' });
    const init = { method: 'POST', headers: { cookie }, body, redirect: 'manual' };
    const answer = await fetch(new URL('/decide', url), init);
    kept.code = new URL(answer.headers.get('location')).searchParams.get('code');
  },
};

async function connect() {
  const transport = new StreamableHTTPClientTransport(serverUrl, { authProvider });
  const client = new Client({ name: 'spec', version: '1.0.0' });
  try {
    await client.connect(transport);
    return client;
  } catch (thrown) {
    if (!(thrown instanceof UnauthorizedError)) throw thrown;
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
