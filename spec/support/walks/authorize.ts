import express from 'express';
import request from 'supertest';
import type { Outcome } from '../../../lib';
import { type AuthorizationClient, parseAuthorizationRequest } from '../../../lib/authorize';
import type { Walk, Walked } from './walk';

const GOOD = {
  client_id: 'spa',
  redirect_uri: 'https://app.example/callback',
  response_type: 'code',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256',
};
const CLIENT: AuthorizationClient = { clientId: 'spa', redirectUris: [GOOD.redirect_uri] };

/**
 * A request to an authorization endpoint of a host that answers each refusal, page and redirect alike, with what the client
 * is told.
 */
const asking = (change: Record<string, string>) => async (): Promise<Walked> => {
  const outcomes: Outcome[] = [];
  const app = express().get('/authorize', async (req, res) => {
    const { error, status = 400 } = await parseAuthorizationRequest(req.query, {
      findClient: (clientId) => (clientId === 'spa' ? CLIENT : null),
      issuer: 'https://auth.example/',
      scopes: ['openid'],
      audiences: ['https://api.example/'],
    });
    if (!error) return void res.sendStatus(204);
    outcomes.push({ outcome: 'refused', reason: error.reason, status, error: error.error, durationMs: 0 });
    res.status(status).json({ error: error.error, error_description: error.error_description });
  });
  const { status, body } = await request(app)
    .get('/authorize')
    .query({ ...GOOD, ...change });
  return { answer: { status, body }, outcomes };
};

/** The reasons of lib/authorize that are of no other part. */
export const walk: Walk = {
  client_unknown: asking({ client_id: 'unknown' }),
  redirect_uri_unregistered: asking({ redirect_uri: 'https://evil.example/' }),
  response_mode_unsupported: asking({ response_mode: 'fragment' }),
  web_origin_unregistered: asking({ response_mode: 'web_message' }),
  request_not_supported: asking({ request: 'ey.ey.' }),
  request_uri_not_supported: asking({ request_uri: 'urn:a' }),
  response_type_unsupported: asking({ response_type: 'token' }),
  code_challenge_malformed: asking({ code_challenge: 'short' }),
  code_challenge_method_wrong: asking({ code_challenge_method: 'plain' }),
  scope_unknown: asking({ scope: 'unknown' }),
  prompt_malformed: asking({ prompt: 'none login' }),
  max_age_malformed: asking({ max_age: '-1' }),
  dpop_jkt_malformed: asking({ dpop_jkt: 'short' }),
  resource_malformed: asking({ resource: '/api' }),
  resource_unknown: asking({ resource: 'https://unknown.example/' }),
};
