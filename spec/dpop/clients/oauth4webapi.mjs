import * as oauth from 'oauth4webapi';
import { finish, login } from './login.mjs';

const { issuer, tokenEndpoint, clientId, redirectUri, codeVerifier, callback, algorithm } = login;
const server = { issuer, token_endpoint: tokenEndpoint };
const client = { client_id: clientId };
const DPoP = oauth.DPoP(client, await oauth.generateKeyPair(algorithm));
const parameters = oauth.validateAuthResponse(server, client, callback, oauth.expectNoState);

const redeem = async () => {
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.None(),
    parameters,
    redirectUri,
    codeVerifier,
    { DPoP, [oauth.allowInsecureRequests]: true },
  );
  return oauth.processAuthorizationCodeResponse(server, client, response);
};

finish(
  await redeem().catch((error) => {
    if (oauth.isDPoPNonceError(error)) return redeem();
    throw error;
  }),
);
