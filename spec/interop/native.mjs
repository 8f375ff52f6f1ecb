import { randomBytes } from 'node:crypto';
import * as dpop from 'dpop';
import * as oauth from 'oauth4webapi';
import { OTHER_VERIFIER, redirectUri, scope, signIn } from './browser.mjs';

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * Requests as Auth0's SDKs for phones send them: their header fields, the order of their parameters, their one retry.
 * `hasNonceChallenge` is how the SDK knows that it has to send the proof again; without it the SDK sends no proof.
 */
const SDKS = {
  'Auth0.Android': {
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'accept-language': 'en_US',
      'auth0-client': base64url({ name: 'Auth0.Android', env: { android: '34' }, version: '3.9.0' }),
      'user-agent': 'okhttp/4.12.0',
    },
    codeForm: (code, verifier) => ({
      client_id: 'native',
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
    }),
    refreshForm: (refresh_token) => ({ client_id: 'native', refresh_token, grant_type: 'refresh_token' }),
    // A 401 counts only with a challenge in WWW-Authenticate, which a token endpoint does not send.
    hasNonceChallenge: (status, { error }) => status === 400 && error === 'use_dpop_nonce',
    retryHeaders: { 'x-internal-retry-count': '1' },
  },
  'Auth0.swift': {
    headers: {
      accept: '*/*',
      'content-type': 'application/json',
      'accept-language': 'en-GB,en;q=0.9',
      'auth0-client': base64url({ name: 'Auth0.swift', env: { iOS: '18.0', swift: '6.x' }, version: '2.13.0' }),
      'user-agent': 'Notes/1 CFNetwork/1568.100.1 Darwin/24.0.0',
    },
    codeForm: (code, verifier) => ({
      code,
      code_verifier: verifier,
      redirect_uri: redirectUri,
      grant_type: 'authorization_code',
      client_id: 'native',
    }),
    refreshForm: (refresh_token) => ({ refresh_token, grant_type: 'refresh_token', client_id: 'native', scope }),
    hasNonceChallenge: (_status, { error }) => error === 'use_dpop_nonce',
  },
  'react-native-auth0': {
    headers: {
      accept: 'application/json',
      'content-type': 'application/json',
      'auth0-client': Buffer.from('{"name":"react-native-auth0","version":"5.0.0"}').toString('base64'),
      'user-agent': 'okhttp/4.12.0',
    },
    codeForm: (code, verifier) => ({
      grant_type: 'authorization_code',
      client_id: 'native',
      code,
      code_verifier: verifier,
      redirect_uri: redirectUri,
    }),
    refreshForm: (refresh_token) => ({ grant_type: 'refresh_token', client_id: 'native', refresh_token, scope }),
  },
};

function createSdk({ headers, codeForm, refreshForm, hasNonceChallenge, retryHeaders }) {
  return async ({ issuer }) => {
    const url = `${issuer.origin}/oauth/token`;
    const key = await dpop.generateKeyPair('ES256');
    let nonce; // Kept from whatever answer has one.
    const sent = [];

    async function send(body, more = {}) {
      const proof = hasNonceChallenge && { dpop: await dpop.generateProof(key, url, 'POST', nonce) };
      const answer = await fetch(url, { method: 'POST', headers: { ...headers, ...proof, ...more }, body });
      sent.push(answer.status);
      nonce = answer.headers.get('dpop-nonce') ?? nonce;
      return { status: answer.status, isGood: answer.ok, got: await answer.json() };
    }

    async function post(form) {
      const body = JSON.stringify(form);
      let answer = await send(body);
      if (!answer.isGood && hasNonceChallenge?.(answer.status, answer.got)) answer = await send(body, retryHeaders);
      const { isGood, got } = answer;
      return isGood ? got : Promise.reject(Object.assign(new Error(got.error_description), got));
    }

    async function redeem(other) {
      const verifier = randomBytes(32).toString('base64url');
      const query = { client_id: 'native', redirect_uri: redirectUri, response_type: 'code', scope };
      const code_challenge = await oauth.calculatePKCECodeChallenge(verifier);
      const pkce = { code_challenge, code_challenge_method: 'S256' };
      const back = await signIn(`${issuer.origin}/authorize?${new URLSearchParams({ ...query, ...pkce })}`);
      return post(codeForm(back.searchParams.get('code'), other ?? verifier));
    }

    return {
      async login() {
        const tokens = await redeem();
        const expected = hasNonceChallenge ? { sent: [400, 200], type: 'DPoP' } : { sent: [200], type: 'Bearer' };
        if (String(sent) !== String(expected.sent)) throw new Error(`The answers were ${sent}`);
        if (tokens.token_type !== expected.type) throw new Error(`The token type is ${tokens.token_type}`);
        return tokens;
      },
      refresh: ({ refresh_token }) => post(refreshForm(refresh_token)),
      refusal: () => redeem(OTHER_VERIFIER),
    };
  };
}

export const NATIVE = Object.fromEntries(Object.entries(SDKS).map(([name, sdk]) => [name, createSdk(sdk)]));
