import type { Request } from 'express';
import { fault, OAuthError } from './errors';
import { invalidClient } from './http/client-credentials';
import type { Deadline } from './http/deadline';
import type { Client, ClientCredentials, TokenRouterOptions } from './types';

/** Turns credentials into the client they prove, or refuses. */
export type Authenticate = (credentials: ClientCredentials, req: Request, deadline: Deadline) => Promise<Client>;

/** Without `authenticateClient` every client is a public one, and a credential is refused (CONTRACT C1, C4, C6). */
export function createClientAuthentication(authenticateClient: TokenRouterOptions['authenticateClient']): Authenticate {
  if (authenticateClient === undefined) return async (credentials) => parsePublicClient(credentials);

  return async function authenticate(credentials, req, deadline) {
    const client = await deadline.look('authenticateClient', () => authenticateClient(credentials, req));
    if (client === null || client === undefined) throw invalidClient('client_refused');
    return checkClient(client, credentials.clientId);
  };
}

function parsePublicClient(credentials: ClientCredentials): Client {
  if (credentials.method !== 'none') throw invalidClient('client_authentication_unsupported');
  return { clientId: credentials.clientId };
}

/** The client may use this grant (RFC 6749 §5.2 `unauthorized_client`). */
export function checkGrantType({ grantTypes }: Client, grantType: string): void {
  if (grantTypes === undefined || grantTypes === null || grantTypes.includes(grantType)) return;
  throw new OAuthError('unauthorized_client', 'The client may not use this grant', {
    reason: 'grant_type_not_allowed',
  });
}

function checkClient(client: Client, claimedId: string | undefined): Client {
  const isSound =
    isClientId(client.clientId, claimedId) &&
    isOptionalBoolean(client.dpopBoundAccessTokens) &&
    isOptionalStrings(client.grantTypes);
  if (isSound) return client;
  throw fault(
    'client_malformed',
    new TypeError(
      'authenticateClient returns { clientId: string (the one that was claimed), dpopBoundAccessTokens?: boolean, grantTypes?: string[] }',
    ),
  );
}

const isClientId = (value: unknown, claimedId: string | undefined) =>
  typeof value === 'string' && value !== '' && (claimedId === undefined || value === claimedId);
const isOptionalBoolean = (value: unknown) => value === undefined || typeof value === 'boolean';
const isOptionalStrings = (value: unknown) =>
  value === undefined || (Array.isArray(value) && value.every((item) => typeof item === 'string'));
