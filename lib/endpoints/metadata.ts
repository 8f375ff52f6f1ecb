import { throwMistakes } from '../mistakes';
import type { EndpointMetadata, TokenEndpointMetadata } from '../types';
import {
  listBadAlgorithms,
  listBadLists,
  listBadUrls,
  listContradictions,
  listUnknown,
  listUnsafeUrls,
  listWrongPaths,
  type Members,
} from './metadata-checks';
import { parseMetadataOptions } from './metadata-options';
import type { AuthorizationServerMetadata, AuthorizationServerMetadataOptions } from './types';

/**
 * Creates the metadata of an authorization server (RFC 8414 §2, OpenID Connect Discovery §3) from its routers and from
 * what you add in `members`.
 *
 * @throws TypeError if `members` contradicts a router, or if a member is missing that only you know.
 */
export function authorizationServerMetadata(options: AuthorizationServerMetadataOptions): AuthorizationServerMetadata {
  const { issuer, jwks, members } = parseMetadataOptions(options);
  const token = options.tokenRouter.metadata;
  const { revocationRouter, introspectionRouter } = options;
  const isOpenId = [members.scopes_supported].flat().includes('openid');

  const known: Members = {
    issuer,
    ...describeToken(token),
    ...describeAuthentication('token_endpoint', token),
    ...(revocationRouter && describeAuthentication('revocation_endpoint', revocationRouter.metadata)),
    ...(introspectionRouter && describeAuthentication('introspection_endpoint', introspectionRouter.metadata)),
    ...(isOpenId && { id_token_signing_alg_values_supported: algorithmsOf(jwks) }),
  };
  const given = Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
  const all = { ...describeDefaults(options, { isOpenId }), ...given, ...withoutUnknown(known) };
  throwMistakes('authorizationServerMetadata', [
    ...listContradictions(given, known),
    ...listUnknown(given, known),
    ...listBadLists(all),
    ...listBadUrls(all),
    ...listUnsafeUrls(all),
    ...listBadAlgorithms(all),
    ...listWrongPaths(all, options),
  ]);
  return Object.freeze(withoutEmpty(all)) as AuthorizationServerMetadata;
}

function describeToken(token: TokenEndpointMetadata): Members {
  return {
    ...(token.tokenEndpoint !== undefined && { token_endpoint: token.tokenEndpoint }),
    grant_types_supported: token.grantTypes,
    code_challenge_methods_supported: token.codeChallengeMethods,
    dpop_signing_alg_values_supported: token.dpopAlgorithms,
  };
}

function describeAuthentication(name: string, metadata: EndpointMetadata): Members {
  const { clientAuthenticationMethods: methods, clientAuthenticationAlgorithms: algorithms } = metadata;
  return {
    [`${name}_auth_methods_supported`]: methods,
    ...(methods?.includes('private_key_jwt') && { [`${name}_auth_signing_alg_values_supported`]: algorithms }),
  };
}

/** Defaults for a host that uses the other subpaths. `members` can replace them. */
function describeDefaults(options: AuthorizationServerMetadataOptions, { isOpenId }: { isOpenId: boolean }): Members {
  const { issuer, tokenRouter, revocationRouter, introspectionRouter, jwks } = options;
  const base = issuer.replace(/\/$/, '');
  return {
    token_endpoint: `${base}${tokenRouter.metadata.path}`,
    ...(revocationRouter && { revocation_endpoint: `${base}${revocationRouter.metadata.path}` }),
    ...(introspectionRouter && { introspection_endpoint: `${base}${introspectionRouter.metadata.path}` }),
    ...(jwks && { jwks_uri: `${base}/.well-known/jwks.json` }),
    response_types_supported: ['code'],
    response_modes_supported: ['query', 'form_post', 'web_message'],
    authorization_response_iss_parameter_supported: true,
    request_uri_parameter_supported: false,
    ...(isOpenId && { subject_types_supported: ['public'] }),
  };
}

/** The first key signs ID tokens. */
function algorithmsOf(jwks: unknown): string[] {
  const [first] = (jwks as () => { keys: readonly unknown[] })().keys;
  const { alg } = Object(first) as Members;
  if (typeof alg === 'string') return [alg];
  throw new TypeError('authorizationServerMetadata: jwks returns no key with an alg. Pass jwks of createTokenIssuer.');
}

const withoutUnknown = (known: Members) =>
  Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
/** Leaves out members without a value (RFC 8414 §3.2). */
const withoutEmpty = (all: Members) =>
  Object.fromEntries(Object.entries(all).filter(([, value]) => !Array.isArray(value) || value.length > 0));
