import express, { type Express } from 'express';
import request from 'supertest';
import { createTokenRouter, type Outcome, type TokenRouterOptions } from '../../lib';
import { codeChallengeOf } from '../../lib/grants/pkce';

export const CODE = 'SplxlOBeZQQYbYS6WxSbIA';
export const CODE_VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
export const REDIRECT_URI = 'https://app.example/callback';

/** The record behind the one live code of a spec. */
export interface LiveCode {
  id: string;
  clientId: string;
  redirectUri: string | null;
  codeChallenge: string | null;
  codeChallengeMethod: string | null;
  expiresAt: Date;
  dpopJkt: string | null;
  scope: string;
}

export type Options = TokenRouterOptions<LiveCode>;

/** The good request, as a form. Rows of a spec change one thing of it. */
export const goodForm = (): Record<string, string> => ({
  grant_type: 'authorization_code',
  client_id: 'spa',
  code: CODE,
  code_verifier: CODE_VERIFIER,
  redirect_uri: REDIRECT_URI,
});

/** One endpoint with one live code, and a record of all that its adapters and its observer saw. */
export function createEndpoint({ record = {}, ...options }: Partial<Options> & { record?: Partial<LiveCode> } = {}) {
  const code: LiveCode = {
    id: 'code 1',
    clientId: 'spa',
    redirectUri: REDIRECT_URI,
    codeChallenge: codeChallengeOf(CODE_VERIFIER),
    codeChallengeMethod: 'S256',
    expiresAt: new Date(Date.now() + 600_000),
    dpopJkt: null,
    scope: 'openid',
    ...record,
  };
  const calls: string[] = [];
  const outcomes: Outcome[] = [];
  let isSpent = false;

  const adapters: Options = {
    async findCode(value) {
      calls.push('findCode');
      return value === CODE ? code : null;
    },
    async consumeCode() {
      calls.push('consumeCode');
      if (isSpent) return false;
      isSpent = true;
      return true;
    },
    async issueTokens() {
      calls.push('issueTokens');
      return { access_token: 'an access token', expires_in: 3600 };
    },
    async revokeTokens() {
      calls.push('revokeTokens');
    },
    onOutcome(outcome) {
      outcomes.push(outcome);
      // Taken, so that it is not written to console.error.
      void outcome.fault;
    },
    ...options,
  };
  const router = createTokenRouter(adapters);
  const app: Express = express().use(router);

  return {
    app,
    router,
    code,
    calls,
    outcomes,
    /** The reasons of all requests so far. */
    reasons: () => outcomes.map(({ reason }) => reason),
    isSpent: () => isSpent,
    post: (form: Record<string, unknown> = goodForm()) => request(app).post('/oauth/token').type('form').send(form),
  };
}
