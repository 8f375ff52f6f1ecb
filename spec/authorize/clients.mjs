import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';

/**
 * Unmodified clients log in at the issuer that standard input names, each case over HTTP: prints of each what the client got.
 * The server signs a user in at once.
 */
const { issuer, redirectUri, cases } = JSON.parse(await new Response(process.stdin).text());
const insecure = { [oauth.allowInsecureRequests]: true };
const as = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/oauth/token`,
  jwks_uri: `${issuer}/jwks`,
  authorization_response_iss_parameter_supported: true,
};

/** The URL that the browser is sent to; the fields of the form where the answer is posted. */
async function browse(url) {
  const answer = await fetch(url, { redirect: 'manual' });
  const location = answer.headers.get('location');
  if (location !== null) return new URL(location);
  const text = (await answer.text()).replaceAll('&amp;', '\u0000');
  const fields = [...text.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [
    name,
    value.replaceAll('\u0000', '&'),
  ]);
  return new URL(`${redirectUri}?${new URLSearchParams(fields)}`);
}

const parameters = (codeChallenge, more) =>
  new URLSearchParams({
    client_id: 'spa',
    redirect_uri: redirectUri,
    response_type: 'code',
    code_challenge: codeChallenge,
    code_challenge_method: 'S256',
    state: 'a state & more',
    nonce: 'a nonce',
    ...more,
  });

const CLIENTS = {
  async oauth4webapi({ more, server = as }) {
    const verifier = oauth.generateRandomCodeVerifier();
    const challenge = await oauth.calculatePKCECodeChallenge(verifier);
    const url = await browse(`${as.authorization_endpoint}?${parameters(challenge, more)}`);
    const client = { client_id: 'spa' };
    const answer = oauth.validateAuthResponse(server, client, url.searchParams, 'a state & more');
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      oauth.None(),
      answer,
      redirectUri,
      verifier,
      insecure,
    );
    const options = { expectedNonce: 'a nonce', ...(more.max_age !== undefined && { maxAge: Number(more.max_age) }) };
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, options);
    return oauth.getValidatedIdTokenClaims(tokens);
  },

  async 'openid-client'({ more, server = as }) {
    const config = new openid.Configuration(server, 'spa', undefined, openid.None());
    openid.allowInsecureRequests(config);
    const pkceCodeVerifier = openid.randomPKCECodeVerifier();
    const challenge = await openid.calculatePKCECodeChallenge(pkceCodeVerifier);
    const url = await browse(openid.buildAuthorizationUrl(config, parameters(challenge, more)));
    const tokens = await openid.authorizationCodeGrant(config, url, {
      pkceCodeVerifier,
      expectedState: 'a state & more',
      expectedNonce: 'a nonce',
      ...(more.max_age !== undefined && { maxAge: Number(more.max_age) }),
    });
    return tokens.claims();
  },
};

const results = [];
for (const { client, more, otherIssuer } of cases) {
  const server = otherIssuer === undefined ? as : { ...as, issuer: otherIssuer };
  const got = await CLIENTS[client]({ more, server }).catch((thrown) => thrown);
  const { sub, auth_time, error, error_description, message, cause } = got;
  results.push({ sub, auth_time, error, error_description, message: `${message}; ${cause?.message}` });
}
console.log(JSON.stringify(results));
