import * as client from 'openid-client';
import { callback, login, redeemTwice } from './login.mjs';

const METHODS = {
  none: async () => client.None(),
  client_secret_basic: async ({ secret }) => client.ClientSecretBasic(secret),
  client_secret_post: async ({ secret }) => client.ClientSecretPost(secret),
  async private_key_jwt({ jwk, kid }) {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
    return client.PrivateKeyJwt({ key: await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign']), kid });
  },
};

await redeemTwice(async (credential) => {
  const { issuer, tokenEndpoint, clientId, codeVerifier } = login;
  const authentication = await METHODS[login.method](credential);
  const server = { issuer, token_endpoint: tokenEndpoint };
  const config = new client.Configuration(server, credential.clientId ?? clientId, undefined, authentication);
  client.allowInsecureRequests(config);
  return client.authorizationCodeGrant(config, callback, { pkceCodeVerifier: codeVerifier });
});
