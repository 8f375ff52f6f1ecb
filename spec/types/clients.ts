import { createTokenRouter, type TokenRouterOptions } from '../../lib';
import {
  type AuthenticateClient,
  createClientAuthentication,
  createClientMetadataResolver,
  createClientSecret,
  type FetchDocument,
  type MetadataClient,
  type RegisteredClient,
} from '../../lib/clients';
import { memoryJtis } from '../../lib/stores/memory';
import { redisJtis } from '../../lib/stores/redis';
import * as host from './host';

const { findCode, consumeCode, tokens } = host;

/** A host's own row, as a database has it. */
interface ClientRow {
  clientId: string;
  tokenEndpointAuthMethod: string;
  clientSecretHash: string | null;
  jwks: { keys: object[] } | null;
  grantTypes: string[] | null;
  dpopBoundAccessTokens: 0 | 1;
  owner: string;
}
declare function findClient(clientId: string): Promise<ClientRow | undefined>;

const options = { findClient, audience: 'https://auth.example', ...memoryJtis() };
const authenticateClient = createClientAuthentication(options);

authenticateClient satisfies TokenRouterOptions['authenticateClient'];
authenticateClient satisfies AuthenticateClient<ClientRow>;
authenticateClient.methods satisfies readonly (
  | 'none'
  | 'client_secret_basic'
  | 'client_secret_post'
  | 'private_key_jwt'
)[];
createClientAuthentication({ ...options, ...redisJtis({ sendCommand: async () => 'OK' }) });
createClientAuthentication({ findClient, methods: ['none', 'client_secret_basic'] });
createClientAuthentication({ ...options, audience: (req) => `https://${req.hostname}` });

// The host's own row arrives in issueTokens.
createTokenRouter({
  findCode,
  consumeCode,
  authenticateClient,
  issueTokens: async ({ client }) => ({ ...tokens, issued_for: client.owner }),
});
createTokenRouter({
  findCode,
  consumeCode,
  authenticateClient,
  // @ts-expect-error the row has no such member
  issueTokens: async ({ client }) => ({ ...tokens, issued_for: client.nobody }),
});

// The global fetch fits, and so does one of the host's.
createClientMetadataResolver({ fetch: async (url, init) => fetch(url, init) });
declare const proxied: FetchDocument;
createClientMetadataResolver({ fetch: proxied });
createClientMetadataResolver() satisfies (clientId: string) => Promise<MetadataClient | null>;
const resolveClient = createClientMetadataResolver();
createClientAuthentication({
  ...options,
  findClient: async (id, req) => (await findClient(id)) ?? resolveClient(id, req),
});
createClientSecret().clientSecretHash satisfies RegisteredClient['clientSecretHash'];

// @ts-expect-error there is no way to find a client
createClientAuthentication({ audience: 'https://auth.example' });
// @ts-expect-error a client without its method
createClientAuthentication({ ...options, findClient: async () => ({ clientId: 'spa' }) });
declare function findNumber(): Promise<{ clientId: string; tokenEndpointAuthMethod: 'none'; clientSecretHash: number }>;
// @ts-expect-error a hash that is no string
createClientAuthentication({ ...options, findClient: findNumber });
// @ts-expect-error a store that returns nothing
createClientAuthentication({ ...options, consumeJti: () => {} });
// @ts-expect-error there is no such method
createClientAuthentication({ ...options, methods: ['tls_client_auth'] });
// @ts-expect-error no secret is shared for signatures
createClientAuthentication({ ...options, algorithms: ['HS256'] });
// @ts-expect-error a misspelling
createClientAuthentication({ ...options, findclient: findClient });
