import { createHash } from 'node:crypto';
import express, { type Express } from 'express';
import { type AuthorizationCode, createTokenRouter, OAuthError, type RefreshToken } from '../../lib';
import { clientCredentials, createClientAuthentication, type RegisteredClient } from '../../lib/clients';
import { createDpopVerifier } from '../../lib/dpop';
import {
  authorizationServerMetadata,
  createIntrospectionRouter,
  createMetadataRouter,
  createRevocationRouter,
} from '../../lib/endpoints';
import { codeChallengeOf } from '../../lib/grants/pkce';
import { memoryJtis } from '../../lib/stores/memory';
import { CODE, CODE_VERIFIER, REDIRECT_URI } from '../support/endpoint';

const ISSUER = 'https://auth.example';
const API = 'https://api.example/';
const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
/** When the examples of the document are sent: their proof and their assertion were made at this instant. */
export const INSTANT = Date.UTC(2026, 0, 1);

const hashOf = (secret: string) => `sha256:${createHash('sha256').update(secret).digest('base64url')}`;
const CLIENTS: Readonly<Record<string, RegisteredClient>> = {
  spa: { clientId: 'spa', tokenEndpointAuthMethod: 'none' },
  web: {
    clientId: 'web',
    tokenEndpointAuthMethod: 'client_secret_basic',
    clientSecretHash: hashOf('secret-of-web'),
  },
  api: {
    clientId: 'api',
    tokenEndpointAuthMethod: 'client_secret_basic',
    clientSecretHash: hashOf('secret-of-api'),
  },
  job: {
    clientId: 'job',
    tokenEndpointAuthMethod: 'client_secret_post',
    clientSecretHash: hashOf('secret-of-job'),
    grantTypes: ['client_credentials'],
  },
  backend: {
    clientId: 'backend',
    tokenEndpointAuthMethod: 'private_key_jwt',
    grantTypes: ['client_credentials'],
    jwks: {
      keys: [
        {
          kty: 'EC',
          crv: 'P-256',
          x: 'MEihEzSBbfMMOTSL4MobCAqAYSjvb-HxtWa_ztr4YAQ',
          y: '8mDbfQrO4nzenpG6lvTeRE7h9MT-7HIu2Gg9FDqubCI',
          kid: 'backend 1',
        },
      ],
    },
  },
  tv: { clientId: 'tv', tokenEndpointAuthMethod: 'none', grantTypes: [DEVICE_CODE] },
};

/** What the user of a television has done, by device code. */
const DEVICES: Readonly<Record<string, () => OAuthError>> = {
  pending: () => new OAuthError('authorization_pending', 'The user has not decided yet'),
  hasty: () => new OAuthError('slow_down', 'Ask every 10 seconds'),
  denied: () => new OAuthError('access_denied', 'The user said no'),
  expired: () => new OAuthError('expired_token', 'The device code has expired'),
  mfa: () =>
    new OAuthError('mfa_required', 'Multifactor authentication is required', {
      members: { mfa_token: 'Fe26.2**0a1b' },
    }),
};

const ACCESS = { access_token: '2YotnFZFEjr1zCsicMWpAA', expires_in: 3600 };
const TOKENS = { ...ACCESS, refresh_token: 'tGzv3JOkF0XG5Qx2TlKWIA', scope: 'read:notes offline_access' };

const codeOf = (clientId: string): AuthorizationCode => ({
  clientId,
  redirectUri: REDIRECT_URI,
  codeChallenge: codeChallengeOf(CODE_VERIFIER),
  codeChallengeMethod: 'S256',
  expiresAt: new Date(INSTANT + 60_000),
  dpopJkt: null,
  scope: 'read:notes offline_access',
});
const CODES: Readonly<Record<string, AuthorizationCode>> = { [CODE]: codeOf('spa'), 'code-of-web': codeOf('web') };

const REFRESH_TOKEN: RefreshToken & { grantId: string } = {
  clientId: 'spa',
  grantId: 'grant 1',
  scope: 'read:notes offline_access',
  expiresAt: new Date(INSTANT + 60_000),
  dpopJkt: null,
  resources: [API],
};

const CLAIMS = {
  scope: 'read:notes',
  client_id: 'spa',
  sub: 'ann',
  aud: API,
  iss: ISSUER,
  exp: INSTANT / 1000 + 3600,
  iat: INSTANT / 1000,
  jti: '3b0f6f3e-7f0c-4a2b-9a53-0f4bb1d1c0de',
};
const JKT = '5lioyO3r9uHFn3JdLz_L33YIdY2gsaWdb-5LDxkq7hY';
const ACCESS_TOKENS: Readonly<Record<string, object>> = {
  '2YotnFZFEjr1zCsicMWpAA': CLAIMS,
  'a-bound-token': { ...CLAIMS, cnf: { jkt: JKT } },
};

const KEY = {
  kty: 'EC',
  crv: 'P-256',
  x: 'jm3CejnO2b17IB_yBVteJfByrvKS9d6FyR4a1iP7wbM',
  y: 'mbX0PQ7nYNN_7J8Th2nWih-vQ1BCkvd5xueZPxC3iLg',
  kid: 'key 1',
  alg: 'ES256',
  use: 'sig',
};

export interface Circumstances {
  database?: 'works' | 'gone' | 'hangs';
  needsNonce?: boolean;
  limit?: number;
  bodyTimeout?: number;
}

/** The authorization server of the document's examples. */
export function createExampleServer({
  database = 'works',
  needsNonce = false,
  limit = 100,
  bodyTimeout,
}: Circumstances = {}): Express {
  const ask = async <Found>(found: Found): Promise<Found> => {
    if (database === 'gone') throw new Error('the database is gone');
    return database === 'hangs' ? new Promise<never>(() => {}) : found;
  };
  const { consumeJti } = memoryJtis();
  const authenticateClient = createClientAuthentication({
    findClient: (clientId) => CLIENTS[clientId],
    audience: ISSUER,
    consumeJti,
    algorithms: ['ES256'],
  });
  const shared = {
    authenticateClient,
    rateLimit: { limit },
    bodyTimeout,
    // Read, so that no fault is written to console.error.
    onOutcome: ({ fault }: { fault?: unknown }) => void fault,
    ...(database === 'hangs' && { adapterTimeout: 50 }),
  };
  const issuer = ISSUER;
  const jwks = () => ({ keys: [KEY] });
  const findAccessToken = async (token: string) => {
    const claims = await ask(ACCESS_TOKENS[token]);
    return claims && { expiresAt: new Date(INSTANT + 3_600_000), claims: claims as Record<string, unknown> };
  };
  const findRefreshToken = async (token: string) => ask(token === '8xLOxBtZp8' ? REFRESH_TOKEN : null);

  const tokenRouter = createTokenRouter({
    ...shared,
    findCode: async (code: string) => ask(CODES[code]),
    consumeCode: () => true,
    issueTokens: () => TOKENS,
    refresh: { findRefreshToken, consumeRefreshToken: () => true },
    tokenEndpoint: `${ISSUER}/oauth/token`,
    verifyDpop: createDpopVerifier({
      algorithms: ['ES256'],
      consumeJti,
      ...(needsNonce && { nonceSecret: 'a secret of at least thirty-two bytes' }),
    }),
    grants: {
      client_credentials: clientCredentials({
        findClientGrant: () => ({ scope: 'read:notes' }),
        issueTokens: ({ scope }) => ({ ...ACCESS, scope }),
      }),
      [DEVICE_CODE]: {
        parameters: ['device_code'],
        allowPublic: true,
        issueTokens({ parameters }) {
          const refuse = DEVICES[String(parameters.device_code)];
          if (refuse) throw refuse();
          return TOKENS;
        },
      },
    },
  });
  const revocationRouter = createRevocationRouter({ ...shared, findRefreshToken, revokeGrant: () => {}, issuer, jwks });
  const introspectionRouter = createIntrospectionRouter({
    ...shared,
    findAccessToken,
    isRevoked: () => false,
    resourceServer: ({ clientId }) => (clientId === 'api' ? [API] : []),
  });
  const metadata = authorizationServerMetadata({
    issuer,
    tokenRouter,
    revocationRouter,
    introspectionRouter,
    jwks,
    members: {
      authorization_endpoint: `${ISSUER}/authorize`,
      scopes_supported: ['openid', 'offline_access', 'read:notes'],
    },
  });
  return express().use(tokenRouter, revocationRouter, introspectionRouter, createMetadataRouter({ metadata, jwks }));
}
