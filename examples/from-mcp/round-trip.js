// The client of the MCP SDK, unmodified: discovers, registers, logs in, refreshes. Then a code is redeemed ten times at once.
const sdk = require('@modelcontextprotocol/sdk/client/auth.js');

async function makeRoundTrip({ issuer, print = console.log }) {
  const redirectUrl = 'http://localhost/callback';
  const metadata = await sdk.discoverAuthorizationServerMetadata(issuer);
  const clientMetadata = { redirect_uris: [redirectUrl], token_endpoint_auth_method: 'none' };
  const clientInformation = await sdk.registerClient(issuer, { metadata, clientMetadata });

  const logIn = async () => {
    const asked = { metadata, clientInformation, redirectUrl, scope: 'mcp:tools' };
    const { authorizationUrl, codeVerifier } = await sdk.startAuthorization(issuer, asked);
    const { headers } = await fetch(authorizationUrl, { redirect: 'manual' });
    const authorizationCode = new URL(headers.get('location')).searchParams.get('code');
    return { metadata, clientInformation, authorizationCode, codeVerifier, redirectUri: redirectUrl };
  };

  const tokens = await sdk.exchangeAuthorization(issuer, await logIn());
  print(`The code was redeemed: ${tokens.token_type}, ${tokens.scope}`);
  const refresh = { metadata, clientInformation, refreshToken: tokens.refresh_token };
  const refreshed = await sdk.refreshAuthorization(issuer, refresh);
  print(`Refreshed: ${refreshed.refresh_token !== tokens.refresh_token}`);

  const login = await logIn();
  const ends = await Promise.allSettled(Array.from({ length: 10 }, () => sdk.exchangeAuthorization(issuer, login)));
  print(`Ten requests with one code at once: ${ends.filter(({ status }) => status === 'fulfilled').length} got tokens`);
}

module.exports = { makeRoundTrip };
