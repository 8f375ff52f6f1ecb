import express, { type Router } from 'express';
import { createTokenRouter, type TokenEndpointMetadata } from '../../lib';
import { createClientAuthentication, type RegisteredClient } from '../../lib/clients';
import { createDpopVerifier } from '../../lib/dpop';
import {
  authorizationServerMetadata,
  createIntrospectionRouter,
  createJwksRouter,
  createMetadataRouter,
  createRevocationRouter,
} from '../../lib/endpoints';
import { memoryStore } from '../../lib/stores/memory';
import { type AccessTokenRecord, createTokenIssuer, type TokenIssuerOptions } from '../../lib/tokens';
import { type Equals, holds } from './equals';

declare const options: Pick<TokenIssuerOptions, 'keys' | 'apis'>;
interface HostClient extends RegisteredClient {
  audiences: string[];
}
declare const findClient: (clientId: string) => Promise<HostClient | null>;
declare const rows: Map<string, AccessTokenRecord>;

const issuer = 'https://auth.example';
const store = memoryStore();
const { issueTokens, jwks } = createTokenIssuer({ ...options, issuer, store });
const authenticateClient = createClientAuthentication({ findClient, methods: ['client_secret_basic'] });

// The snippet of the guide.
const { findRefreshToken, revokeGrant, isRevoked } = store;
const tokenRouter = createTokenRouter({ ...store.adapters, issueTokens, authenticateClient });
const revocationRouter = createRevocationRouter({ authenticateClient, findRefreshToken, revokeGrant, issuer, jwks });
const introspectionRouter = createIntrospectionRouter({
  authenticateClient,
  resourceServer(client) {
    holds<Equals<typeof client, HostClient>>();
    return client.audiences;
  },
  isRevoked,
  issuer,
  jwks,
});
const metadata = authorizationServerMetadata({
  issuer,
  tokenRouter,
  revocationRouter,
  introspectionRouter,
  jwks,
  members: { authorization_endpoint: `${issuer}/authorize`, scopes_supported: ['openid'] },
});
express()
  .use(tokenRouter, revocationRouter, introspectionRouter)
  .use(createMetadataRouter({ metadata, jwks }))
  .use(createJwksRouter({ jwks }));

// A router stays a router, and says what it does.
tokenRouter satisfies Router;
holds<Equals<typeof tokenRouter.metadata, TokenEndpointMetadata>>();
holds<Equals<typeof metadata.issuer, string>>();
createDpopVerifier({ consumeJti: store.consumeJti }).algorithms satisfies readonly string[];

// What the issuer saved is what the endpoints look up.
createRevocationRouter({ findAccessToken: async (token) => rows.get(token), revokeGrant });

// @ts-expect-error it is not known how a grant ends
createRevocationRouter({ findRefreshToken });
// @ts-expect-error the record has no grantId
createRevocationRouter({ findRefreshToken: async () => ({ clientId: 'spa' }), revokeGrant });
createIntrospectionRouter({
  authenticateClient,
  resourceServer: () => [],
  isRevoked,
  jwks,
  issuer,
  // @ts-expect-error pages cannot call it
  allowedOrigins: [],
});
// @ts-expect-error resource servers authenticate
createIntrospectionRouter({ resourceServer: () => [], isRevoked, jwks, issuer });
// @ts-expect-error nobody knows whether a grant was revoked
createIntrospectionRouter({ authenticateClient, resourceServer: () => [], jwks, issuer });
// @ts-expect-error only the host knows where users sign in
authorizationServerMetadata({ issuer, tokenRouter, members: {} });
// @ts-expect-error a router of the host's says nothing
authorizationServerMetadata({ issuer, tokenRouter: express.Router(), members: { authorization_endpoint: issuer } });
