// A client by hand: PKCE, DPoP proofs, a code by a hidden frame or a window, and the token request.
import { base64url, sha256, thumbprint } from './decode.mjs';
import { exchangeOf } from './live.mjs';

const clientId = 'by-hand';
const { origin } = location;
export const redirectUri = `${origin}/`;
export const tokenEndpoint = `${origin}/oauth/token`;
export const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

export async function createKey() {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
  const { crv, kty, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey);
  const jwk = { crv, kty, x, y };
  return { ...pair, jwk, jkt: await thumbprint(jwk) };
}

export async function createPkce() {
  const verifier = random();
  return { verifier, challenge: await sha256(verifier) };
}

/** A DPoP proof (RFC 9449 §4.2). `signWith` is for a thief who has the public key only. */
export async function createProof({ key, method, url, nonce, accessToken, signWith = key }) {
  const encode = (value) => base64url(new TextEncoder().encode(JSON.stringify(value)));
  const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: key.jwk };
  const claims = { jti: crypto.randomUUID(), htm: method, htu: url, iat: Math.floor(Date.now() / 1000) };
  if (nonce) claims.nonce = nonce;
  if (accessToken) claims.ath = await sha256(accessToken);
  const signed = `${encode(header)}.${encode(claims)}`;
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
  return `${signed}.${base64url(await crypto.subtle.sign(algorithm, signWith.privateKey, new TextEncoder().encode(signed)))}`;
}

/** Asks for a code: silently, and where that is not enough in a window. */
export async function askForCode({ challenge, isSilent = false }) {
  const answer = await authorize(challenge, openFrame, { prompt: 'none' });
  const needsUser = /^(?:login|consent|interaction)_required$/.test(answer.error);
  if (!needsUser || isSilent) return answer;
  return authorize(challenge, openWindow);
}

async function authorize(challenge, openPlace, more = {}) {
  const state = random();
  const parameters = {
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    response_mode: 'web_message',
    scope: 'openid profile offline_access read:notes',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    state,
    nonce: random(),
    ...more,
  };
  const place = openPlace(`${origin}/authorize?${new URLSearchParams(parameters)}`);
  try {
    const answer = await receive(place);
    if (answer.state !== state) throw new Error('The answer is for another request');
    return answer;
  } finally {
    place.close();
  }
}

function openFrame(url) {
  const frame = document.createElement('iframe');
  Object.assign(frame, { src: url, hidden: true, title: 'Silent authentication' });
  document.body.append(frame);
  return { source: () => frame.contentWindow, isClosed: () => false, close: () => frame.remove() };
}

function openWindow(url) {
  const popup = window.open(url, 'demo-sign-in', 'popup,width=460,height=760');
  if (!popup) throw new Error('The browser blocked the window. Allow it, or sign in above first.');
  return { source: () => popup, isClosed: () => popup.closed, close: () => popup.close() };
}

/** The one message of this window or frame, from our own origin. */
function receive({ source, isClosed }) {
  return new Promise((resolve, reject) => {
    const onMessage = ({ origin: from, source: sender, data }) => {
      if (from !== origin || sender !== source() || data?.type !== 'authorization_response') return;
      end();
      resolve(data.response);
    };
    const timer = setInterval(() => {
      if (!isClosed()) return;
      end();
      reject(new Error('The window was closed.'));
    }, 300);
    const end = () => {
      clearInterval(timer);
      removeEventListener('message', onMessage);
    };
    addEventListener('message', onMessage);
  });
}

/** A request, and its recording. */
async function send(url, options) {
  const answer = await fetch(url, options);
  const body = await answer.json();
  const exchange = await exchangeOf(Number(answer.headers.get('X-Demo-Exchange')));
  return { status: answer.status, body, exchange, nonce: answer.headers.get('DPoP-Nonce') };
}

export async function tokenRequest(parameters, proof) {
  return send(tokenEndpoint, {
    method: 'POST',
    headers: proof === undefined ? {} : { DPoP: proof },
    body: new URLSearchParams({ client_id: clientId, ...parameters }),
  });
}

export async function apiRequest(path, accessToken, key) {
  const url = `${origin}${path}`;
  const headers = key
    ? { Authorization: `DPoP ${accessToken}`, DPoP: await createProof({ key, method: 'GET', url, accessToken }) }
    : { Authorization: `Bearer ${accessToken}` };
  return send(url, { headers });
}

export const codeParameters = ({ code, verifier, redirect = redirectUri }) => ({
  grant_type: 'authorization_code',
  code,
  code_verifier: verifier,
  redirect_uri: redirect,
});

/** A client with a key and a nonce, as every sane client keeps them. */
export async function createDpopClient() {
  const key = await createKey();
  let nonce;
  const withProof = async (parameters, more = {}) => {
    const proof = await createProof({ key, method: 'POST', url: tokenEndpoint, nonce, ...more });
    const answer = await tokenRequest(parameters, proof);
    nonce = answer.nonce ?? nonce;
    return answer;
  };
  return { key, withProof, nonce: () => nonce };
}

/** A code and its verifier; throws what kept it from coming. */
export async function freshCode() {
  const { verifier, challenge } = await createPkce();
  const { code, error, error_description } = await askForCode({ challenge });
  if (error) throw new Error(`${error}: ${error_description}`);
  return { code, verifier };
}
