import * as oauth from 'oauth4webapi';
import { callback, login, redeemTwice } from './login.mjs';

const as = { issuer: login.issuer, token_endpoint: login.tokenEndpoint };
const client = { client_id: login.clientId };
const http = { [oauth.allowInsecureRequests]: true };

const importKey = ({ jwk, kid }) =>
  crypto.subtle
    .importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
    .then((key) => ({ key, kid }));
const METHODS = {
  none: async () => oauth.None(),
  client_secret_basic: async ({ secret }) => oauth.ClientSecretBasic(secret),
  client_secret_post: async ({ secret }) => oauth.ClientSecretPost(secret),
  private_key_jwt: async (credential) => oauth.PrivateKeyJwt(await importKey(credential)),
};

await redeemTwice(async (credential) => {
  const id = { ...client, ...(credential.clientId && { client_id: credential.clientId }) };
  const authentication = await METHODS[login.method](credential);
  const parameters = oauth.validateAuthResponse(as, id, callback, oauth.expectNoState);
  const { redirectUri, codeVerifier } = login;
  const answer = await oauth.authorizationCodeGrantRequest(
    as,
    id,
    authentication,
    parameters,
    redirectUri,
    codeVerifier,
    http,
  );
  return oauth.processAuthorizationCodeResponse(as, id, answer);
});
