import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';
import { validate as validateHash } from 'oidc-token-hash';

/**
 * A client (oauth4webapi) and a resource server (jose) that redeem and refresh, each case over HTTP: reads the cases from
 * standard input and prints of each what the client got.
 */
const { issuer, api, redirectUri, codeVerifier, cases } = JSON.parse(await new Response(process.stdin).text());
const insecure = { [oauth.allowInsecureRequests]: true };
const keySets = new Map();

async function redeem({ origin, alg, code, nonce, audience = api }) {
  const as = { issuer, token_endpoint: `${origin}/oauth/token`, jwks_uri: `${origin}/jwks` };
  const client = { client_id: 'spa', id_token_signed_response_alg: alg };
  const parameters = oauth.validateAuthResponse(as, client, new URLSearchParams({ code }), oauth.expectNoState);
  const response = await oauth.authorizationCodeGrantRequest(
    as,
    client,
    oauth.None(),
    parameters,
    redirectUri,
    codeVerifier,
    insecure,
  );
  const expectedNonce = nonce ?? oauth.expectNoNonce;
  const first = await oauth.processAuthorizationCodeResponse(as, client, response, { expectedNonce });
  const answers = [await read(as, first, { alg, audience })];
  if (first.refresh_token !== undefined) {
    const refreshed = await oauth.refreshTokenGrantRequest(as, client, oauth.None(), first.refresh_token, insecure);
    const second = await oauth.processRefreshTokenResponse(as, client, refreshed);
    answers.push(await read(as, second, { alg, audience }));
  }
  return answers;
}

async function read({ jwks_uri }, tokens, { alg, audience }) {
  if (!keySets.has(jwks_uri)) keySets.set(jwks_uri, createRemoteJWKSet(new URL(jwks_uri)));
  const keys = keySets.get(jwks_uri);
  const { payload: access } = await jwtVerify(tokens.access_token, keys, {
    issuer,
    audience,
    algorithms: [alg],
    typ: 'at+jwt',
    requiredClaims: ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'],
  });
  if (tokens.id_token === undefined) return { tokens, access };
  const { payload: id } = await jwtVerify(tokens.id_token, keys, {
    issuer,
    audience: 'spa',
    algorithms: [alg],
    requiredClaims: ['iss', 'sub', 'aud', 'exp', 'iat', 'at_hash'],
  });
  validateHash({ claim: 'at_hash', source: 'access_token' }, id.at_hash, tokens.access_token, alg, 'Ed25519');
  return { tokens, access, id };
}

const results = [];
for (const each of cases) {
  try {
    results.push({ answers: await redeem(each) });
  } catch (thrown) {
    results.push({ error: `${thrown.stack}${thrown.cause ? `\n${JSON.stringify(thrown.cause)}` : ''}` });
  }
}
console.log(JSON.stringify(results));
