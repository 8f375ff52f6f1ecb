import * as client from 'openid-client';
import { finish, login } from './login.mjs';

const { issuer, tokenEndpoint, clientId, codeVerifier, callback, algorithm } = login;
const config = new client.Configuration({ issuer, token_endpoint: tokenEndpoint }, clientId, undefined, client.None());
client.allowInsecureRequests(config);
const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair(algorithm));

finish(await client.authorizationCodeGrant(config, callback, { pkceCodeVerifier: codeVerifier }, undefined, { DPoP }));
