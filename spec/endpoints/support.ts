import { randomBytes, sign } from 'node:crypto';
import express, { type Express } from 'express';
import request, { type Test } from 'supertest';
import { type Client, type ClientGrant, createTokenRouter, type Outcome } from '../../lib';
import { createClientAuthentication, createClientSecret } from '../../lib/clients';
import {
  createIntrospectionRouter,
  createRevocationRouter,
  type FoundAccessToken,
  type IntrospectionRouterOptions,
  type RevocationRouterOptions,
} from '../../lib/endpoints';
import type { LoginRecord, Store } from '../../lib/stores/memory';
import { memoryStore } from '../../lib/stores/memory';
import { createPkcePair } from '../../lib/testing';
import { type AccessTokenRecord, createTokenIssuer } from '../../lib/tokens';
import { bareRequest, EC } from '../support/issuer';

export const ISSUER = 'https://auth.example';
export const API = 'https://api.example/';
export const OPAQUE_API = 'https://opaque.example/';

const secret = createClientSecret();
const { clientSecret, clientSecretHash } = secret;
export const SECRET = clientSecret;

interface HostClient extends Client {
  tokenEndpointAuthMethod: string;
  clientSecretHash?: string;
  audiences?: readonly string[];
}

export const CLIENTS = new Map<string, HostClient>(
  (
    [
      { clientId: 'spa', tokenEndpointAuthMethod: 'none' },
      { clientId: 'other', tokenEndpointAuthMethod: 'none' },
      { clientId: 'web', tokenEndpointAuthMethod: 'client_secret_basic', clientSecretHash },
      { clientId: 'api', tokenEndpointAuthMethod: 'client_secret_basic', clientSecretHash, audiences: [API] },
      { clientId: 'opaque', tokenEndpointAuthMethod: 'client_secret_post', clientSecretHash, audiences: [OPAQUE_API] },
    ] as HostClient[]
  ).map((client) => [client.clientId, client]),
);

export const authenticateClient = createClientAuthentication({
  findClient: (clientId) => CLIENTS.get(clientId),
  methods: ['none', 'client_secret_basic', 'client_secret_post'],
});

export const basic = (clientId: string, password = SECRET) =>
  `Basic ${Buffer.from(`${clientId}:${password}`).toString('base64')}`;

interface Different {
  store?: Store;
  /** What is shared by the nodes of a fleet, opaque access tokens among them. */
  accessTokens?: Map<string, AccessTokenRecord>;
  revocation?: Partial<RevocationRouterOptions<HostClient>>;
  introspection?: Partial<IntrospectionRouterOptions<HostClient>>;
}

/** One authorization server with its three endpoints. */
export function createServer({
  store = memoryStore(),
  accessTokens = new Map(),
  revocation = {},
  introspection = {},
}: Different = {}) {
  const outcomes: Outcome[] = [];
  const onOutcome = (outcome: Outcome) => {
    // Taken, so that it is not written to console.error.
    void outcome.fault;
    outcomes.push(outcome);
  };
  const { issueTokens, issueClientTokens, jwks, rotateKeys } = createTokenIssuer({
    issuer: ISSUER,
    keys: [{ kid: 'key 1', privateKey: EC.privateKey }],
    apis: [
      { identifier: API, lifetime: 600, scopes: ['read:notes'], allowOfflineAccess: true },
      {
        identifier: OPAQUE_API,
        lifetime: 600,
        scopes: ['read:notes'],
        allowOfflineAccess: true,
        accessToken: 'opaque',
      },
    ],
    store,
    saveAccessToken: (accessToken, record) => void accessTokens.set(accessToken, record),
  });
  const findAccessToken = async (token: string): Promise<FoundAccessToken | undefined> => accessTokens.get(token);
  const { findRefreshToken, revokeGrant, isRevoked } = store;
  const shared = { authenticateClient, onOutcome, findAccessToken, issuer: ISSUER, jwks };
  const app: Express = express()
    .use(createTokenRouter({ ...store.adapters, issueTokens, authenticateClient, onOutcome }))
    .use(createRevocationRouter<HostClient>({ ...shared, findRefreshToken, revokeGrant, ...revocation }))
    .use(
      createIntrospectionRouter<HostClient>({
        ...shared,
        isRevoked,
        resourceServer: ({ audiences = [] }) => audiences,
        ...introspection,
      }),
    );
  const post = (path: string, form: object): Test => request(app).post(path).type('form').send(form);

  return {
    app,
    store,
    jwks,
    rotateKeys,
    outcomes,
    accessTokens,
    reasons: () => outcomes.map(({ reason }) => reason),
    post,
    /** The access token of a client itself. */
    async issueForClient(clientId: string, clientGrant: ClientGrant): Promise<string> {
      const exchange = { client: { clientId }, clientGrant, scope: clientGrant.scope, confirmation: undefined };
      return (await issueClientTokens(exchange, bareRequest())).access_token;
    },
    /** The tokens of a new login. */
    async logIn(clientId = 'spa', { audience = API, ...record }: Partial<LoginRecord> = {}): Promise<Tokens> {
      const { codeVerifier, codeChallenge } = createPkcePair();
      const code = randomBytes(32).toString('base64url');
      await store.saveCode(code, {
        clientId,
        userId: 'ann',
        redirectUri: null,
        codeChallenge,
        codeChallengeMethod: 'S256',
        expiresAt: new Date(Date.now() + 60_000),
        dpopJkt: null,
        scope: 'openid read:notes offline_access',
        nonce: null,
        audience,
        ...record,
      });
      const form = { grant_type: 'authorization_code', client_id: clientId, code, code_verifier: codeVerifier };
      const sent = post('/oauth/token', form);
      const { status, body } = await (clientId === 'web' ? sent.set('Authorization', basic('web')) : sent);
      if (status !== 200) throw new Error(JSON.stringify(body));
      return body;
    },
    refresh: (refreshToken: string, clientId = 'spa') =>
      post('/oauth/token', { grant_type: 'refresh_token', client_id: clientId, refresh_token: refreshToken }),
    revoke: (token: string, more: Record<string, string> = { client_id: 'spa' }) =>
      post('/oauth/revoke', { token, ...more }),
    introspect: (token: string, clientId = 'api') =>
      clientId === 'opaque'
        ? post('/oauth/introspect', { token, client_id: clientId, client_secret: SECRET })
        : post('/oauth/introspect', { token }).set('Authorization', basic(clientId)),
  };
}

export interface Tokens {
  access_token: string;
  refresh_token: string;
  id_token: string;
}

export type Server = ReturnType<typeof createServer>;

/** The claims of a JWT, unverified. */
export const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(String(token.split('.')[1]), 'base64url').toString());

export const part = (value: object) => encode(JSON.stringify(value));
const encode = (text: string) => Buffer.from(text).toString('base64url');
const seconds = () => Math.floor(Date.now() / 1000);

/** A JWT access token that is right but for what is changed. */
export function createJwt(claims: object = {}, header: object = {}, key = EC.privateKey): string {
  return signJwt(
    JSON.stringify({
      iss: ISSUER,
      sub: 'ann',
      aud: API,
      client_id: 'spa',
      jti: 'one',
      iat: seconds(),
      exp: seconds() + 60,
      ...claims,
    }),
    header,
    key,
  );
}

/** The same of a text that need not be JSON as `JSON.stringify` writes it. */
export function signJwt(payload: string, header: object = {}, key = EC.privateKey): string {
  const signed = `${part({ alg: 'ES256', typ: 'at+jwt', kid: 'key 1', ...header })}.${encode(payload)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}
