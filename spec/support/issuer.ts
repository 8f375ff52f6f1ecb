import { generateKeyPairSync } from 'node:crypto';
import express, { type Request } from 'express';
import jwt from 'jsonwebtoken';
import request from 'supertest';
import { type AuthorizationCode, createTokenRouter, type Outcome, type TokenRouterOptions } from '../../lib';
import { codeChallengeOf } from '../../lib/grants/pkce';
import { memoryCodes } from '../../lib/stores/memory-codes';
import { memoryRefreshTokens } from '../../lib/stores/memory-refresh-tokens';
import {
  type Api,
  type Authorization,
  createTokenIssuer,
  type IssuerExchange,
  type RefreshTokenRecord,
  type TokenIssuerOptions,
} from '../../lib/tokens';
import { CODE, CODE_VERIFIER, goodForm, REDIRECT_URI } from './endpoint';

export const ISSUER = 'https://auth.example/';
export const API = 'https://api.example/';
export const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const EC = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** The record behind the one live code of a spec. */
export interface HostCode extends AuthorizationCode, Authorization {}

export type IssuerOptions = TokenIssuerOptions<HostCode>;

export const goodApi = (): Api => ({
  identifier: API,
  lifetime: 600,
  scopes: ['read:notes', 'write:notes'],
  allowOfflineAccess: true,
});

/** Options that are right. Rows of a spec change one thing of them. */
export const goodOptions = (): IssuerOptions => ({
  issuer: ISSUER,
  keys: [{ kid: 'key 1', privateKey: EC.privateKey }],
  apis: [goodApi()],
  saveRefreshToken: async () => {},
});

export const hostCode = (different: Partial<HostCode> = {}): HostCode => ({
  clientId: 'spa',
  redirectUri: REDIRECT_URI,
  codeChallenge: codeChallengeOf(CODE_VERIFIER),
  codeChallengeMethod: 'S256',
  expiresAt: new Date(Date.now() + 600_000),
  dpopJkt: null,
  userId: 'user 1',
  audience: API,
  scope: 'openid read:notes offline_access',
  nonce: null,
  ...different,
});

/** What is saved with a refresh token. */
export const refreshRecord = (different: Partial<RefreshTokenRecord<HostCode>> = {}): RefreshTokenRecord<HostCode> => ({
  clientId: 'spa',
  userId: 'user 1',
  audience: API,
  scope: 'openid read:notes offline_access',
  grantId: 'grant 1',
  grantExpiresAt: new Date(Date.now() + 60_000),
  expiresAt: new Date(Date.now() + 30_000),
  dpopJkt: null,
  spentAt: null,
  ...different,
});

type GoodExchange = IssuerExchange<HostCode> & { refreshToken?: RefreshTokenRecord<HostCode> };

/** The exchange of a code as the endpoint makes it. */
export const codeExchange = (code: object = {}, more: object = {}): GoodExchange =>
  ({
    code: { ...hostCode(), grantId: 'grant 1', ...code },
    client: { clientId: 'spa' },
    confirmation: undefined,
    resources: [],
    parameters: {},
    servesRefresh: true,
    ...more,
  }) as GoodExchange;

/** The exchange of a refresh token as the endpoint makes it. */
export const refreshExchange = (record: object = {}, more: object = {}): GoodExchange => {
  const refreshToken = { ...refreshRecord(), ...record };
  const facts = {
    client: { clientId: 'spa' },
    confirmation: undefined,
    resources: [],
    parameters: {},
    servesRefresh: true,
  };
  return { refreshToken, scope: refreshToken.scope, isRotated: true, ...facts, ...more } as GoodExchange;
};

/** A request that was made without an app. */
export const bareRequest = () => ({ method: 'POST' }) as Request;

/** Looks and issues as the endpoint does: nothing is issued where the look refuses. */
export async function issueFor(exchange: GoodExchange, issuer: Partial<IssuerOptions> = {}) {
  const { issueTokens } = createTokenIssuer<HostCode>({ ...goodOptions(), ...issuer });
  const req = bareRequest();
  await issueTokens.check(exchange, req);
  return issueTokens(exchange, req);
}

/** What the look ends with, and that issuing ends with the same: a host that wraps `issueTokens` may have lost `check`. */
export async function refusalOf(exchange: GoodExchange, issuer: Partial<IssuerOptions> = {}): Promise<unknown> {
  const { issueTokens } = createTokenIssuer<HostCode>({ ...goodOptions(), ...issuer });
  const looked = await issueTokens.check(exchange, bareRequest()).catch((thrown: unknown) => thrown);
  const issued = await issueTokens(exchange, bareRequest()).catch((thrown: unknown) => thrown);
  expect(issued).toEqual(looked);
  return looked;
}

interface Different {
  code?: Partial<HostCode>;
  issuer?: Partial<IssuerOptions>;
  router?: Pick<TokenRouterOptions<HostCode>, 'verifyDpop' | 'tokenEndpoint' | 'adapterTimeout' | 'actTimeout'>;
  /** What a store of refresh tokens finds besides what was saved: whatever a host's own store may bring. */
  found?: object;
  /** The store of refresh tokens. */
  refreshTokens?: ReturnType<typeof memoryRefreshTokens<RefreshTokenRecord<HostCode>>>;
  /** Whether a code that comes twice at once revokes as well. */
  strictReplay?: boolean;
  leeway?: number;
  /** Whether the router serves refresh tokens at all. */
  servesRefresh?: boolean;
  rotates?: () => boolean;
  /** Comes before each step of a store, and before its answer. */
  step?: () => Promise<unknown>;
}

/** An endpoint with the issuer, one live code, both stores of this process, and what was seen of it. */
export function createIssuerEndpoint({
  code = {},
  found = {},
  strictReplay = false,
  leeway = 0,
  refreshTokens = memoryRefreshTokens<RefreshTokenRecord<HostCode>>({ leeway }),
  issuer = {},
  router = {},
  servesRefresh = true,
  rotates,
  step = async () => {},
}: Different = {}) {
  const codes = memoryCodes<HostCode>({ strictReplay });
  const saved: RefreshTokenRecord<HostCode>[] = [];
  const outcomes: Outcome[] = [];
  const tokenIssuer = createTokenIssuer<HostCode>({
    ...goodOptions(),
    async saveRefreshToken(refreshToken, record) {
      saved.push(record);
      await step();
      await refreshTokens.saveRefreshToken(refreshToken, record);
    },
    ...issuer,
  });
  void codes.saveCode(CODE, hostCode());

  /** A store that is somewhere else: every call takes its time, there and back. */
  const remote =
    <Arguments extends unknown[], T>(call: (...given: Arguments) => Promise<T>) =>
    async (...given: Arguments): Promise<T> => {
      await step();
      const answer = await call(...given);
      await step();
      return answer;
    };
  // The ready stores refuse some of what a host's own store may bring.
  const findCode = remote(async (value: string) => {
    const live = await codes.findCode(value);
    return live && Object.assign(live, code);
  });
  const consumeCode = remote(codes.consumeCode);
  const revokeCode = remote(codes.revokeTokens);
  const findRefreshToken = remote(async (value: string) => {
    const live = await refreshTokens.findRefreshToken(value);
    return live && Object.assign(live, found);
  });
  const consumeRefreshToken = remote(refreshTokens.consumeRefreshToken);
  const revokeTokens = remote(refreshTokens.revokeTokens);
  const app = express().use(
    createTokenRouter({
      findCode,
      consumeCode,
      async revokeTokens(record) {
        await revokeCode(record);
        await revokeTokens(record);
      },
      rateLimit: false,
      onOutcome(outcome) {
        // What an observer takes is not printed.
        void outcome.fault;
        outcomes.push(outcome);
      },
      ...router,
      issueTokens: tokenIssuer.issueTokens,
      refresh: servesRefresh ? { findRefreshToken, consumeRefreshToken, revokeTokens, leeway, rotates } : undefined,
    }),
  );
  const post = (form: Record<string, unknown> = goodForm()) =>
    request(app).post('/oauth/token').type('form').send(form);

  return {
    ...tokenIssuer,
    app,
    codes,
    refreshTokens,
    saved,
    outcomes,
    post,
    refresh: (refreshToken: string, more: Record<string, string> = {}) =>
      post({ grant_type: 'refresh_token', client_id: 'spa', refresh_token: refreshToken, ...more }),
  };
}

/** The header and the claims of a JWT, unverified. */
export function readToken(token: string): { header: jwt.JwtHeader; claims: Record<string, unknown> } {
  const read = jwt.decode(token, { complete: true });
  if (!read) throw new Error('this is no JWT');
  return { header: read.header, claims: read.payload as Record<string, unknown> };
}
