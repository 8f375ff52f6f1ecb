/**
 * An unmodified MCP client logs in at the server of standard input and refreshes, or gets tokens for itself. Prints of each
 * token request what it sent, and the tokens that it got.
 */
const { library, serverUrl, issuer, redirectUrl, kind, credential, scope } = JSON.parse(process.argv[2]);
const LIBRARIES = {
  'mcp-client': () => import('@modelcontextprotocol/client'),
  async 'mcp-sdk'() {
    const [auth, extensions] = await Promise.all([
      import('@modelcontextprotocol/sdk/client/auth.js'),
      import('@modelcontextprotocol/sdk/client/auth-extensions.js'),
    ]);
    return { ...auth, ...extensions };
  },
};
const { auth, ClientCredentialsProvider, PrivateKeyJwtProvider } = await LIBRARIES[library]();

const sent = [];
const fetchFn = async (url, init) => {
  if (init?.method === 'POST') {
    const form = new URLSearchParams(String(init.body));
    sent.push({ grant: form.get('grant_type'), resource: form.getAll('resource') });
  }
  return fetch(url, init);
};

/** What a host of the client keeps, and the browser that it sends to `/authorize`. */
function createLoginProvider() {
  const kept = {};
  return {
    kept,
    redirectUrl,
    clientMetadata: {
      client_name: 'An MCP client',
      redirect_uris: [redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      scope,
    },
    clientInformation: () => ({ client_id: 'mcp', issuer }),
    saveClientInformation() {},
    tokens: () => kept.tokens,
    saveTokens(tokens) {
      kept.tokens = tokens;
    },
    saveCodeVerifier(verifier) {
      kept.verifier = verifier;
    },
    codeVerifier: () => kept.verifier,
    saveDiscoveryState(state) {
      kept.discovery = state;
    },
    discoveryState: () => kept.discovery,
    async redirectToAuthorization(url) {
      kept.asked = url.searchParams.getAll('resource');
      const { headers } = await fetch(url, { redirect: 'manual' });
      kept.callback = new URL(headers.get('location'));
    },
  };
}

const PROVIDERS = {
  login: createLoginProvider,
  client_secret: () => new ClientCredentialsProvider({ ...credential, expectedIssuer: issuer, scope }),
  private_key_jwt: () => new PrivateKeyJwtProvider({ ...credential, expectedIssuer: issuer, scope }),
};
const provider = PROVIDERS[kind]();
const tokens = [];

async function authorize(more = {}) {
  const result = await auth(provider, { serverUrl, fetchFn, ...more });
  if (result === 'AUTHORIZED') tokens.push(await provider.tokens());
  return result;
}

if (kind === 'login') {
  await authorize();
  const { searchParams } = provider.kept.callback;
  await authorize({ authorizationCode: searchParams.get('code'), iss: searchParams.get('iss') });
  // Each of them refreshes: there is a refresh token.
  await authorize();
  await authorize();
} else {
  await authorize();
}
console.log(JSON.stringify({ asked: provider.kept?.asked, sent, tokens }));
