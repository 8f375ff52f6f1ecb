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

/** The bytes of one redemption. */
export function createRequest({ code, codeVerifier, redirectUri = REDIRECT_URI, proof, isJson = false }) {
  const parameters = {
    grant_type: 'authorization_code',
    client_id: CLIENT_ID,
    code,
    code_verifier: codeVerifier,
    redirect_uri: redirectUri,
  };
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
