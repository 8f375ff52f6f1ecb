import { exchangeAuthorization } from '@modelcontextprotocol/sdk/client/auth.js';
import { createPrivateKeyJwtAuth } from '@modelcontextprotocol/sdk/client/auth-extensions.js';
import { login, redeemTwice } from './login.mjs';

const { issuer, tokenEndpoint, method, clientId, code, codeVerifier, redirectUri } = login;
const metadata = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: tokenEndpoint,
  response_types_supported: ['code'],
  token_endpoint_auth_methods_supported: [method],
};

await redeemTwice(({ secret, pem, clientId: other = clientId }) =>
  exchangeAuthorization(issuer, {
    metadata,
    clientInformation: { client_id: other, ...(secret && { client_secret: secret }) },
    authorizationCode: code,
    codeVerifier,
    redirectUri,
    iss: issuer,
    ...(pem && {
      addClientAuthentication: createPrivateKeyJwtAuth({
        issuer: other,
        subject: other,
        privateKey: pem,
        alg: 'ES256',
      }),
    }),
  }),
);
