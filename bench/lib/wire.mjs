/** What all rigs agree on. */
export const PATH = '/oauth/token';
export const HOST = 'auth.example';
export const HTU = `http://${HOST}${PATH}`;
export const ISSUER = 'https://auth.example/';
export const AUDIENCE = 'https://api.example/';
export const CLIENT_ID = 'spa';
export const REDIRECT_URI = 'https://app.example/callback';
export const USER = 'user 1';
export const LIFETIME = 3600;

function toParameters({ code, codeVerifier, redirectUri = REDIRECT_URI, refreshToken }) {
  if (refreshToken) return { grant_type: 'refresh_token', client_id: CLIENT_ID, refresh_token: refreshToken };
  return {
    grant_type: 'authorization_code',
    client_id: CLIENT_ID,
    code,
    code_verifier: codeVerifier,
    redirect_uri: redirectUri,
  };
}

/** The bytes of one redemption, of a code or of a refresh token. */
export function createRequest({ proof, isJson = false, ...given }) {
  const parameters = toParameters(given);
  const body = isJson ? JSON.stringify(parameters) : new URLSearchParams(parameters).toString();
  const head = [
    `POST ${PATH} HTTP/1.1`,
    `Host: ${HOST}`,
    `Content-Type: application/${isJson ? 'json' : 'x-www-form-urlencoded'}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(proof === undefined ? [] : [`DPoP: ${proof}`]),
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`, 'latin1');
}
