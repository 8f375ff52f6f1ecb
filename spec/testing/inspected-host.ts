import { randomBytes } from 'node:crypto';
import express, { type Express } from 'express';
import type { Store } from 'express-rate-limit';
import { createTokenRouter, type TokenRouterOptions } from '../../lib';
import { createDpopVerifier, type DpopVerifierOptions } from '../../lib/dpop';
import { type InspectOptions, inspectTokenRouter } from '../../lib/testing';
import { createTokenIssuer, type TokenIssuerOptions } from '../../lib/tokens';
import { EC, goodApi } from '../support/issuer';

export const URL = 'https://auth.example/oauth/token';
export const APP = 'https://app.example';
export const SECRET = randomBytes(32).toString('base64url');

/** What the adapters of a host are like: nothing is told of them. */
export const own: TokenRouterOptions = {
  findCode: () => null,
  consumeCode: () => false,
  issueTokens: () => ({ access_token: 'a', expires_in: 60 }),
  revokeTokens: () => {},
};
export const rateStore = (): Store => ({
  increment: () => ({ totalHits: 1, resetTime: undefined }),
  decrement: () => {},
  resetKey: () => {},
});
/** The library complains of what the doctor is to find. */
export const quiet = { rateLimit: { validate: false } };

const verifier = (different: Partial<DpopVerifierOptions> = {}) =>
  createDpopVerifier({ consumeJti: () => true, nonceSecret: SECRET, ...different });
export const dpop = (different: Partial<DpopVerifierOptions> = {}) => ({
  verifyDpop: verifier(different),
  tokenEndpoint: URL,
});

export interface Host {
  router?: Partial<TokenRouterOptions>;
  /** What is mounted before the router. */
  before?: (app: Express) => unknown;
  at?: string;
}

export function createApp({ router = {}, before, at = '/' }: Host = {}): Express {
  const app = express();
  before?.(app);
  app.use(at, createTokenRouter({ ...own, ...router } as never));
  return app;
}

/** What the doctor says of an app: each code with its message. */
export async function inspect(host: Host, options: InspectOptions = {}) {
  const findings = await inspectTokenRouter(createApp(host), options);
  return findings.map(({ code, message }) => [code, message]);
}

export const offline = { ...goodApi(), allowOfflineAccess: true };

/** The function of an issuer, with options that are right but for those that are given. */
export const issuer = (different: Partial<TokenIssuerOptions> = {}) =>
  createTokenIssuer({
    issuer: 'https://auth.example/',
    keys: [{ kid: 'a', privateKey: EC.privateKey }],
    apis: [offline],
    saveRefreshToken: () => {},
    ...different,
  }).issueTokens as unknown as TokenRouterOptions['issueTokens'];
