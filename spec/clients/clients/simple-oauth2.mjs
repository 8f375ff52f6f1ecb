import { AuthorizationCode } from 'simple-oauth2';
import { login, redeemTwice } from './login.mjs';

const { issuer, tokenEndpoint, method, encoding, clientId, code, codeVerifier, redirectUri } = login;

await redeemTwice(async ({ secret }) => {
  const client = new AuthorizationCode({
    client: { id: clientId, secret },
    auth: { tokenHost: issuer, tokenPath: new URL(tokenEndpoint).pathname },
    options: {
      authorizationMethod: method === 'client_secret_post' ? 'body' : 'header',
      ...(encoding && { credentialsEncodingMode: encoding }),
    },
  });
  const { token } = await client.getToken({ code, code_verifier: codeVerifier, redirect_uri: redirectUri });
  return token;
});
