import type { Request } from 'express';
import { fault } from '../errors';
import { wrongReturn } from '../received';
import { invalidClient } from '../refusals';
import type { ClientCredentials } from '../types';
import { createAssertionVerifier, parseOwnAssertion } from './assertions';
import { createDocuments } from './documents';
import { parseKeySet } from './key-set';
import { type ClientAuthenticationConfiguration, parseAuthenticationOptions } from './options';
import { createSecretCheck } from './secrets';
import type { AuthenticateClient, ClientAuthenticationOptions, RegisteredClient } from './types';

/**
 * Creates `authenticateClient`. Each client must use the method that it is registered for: `none`,
 * `client_secret_basic`, `client_secret_post` (RFC 6749 §2.3.1) and `private_key_jwt` (RFC 7523 §2.2). Authentication
 * uses up the `jti` of an assertion, even if the request is refused later, so a client must make a new assertion for
 * each request.
 *
 * @throws TypeError that lists every mistake in the options.
 */
export function createClientAuthentication<Registered extends RegisteredClient>(
  options: ClientAuthenticationOptions<Registered>,
): AuthenticateClient<Registered> {
  const configuration = parseAuthenticationOptions(options);
  const { methods, algorithms, fetch } = configuration;
  const checkSecret = createSecretCheck();
  const verifyAssertion = createAssertionVerifier(configuration, createDocuments({ fetch, parse: parseKeySet }));

  async function authenticateClient(credentials: ClientCredentials, req: Request): Promise<Registered> {
    if (!methods.includes(credentials.method)) throw invalidClient('client_authentication_unsupported');
    if (credentials.method === 'private_key_jwt') {
      const assertion = parseOwnAssertion(credentials.clientAssertion, req, configuration);
      checkClaimedId(credentials, assertion.clientId);
      const client = await findRegistered([assertion.clientId], credentials.method, req, configuration);
      await verifyAssertion(assertion, client, req);
      return client as Registered;
    }
    const { clientId, clientIdAsSent = clientId } = credentials;
    const client = await findRegistered([clientId, clientIdAsSent], credentials.method, req, configuration);
    if (credentials.method !== 'none') await checkSecret(client, credentials, req);
    return client as Registered;
  }

  const signingAlgorithms = methods.includes('private_key_jwt') ? algorithms : Object.freeze([]);
  return Object.assign(authenticateClient, { methods, signingAlgorithms });
}

/** Checks that a `client_id` beside an assertion names the same client (RFC 7521 §4.2). */
function checkClaimedId({ clientId, clientIdAsSent }: ClientCredentials, proven: string): void {
  if (clientId !== undefined && clientId !== proven && clientIdAsSent !== proven)
    throw invalidClient('client_mismatch');
}

/** Finds the client by one of these ids, and checks that it is registered for this method. */
async function findRegistered(
  ids: readonly string[],
  method: ClientCredentials['method'],
  req: Request,
  { findClient }: ClientAuthenticationConfiguration,
): Promise<RegisteredClient> {
  for (const id of new Set(ids)) {
    const client = await findClient(id, req);
    if (client === null || client === undefined) continue;
    checkRegistration(client);
    // A lookup that ignores letter case finds another client than the one that was named.
    if (client.clientId !== id) throw invalidClient('client_mismatch');
    if (client.tokenEndpointAuthMethod !== method) throw invalidClient('client_authentication_method_wrong');
    return client;
  }
  throw invalidClient('client_not_found');
}

function checkRegistration(client: RegisteredClient): void {
  const { clientId, tokenEndpointAuthMethod } = Object(client) as Record<string, unknown>;
  const isText = (value: unknown) => typeof value === 'string' && value !== '';
  if (isText(clientId) && isText(tokenEndpointAuthMethod)) return;
  const cause = wrongReturn('findClient', client, '{ clientId, tokenEndpointAuthMethod, … }, both strings, or null');
  throw fault('client_malformed', cause);
}
