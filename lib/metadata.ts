import type { Configuration } from './options';
import type { EndpointMetadata, TokenEndpointMetadata, TokenRouterOptions } from './types';

const PUBLIC_CLIENTS = Object.freeze(['none']);
const NONE: readonly string[] = Object.freeze([]);

/** Describes an endpoint. Members of an adapter, such as `methods`, say what it can do. */
export function describeEndpoint({
  path,
  authenticateClient,
}: {
  path: string;
  authenticateClient?: TokenRouterOptions['authenticateClient'];
}): EndpointMetadata {
  const isPublic = authenticateClient === undefined;
  return {
    path,
    clientAuthenticationMethods: isPublic ? PUBLIC_CLIENTS : listOf(authenticateClient, 'methods'),
    clientAuthenticationAlgorithms: isPublic ? NONE : listOf(authenticateClient, 'signingAlgorithms'),
  };
}

/** Describes the token endpoint. */
export function describeTokenEndpoint(configuration: Configuration): TokenEndpointMetadata {
  const { tokenEndpoint, verifyDpop, refresh, grants } = configuration;
  const grantTypes = ['authorization_code', ...(refresh ? ['refresh_token'] : []), ...Object.keys(grants)];
  return Object.freeze({
    ...describeEndpoint(configuration),
    tokenEndpoint: typeof tokenEndpoint === 'string' ? tokenEndpoint : undefined,
    grantTypes: Object.freeze(grantTypes),
    codeChallengeMethods: Object.freeze(['S256']),
    dpopAlgorithms: verifyDpop === undefined ? NONE : listOf(verifyDpop, 'algorithms'),
  });
}

function listOf(adapter: unknown, name: string): readonly string[] | undefined {
  const list: unknown = (Object(adapter) as Record<string, unknown>)[name];
  return Array.isArray(list) ? Object.freeze(list.map(String)) : undefined;
}
