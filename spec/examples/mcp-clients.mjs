import * as client from '@modelcontextprotocol/client';
import * as sdk from '@modelcontextprotocol/sdk/client/auth.js';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import mcpBrowser from '../../examples/mcp/browser.js';

/**
 * Unmodified clients against examples/mcp, at the issuer of the first argument: each one discovers, logs in, refreshes, introspects
 * and revokes, and prints what it saw. `byHand` is what its library has no function for: a request as fetch sends it.
 */
const { issuer, secret } = JSON.parse(process.argv[2]);
const { openBrowser } = mcpBrowser;
const resource = new URL('/mcp', issuer);
const redirectUri = 'http://127.0.0.1:9/callback';
const scope = 'mcp:tools offline_access';

const errorOf = (thrown) => thrown.error ?? thrown.errorCode ?? thrown.code ?? thrown.message;
const audienceOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).aud;

/** The steps in their order: the same for all. */
async function walk({ logIn, refresh, introspect, revoke }) {
  const first = await logIn();
  const tokens = await refresh(first.refresh_token);
  const before = await introspect(tokens.access_token);
  await revoke(tokens.refresh_token);
  const late = await refresh(tokens.refresh_token).then(() => 'refreshed', errorOf);
  return {
    audiences: [audienceOf(first.access_token), audienceOf(tokens.access_token)],
    isRotated: first.refresh_token !== tokens.refresh_token,
    before,
    after: await introspect(tokens.access_token),
    late,
  };
}

async function useOauth4webapi() {
  const insecure = { [oauth.allowInsecureRequests]: true };
  const url = new URL(issuer);
  const asked = await oauth.discoveryRequest(url, { algorithm: 'oauth2', ...insecure });
  const as = await oauth.processDiscoveryResponse(url, asked);
  const demo = { client_id: 'demo' };
  const form = [as, demo, oauth.None()];
  const server = [as, { client_id: 'mcp-server' }];
  const verifier = oauth.generateRandomCodeVerifier();
  return walk({
    async logIn() {
      const at = new URL(as.authorization_endpoint);
      at.search = new URLSearchParams({
        client_id: 'demo',
        redirect_uri: redirectUri,
        response_type: 'code',
        scope,
        resource,
        state: 'a state',
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      });
      // Demands iss, because the metadata announces it.
      const parameters = oauth.validateAuthResponse(as, demo, await openBrowser(at), 'a state');
      const more = { ...insecure, additionalParameters: { resource: resource.href } };
      const answer = await oauth.authorizationCodeGrantRequest(...form, parameters, redirectUri, verifier, more);
      return oauth.processAuthorizationCodeResponse(as, demo, answer);
    },
    async refresh(token) {
      const answer = await oauth.refreshTokenGrantRequest(...form, token, insecure);
      return oauth.processRefreshTokenResponse(as, demo, answer);
    },
    async introspect(token) {
      const answer = await oauth.introspectionRequest(...server, oauth.ClientSecretBasic(secret), token, insecure);
      return oauth.processIntrospectionResponse(...server, answer);
    },
    async revoke(token) {
      await oauth.processRevocationResponse(await oauth.revocationRequest(...form, token, insecure));
    },
  });
}

async function useOpenidClient() {
  const options = { algorithm: 'oauth2', execute: [openid.allowInsecureRequests] };
  const discover = (id, authentication) => openid.discovery(new URL(issuer), id, undefined, authentication, options);
  const config = await discover('demo', openid.None());
  const server = await discover('mcp-server', openid.ClientSecretBasic(secret));
  return walk({
    async logIn() {
      const pkceCodeVerifier = openid.randomPKCECodeVerifier();
      const asked = openid.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope,
        resource: resource.href,
        code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: 'S256',
      });
      return openid.authorizationCodeGrant(config, await openBrowser(asked), { pkceCodeVerifier });
    },
    refresh: (token) => openid.refreshTokenGrant(config, token, { resource: resource.href }),
    introspect: (token) => openid.tokenIntrospection(server, token),
    revoke: (token) => openid.tokenRevocation(config, token),
  });
}

/** Both SDKs of MCP have the same functions, and none for introspection and revocation. */
async function useMcp(library) {
  const { authorization_servers: servers } = await library.discoverOAuthProtectedResourceMetadata(resource.href);
  const [url] = servers;
  const metadata = await library.discoverAuthorizationServerMetadata(url);
  const shared = { metadata, clientInformation: { client_id: 'demo' }, resource };
  const send = async (endpoint, body, headers = {}) => {
    const answer = await fetch(endpoint, { method: 'POST', headers, body: new URLSearchParams(body) });
    if (!answer.ok) throw new Error(`${endpoint} answered ${answer.status}`);
    return answer;
  };
  const seen = await walk({
    async logIn() {
      const asked = await library.startAuthorization(url, { ...shared, redirectUrl: redirectUri, scope });
      const { searchParams } = await openBrowser(asked.authorizationUrl);
      return library.exchangeAuthorization(url, {
        ...shared,
        authorizationCode: searchParams.get('code'),
        codeVerifier: asked.codeVerifier,
        redirectUri,
        iss: searchParams.get('iss'),
      });
    },
    refresh: (refreshToken) => library.refreshAuthorization(url, { ...shared, refreshToken }),
    async introspect(token) {
      const authorization = `Basic ${Buffer.from(`mcp-server:${secret}`).toString('base64')}`;
      return (await send(metadata.introspection_endpoint, { token }, { authorization })).json();
    },
    revoke: (token) => send(metadata.revocation_endpoint, { token, client_id: 'demo' }),
  });
  return { ...seen, byHand: ['introspect', 'revoke'] };
}

console.log(
  JSON.stringify({
    oauth4webapi: await useOauth4webapi(),
    'openid-client': await useOpenidClient(),
    '@modelcontextprotocol/client': await useMcp(client),
    '@modelcontextprotocol/sdk': await useMcp(sdk),
  }),
);
