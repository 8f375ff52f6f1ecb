import express from 'express';
import request, { type Response } from 'supertest';
import {
  badProofs,
  badRequests,
  checkTokenResponse,
  createDpopProver,
  type FetchedTokenResponse,
  race,
  tokenEndpoint,
} from '../../lib/testing';
import { type Equals, holds } from './equals';

const app = express();
const redemption = { code: 'a', codeVerifier: 'b' };

export async function overSupertest() {
  const endpoint = tokenEndpoint(request(app), { prover: createDpopProver({ alg: 'ES256' }) });
  const response = await endpoint.redeem(redemption);
  holds<Equals<typeof response, Response>>();
  checkTokenResponse(response, { jkt: null });
  const { issued } = await race(2, () => tokenEndpoint(request.agent(app)).redeem(redemption));
  holds<Equals<typeof issued, readonly Response[]>>();
}

export async function overTheApp() {
  const response = await tokenEndpoint(app).refresh({ refreshToken: 'a' });
  holds<Equals<typeof response, FetchedTokenResponse>>();
  return response.body.access_token;
}

export const clients = [
  tokenEndpoint(app, { client: { clientId: 'a' } }),
  tokenEndpoint(app, { client: { clientId: 'a', clientSecret: 'b', method: 'client_secret_post' } }),
  // @ts-expect-error a client cannot have a secret and a key
  tokenEndpoint(app, { client: { clientId: 'a', clientSecret: 'b', privateKey: 'c', audience: 'd' } }),
  // @ts-expect-error an assertion needs its audience
  tokenEndpoint(app, { client: { clientId: 'a', privateKey: 'c' } }),
];

export const rows = [
  ...badRequests({ grantType: 'refresh_token' }),
  ...badProofs(createDpopProver(), { tokenEndpoint: 'https://auth.example/oauth/token' }),
].map(({ name, status, error, reason }) => [name, status, error, reason]);

// @ts-expect-error there are two grants that have such rows
badRequests({ grantType: 'password' });
// @ts-expect-error proofs name the URL of the endpoint
badProofs(createDpopProver(), {});
