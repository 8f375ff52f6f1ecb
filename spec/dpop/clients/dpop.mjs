import * as DPoP from 'dpop';
import { finish, login } from './login.mjs';

const { tokenEndpoint, clientId, redirectUri, codeVerifier, code, algorithm } = login;
const keyPair = await DPoP.generateKeyPair(algorithm);

const redeem = async (nonce) =>
  fetch(tokenEndpoint, {
    method: 'POST',
    headers: { DPoP: await DPoP.generateProof(keyPair, tokenEndpoint, 'POST', nonce) },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: clientId,
      redirect_uri: redirectUri,
      code_verifier: codeVerifier,
      code,
    }),
  });

let response = await redeem();
const nonce = response.headers.get('dpop-nonce');
if (!response.ok && nonce !== null) response = await redeem(nonce);
finish({ ...(await response.json()), jkt: await DPoP.calculateThumbprint(keyPair.publicKey) });
