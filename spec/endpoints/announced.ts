import { randomBytes } from 'node:crypto';
import express, { type Express } from 'express';
import request, { type Test } from 'supertest';
import { createTokenRouter } from '../../lib';
import { authorizationResponse, codeRecordOf, parseAuthorizationRequest } from '../../lib/authorize';
import {
  type ClientAuthenticationMethod,
  clientCredentials,
  createClientAuthentication,
  createClientMetadataResolver,
  type RegisteredClient,
} from '../../lib/clients';
import { createDpopVerifier } from '../../lib/dpop';
import {
  type AuthorizationServerMetadata,
  authorizationServerMetadata,
  createIntrospectionRouter,
  createMetadataRouter,
  createRevocationRouter,
} from '../../lib/endpoints';
import { ALGORITHMS, type AlgorithmName } from '../../lib/jws/algorithms';
import { memoryStore } from '../../lib/stores/memory';
import { createPkcePair } from '../../lib/testing';
import { createTokenIssuer } from '../../lib/tokens';
import { type AssertionKey, assert, createKey, digestOf, JWT_BEARER } from '../clients/support/asserter';
import { EC } from '../support/issuer';

export const ISSUER = 'https://auth.example';
export const API = 'https://api.example/';
const REDIRECT_URI = 'https://app.example/callback';
export const OWN_GRANT = 'urn:example:own';
export const CLIENT_URL = 'https://client.example/app';
const SECRET = 's3cret';

/** Every method that there is. */
export const METHODS = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt', 'tls_client_auth'];
/** Every algorithm that there is. */
export const ALGORITHM_NAMES = Object.keys(ALGORITHMS) as AlgorithmName[];
const keys = new Map(ALGORITHM_NAMES.map((alg) => [alg, createKey(alg, `key of ${alg}`)]));

const shared = {
  redirectUris: [REDIRECT_URI],
  webOrigins: ['https://app.example'],
  grantTypes: ['authorization_code', 'refresh_token', 'client_credentials', OWN_GRANT],
};
const CLIENTS = new Map<string, RegisteredClient & typeof shared>(
  [
    { clientId: 'spa', tokenEndpointAuthMethod: 'none' },
    { clientId: 'other', tokenEndpointAuthMethod: 'none' },
    { clientId: 'basic', tokenEndpointAuthMethod: 'client_secret_basic', clientSecretHash: digestOf(SECRET) },
    { clientId: 'post', tokenEndpointAuthMethod: 'client_secret_post', clientSecretHash: digestOf(SECRET) },
    ...[...keys].map(([alg, { jwk }]) => ({
      clientId: `jwt ${alg}`,
      tokenEndpointAuthMethod: 'private_key_jwt',
      jwks: { keys: [jwk] },
    })),
  ].map((client) => [client.clientId, { ...client, ...shared }]),
);

const CLIENT_DOCUMENT = JSON.stringify({
  client_id: CLIENT_URL,
  redirect_uris: [REDIRECT_URI],
  token_endpoint_auth_method: 'none',
});

/** What a server announces, where it does not announce all that this one can. */
export interface Announced {
  methods?: readonly ClientAuthenticationMethod[];
  assertionAlgorithms?: readonly AlgorithmName[];
  dpopAlgorithms?: readonly ('ES256' | 'ES384' | 'ES512' | 'PS256' | 'RS256' | 'EdDSA' | 'Ed25519')[];
}

/** A request to the authorization endpoint, and the code that came of it, if one did. */
export interface Login {
  clientId: string;
  codeVerifier: string;
  status: number;
  /** The parameters of the answer, whatever its mode is. */
  parameters: Record<string, string>;
  text: string;
}

/** The parameters of an authorization response, whatever its mode is. */
export function parametersOf({ text, location }: { text: string; location: string }): Record<string, string> {
  const sent = [...text.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]);
  const message = /data-response="([^"]*)"/.exec(text)?.[1]?.replaceAll('&quot;', '"');
  return {
    ...Object.fromEntries(sent),
    ...(message && JSON.parse(message)),
    ...(location && Object.fromEntries(new URL(location).searchParams)),
  };
}

/** An authorization server with all its endpoints, whose user says yes to everything. */
export function createAnnouncedServer({
  methods = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
  assertionAlgorithms = ['ES256', 'PS256', 'EdDSA'],
  dpopAlgorithms = ['ES256', 'EdDSA'],
}: Announced = {}) {
  const store = memoryStore();
  const { findRefreshToken, revokeGrant, isRevoked, consumeJti } = store;
  const { issueTokens, issueClientTokens, jwks } = createTokenIssuer({
    issuer: ISSUER,
    keys: [{ kid: 'key 1', privateKey: EC.privateKey }],
    apis: [{ identifier: API, lifetime: 60, scopes: ['read:notes', 'write:notes'], allowOfflineAccess: true }],
    store,
    users: () => ({ name: 'Ann' }),
  });
  const findByUrl = createClientMetadataResolver({
    fetch: async () => ({
      status: 200,
      headers: new Headers({ 'content-type': 'application/json' }),
      body: (async function* () {
        yield Buffer.from(CLIENT_DOCUMENT);
      })(),
    }),
  });
  const findClient = async (clientId: string) => CLIENTS.get(clientId) ?? ((await findByUrl(clientId)) as never);
  const authenticateClient = createClientAuthentication({
    findClient,
    methods,
    ...(methods.includes('private_key_jwt') && { audience: ISSUER, consumeJti, algorithms: assertionAlgorithms }),
  });
  const own = { authenticateClient, issuer: ISSUER, jwks, rateLimit: false } as const;
  const tokenRouter = createTokenRouter({
    ...store.adapters,
    issueTokens,
    authenticateClient,
    verifyDpop: createDpopVerifier({ consumeJti, algorithms: [...dpopAlgorithms] }),
    tokenEndpoint: `${ISSUER}/oauth/token`,
    grants: {
      client_credentials: clientCredentials({
        findClientGrant: () => ({ scope: 'read:notes' }),
        issueTokens: issueClientTokens,
      }),
      [OWN_GRANT]: { allowPublic: true, issueTokens: () => ({ access_token: 'own', expires_in: 60 }) },
    },
    rateLimit: false,
  });
  const revocationRouter = createRevocationRouter({ ...own, findRefreshToken, revokeGrant });
  const introspectionRouter = createIntrospectionRouter({ ...own, isRevoked, resourceServer: () => [API] });
  const metadata: AuthorizationServerMetadata = authorizationServerMetadata({
    issuer: ISSUER,
    tokenRouter,
    revocationRouter,
    introspectionRouter,
    jwks,
    members: {
      authorization_endpoint: `${ISSUER}/authorize`,
      scopes_supported: ['openid', 'profile', 'read:notes', 'offline_access'],
      client_id_metadata_document_supported: true,
    },
  });
  const scopes = metadata.scopes_supported as readonly string[];
  const app: Express = express()
    .use(tokenRouter, revocationRouter, introspectionRouter, createMetadataRouter({ metadata, jwks }))
    .get('/authorize', async (req, res) => {
      const parsed = await parseAuthorizationRequest(req.query, { findClient, issuer: ISSUER, scopes });
      if (parsed.kind === 'page') return void res.status(parsed.status).send(parsed.error.error_description);
      if (parsed.kind === 'redirect') return authorizationResponse(res, parsed.request, parsed.error);
      const code = randomBytes(32).toString('base64url');
      const granted = { userId: 'ann', authTime: new Date(), audience: API };
      await store.saveCode(code, codeRecordOf(parsed.request, granted));
      return authorizationResponse(res, parsed.request, { code });
    });

  const pathOf = (member: string) => new URL(String(metadata[member])).pathname;
  const post = (member: string, form: object): Test => request(app).post(pathOf(member)).type('form').send(form);

  return {
    app,
    metadata,
    post,
    pathOf,
    listOf: (member: string) => metadata[member] as readonly string[],

    /** The request of a client that authenticates by this method. */
    postAs(member: string, method: string, form: object, alg: AlgorithmName = 'ES256'): Test {
      const claims = { iss: `jwt ${alg}`, sub: `jwt ${alg}`, aud: ISSUER };
      const assertion = assert({ key: keys.get(alg) as AssertionKey, header: { alg }, claims });
      if (method === 'client_secret_basic') return post(member, form).auth('basic', SECRET);
      const credentials: Readonly<Record<string, object>> = {
        none: { client_id: 'spa' },
        client_secret_post: { client_id: 'post', client_secret: SECRET },
        private_key_jwt: { client_assertion_type: JWT_BEARER, client_assertion: assertion },
        tls_client_auth: { client_id: 'basic' },
      };
      return post(member, { ...credentials[method], ...form });
    },

    /** Asks the authorization endpoint. */
    async logIn(change: Record<string, string> = {}): Promise<Login> {
      const { codeVerifier, codeChallenge } = createPkcePair();
      const query = {
        client_id: 'spa',
        redirect_uri: REDIRECT_URI,
        response_type: 'code',
        scope: scopes.join(' '),
        state: 'a state',
        code_challenge: codeChallenge,
        code_challenge_method: 'S256',
        ...change,
      };
      const { status, headers, text } = await request(app).get(pathOf('authorization_endpoint')).query(query);
      const parameters = parametersOf({ text, location: headers.location ?? '' });
      return { clientId: query.client_id, codeVerifier, status, parameters, text };
    },

    /** Redeems the code of a login. */
    redeem({ clientId, codeVerifier, parameters: { code } }: Login): Test {
      return post('token_endpoint', {
        grant_type: 'authorization_code',
        client_id: clientId,
        code,
        code_verifier: codeVerifier,
        redirect_uri: REDIRECT_URI,
      });
    },
  };
}

export type AnnouncedServer = ReturnType<typeof createAnnouncedServer>;
