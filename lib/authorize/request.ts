import { ERROR_STATUS, isOAuthError, type OAuthError } from '../errors';
import { isCallbackUrl, onlyCallbackUrl } from './callback-url';
import { checkClient, checkOptions } from './options';
import { type Parameters, parseParameters } from './parameters';
import { invalidRequest, refusal } from './refusals';
import { parseRequest } from './request-parameters';
import { parseResponseMode } from './response-mode';
import type {
  AuthorizationClient,
  AuthorizationRequestOptions,
  AuthorizationTarget,
  ParsedAuthorizationRequest,
} from './types';

/**
 * Checks an authorization request (RFC 6749 §4.1.1, RFC 7636 §4.3, OpenID Connect Core §3.1.2.1). Bad input never
 * throws: look at `kind`. An error has the kind `page` until the client and its callback URL are verified, and
 * `redirect` from then on. Does not check the user, and stores nothing.
 *
 * @param query `req.query`, a query string, a `URLSearchParams`, or `req.body` of a form.
 * @throws TypeError for a mistake in the options or in the client of `findClient`, and whatever `findClient` throws.
 */
export async function parseAuthorizationRequest<
  FoundClient extends AuthorizationClient,
  const Name extends string = never,
>(
  query: unknown,
  options: AuthorizationRequestOptions<FoundClient, Name>,
): Promise<ParsedAuthorizationRequest<FoundClient, Name>> {
  checkOptions(options);
  const parameters = parseParameters(query);
  const receivedAt = Date.now();

  const found = await attempt(async () => {
    const client = await findKnownClient(parameters, options);
    return { client, ...parseCallbackUrl(parameters, client) };
  });
  if (found.error) return { kind: 'page', error: found.error, status: statusOf(found.error) };

  const { client, redirectUri, responseUri } = found.value;
  const target = await parseTarget(parameters, responseUri, client, options.issuer);
  const parsed = await attempt(() => parseRequest(parameters, target, client, options));
  if (parsed.error) return { kind: 'redirect', request: target, client, error: parsed.error };
  return { kind: 'request', request: { ...parsed.value, clientId: client.clientId, redirectUri, receivedAt }, client };
}

type Attempt<Value> = { value: Value; error?: never } | { value?: never; error: OAuthError };

/** Returns a refusal as a value. Anything else that is thrown is a fault, and is thrown on. */
async function attempt<Value>(step: () => Value | Promise<Value>): Promise<Attempt<Value>> {
  try {
    return { value: await step() };
  } catch (thrown) {
    if (isOAuthError(thrown)) return { error: thrown };
    throw thrown;
  }
}

function statusOf({ status, error }: OAuthError): number {
  return status ?? (ERROR_STATUS as Readonly<Record<string, number>>)[error] ?? 400;
}

async function findKnownClient<FoundClient extends AuthorizationClient>(
  { read }: Parameters,
  { findClient }: AuthorizationRequestOptions<FoundClient, string>,
): Promise<FoundClient> {
  const clientId = read('client_id');
  if (clientId === undefined) throw invalidRequest('parameter_missing', 'Missing required parameter: client_id');
  const client = await findClient(clientId);
  if (client !== null && client !== undefined) {
    checkClient(client);
    // A lookup that ignores letter case finds another client than the one that was named.
    if (client.clientId === clientId) return client;
  }
  throw refusal('invalid_client', 'client_unknown', 'The client is unknown');
}

/**
 * Parses the callback URL, which must be registered. A request without one uses the only registered URL
 * (RFC 6749 §3.1.2.3).
 */
function parseCallbackUrl(parameters: Parameters, client: AuthorizationClient) {
  const redirectUri = parameters.read('redirect_uri');
  if (redirectUri !== undefined) {
    if (isCallbackUrl(redirectUri, client.redirectUris, client)) return { redirectUri, responseUri: redirectUri };
    throw invalidRequest('redirect_uri_unregistered', 'The redirect_uri is not registered for this client');
  }
  const only = onlyCallbackUrl(client.redirectUris, client);
  // OpenID Connect requires redirect_uri always (Core §3.1.2.1).
  const isOpenId = parameters
    .readAll('scope')
    .some((value) => typeof value === 'string' && value.split(' ').includes('openid'));
  if (only !== undefined && !isOpenId) return { redirectUri: null, responseUri: only };
  throw invalidRequest('parameter_missing', 'Missing required parameter: redirect_uri');
}

/**
 * Parses where the answer goes, also an error. If `state` or `response_mode` is wrong, the error is sent without it.
 */
async function parseTarget(
  parameters: Parameters,
  responseUri: string,
  client: AuthorizationClient,
  issuer: string,
): Promise<AuthorizationTarget> {
  const { value: responseMode = 'query' } = await attempt(() => parseResponseMode(parameters, responseUri, client));
  const { value: state = null } = await attempt(() => parameters.read('state'));
  return { responseUri, responseMode, state, issuer };
}
