import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';

/**
 * Unmodified libraries against the server of the first argument: discover, log in, refresh, introspect, revoke. Prints what
 * each of them saw.
 */
const { issuer, redirectUri, secret } = JSON.parse(process.argv[2]);
const insecure = { [oauth.allowInsecureRequests]: true };

/** The browser of a user who is signed in. */
async function visit(url) {
  const { headers } = await fetch(url, { redirect: 'manual' });
  return new URL(headers.get('location'));
}

async function useOauth4webapi() {
  const url = new URL(issuer);
  const discovered = await oauth.discoveryRequest(url, { algorithm: 'oauth2', ...insecure });
  const as = await oauth.processDiscoveryResponse(url, discovered);
  const client = { client_id: 'web' };
  const authentication = oauth.ClientSecretBasic(secret);
  const verifier = oauth.generateRandomCodeVerifier();
  const asked = new URL(as.authorization_endpoint);
  asked.search = new URLSearchParams({
    client_id: 'web',
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid read:notes offline_access',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state: 'a state',
  });
  // Demands iss, because the metadata announces it.
  const parameters = oauth.validateAuthResponse(as, client, await visit(asked), 'a state');
  const form = [as, client, authentication];
  const answered = await oauth.authorizationCodeGrantRequest(...form, parameters, redirectUri, verifier, insecure);
  const first = await oauth.processAuthorizationCodeResponse(as, client, answered);
  const refreshed = await oauth.refreshTokenGrantRequest(...form, first.refresh_token, insecure);
  const tokens = await oauth.processRefreshTokenResponse(as, client, refreshed);

  const api = { client_id: 'api' };
  const introspect = async () => {
    const response = await oauth.introspectionRequest(as, api, authentication, tokens.access_token, insecure);
    return oauth.processIntrospectionResponse(as, api, response);
  };
  const before = await introspect();
  const revoked = await oauth.revocationRequest(...form, tokens.refresh_token, insecure);
  await oauth.processRevocationResponse(revoked);
  const after = await introspect();
  const late = await oauth.refreshTokenGrantRequest(...form, tokens.refresh_token, insecure);
  const error = await oauth.processRefreshTokenResponse(as, client, late).catch((thrown) => thrown.error);
  return { before, after, error };
}

async function useOpenidClient() {
  const url = new URL(issuer);
  const options = { execute: [openid.allowInsecureRequests] };
  const discover = (id) => openid.discovery(url, id, undefined, openid.ClientSecretBasic(secret), options);
  const config = await discover('web');
  const verifier = openid.randomPKCECodeVerifier();
  const asked = openid.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: 'openid read:notes offline_access',
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  const first = await openid.authorizationCodeGrant(config, await visit(asked), { pkceCodeVerifier: verifier });
  const tokens = await openid.refreshTokenGrant(config, first.refresh_token);
  const api = await discover('api');
  const before = await openid.tokenIntrospection(api, tokens.access_token);
  await openid.tokenRevocation(config, tokens.access_token);
  const after = await openid.tokenIntrospection(api, tokens.access_token);
  const error = await openid.refreshTokenGrant(config, tokens.refresh_token).catch((thrown) => thrown.error);
  return { before, after, error };
}

console.log(JSON.stringify({ oauth4webapi: await useOauth4webapi(), 'openid-client': await useOpenidClient() }));
