import { describeUnknown, throwMistakes } from '../mistakes';
import { describeValue } from '../received';
import type { EndpointMetadata, TokenEndpointMetadata } from '../types';
import { isIssuer, isUrl } from './issuer';
import type { AuthorizationServerMetadata, AuthorizationServerMetadataOptions } from './types';

type Members = Readonly<Record<string, unknown>>;

const OPTIONS = ['issuer', 'tokenRouter', 'revocationRouter', 'introspectionRouter', 'jwks', 'members'];
const URL_NAMES = /_(?:endpoint|uri)$/;

/**
 * The metadata of an authorization server (RFC 8414 §2, OpenID Connect Discovery §3): what its routers know of themselves, and
 * what you add in `members`. The document says what the endpoints do, and nothing else.
 *
 * @throws TypeError where `members` contradicts a router, or where something is missing that only you know.
 */
export function authorizationServerMetadata(options: AuthorizationServerMetadataOptions): AuthorizationServerMetadata {
  const { issuer, jwks, members } = parseOptions(options);
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
    ...listBadUrls(all),
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

/** What is true of a host that uses the other subpaths. `members` may say otherwise. */
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
    ...(isOpenId && { subject_types_supported: ['public'] }),
  };
}

function parseOptions(options: unknown) {
  const { issuer, tokenRouter, jwks, members, ...rest } = Object(options) as Members;
  const isRouter = (router: unknown) => typeof Object(Object(router).metadata).path === 'string';
  const isFunction = typeof jwks === 'function';
  const unknown = Object.keys(rest).filter((name) => !OPTIONS.includes(name));
  const others = ['revocationRouter', 'introspectionRouter'].filter((name) => rest[name] !== undefined);
  const { authorization_endpoint: endpoint, scopes_supported: scopes } = Object(members) as Members;
  const wrong: [boolean, string][] = [
    [
      !isIssuer(issuer),
      `issuer is ${describeValue(issuer)}. Write the iss of your tokens, such as 'https://auth.example'.`,
    ],
    [!isRouter(tokenRouter), `tokenRouter is ${describeValue(tokenRouter)}. Pass what createTokenRouter returned.`],
    [jwks !== undefined && !isFunction, `jwks is ${describeValue(jwks)}. Pass jwks of createTokenIssuer.`],
    [
      typeof endpoint !== 'string',
      `members.authorization_endpoint is ${describeValue(endpoint)}. Write the URL of your /authorize.`,
    ],
    [
      [scopes].flat().includes('openid') && !isFunction,
      "members.scopes_supported has 'openid', and jwks is missing. Pass jwks of createTokenIssuer.",
    ],
  ];
  throwMistakes('authorizationServerMetadata', [
    ...unknown.map((name) => describeUnknown([name], OPTIONS)),
    ...wrong.flatMap(([isWrong, line]) => (isWrong ? [line] : [])),
    ...others
      .filter((name) => !isRouter(rest[name]))
      .map((name) => `${name} is ${describeValue(rest[name])}. Pass what its factory returned.`),
  ]);
  return { issuer, jwks: jwks as AuthorizationServerMetadataOptions['jwks'], members: members as Members };
}

/** The key that signs ID tokens is the first one. */
function algorithmsOf(jwks: unknown): string[] {
  const [first] = (jwks as () => { keys: readonly unknown[] })().keys;
  const { alg } = Object(first) as Members;
  if (typeof alg === 'string') return [alg];
  throw new TypeError('authorizationServerMetadata: jwks returns no key with an alg. Pass jwks of createTokenIssuer.');
}

/** What a router knows is not to be said otherwise. Lists are sets. */
function listContradictions(given: Members, known: Members): string[] {
  return Object.entries(known).flatMap(([name, value]) => {
    if (value === undefined || !(name in given) || isSame(given[name], value)) return [];
    return [`members.${name} is ${show(given[name])}, but it is ${show(value)}. Leave it out.`];
  });
}

/** What an adapter of the host's does not say, and the document must not leave out. */
function listUnknown(given: Members, known: Members): string[] {
  const unknown = Object.keys(known).filter((name) => known[name] === undefined && given[name] === undefined);
  return unknown.map((name) => `members.${name} is missing, and your adapter does not say it. Write an array.`);
}

function listBadUrls(all: Members): string[] {
  const isGood = (url: unknown) =>
    typeof url === 'string' && /^https?:\/\/[\x21-\x7E]+$/.test(url) && !/[#@\\]/.test(url) && isUrl(url);
  return Object.entries(all)
    .filter(([name, url]) => URL_NAMES.test(name) && !isGood(url))
    .map(([name, url]) => `members.${name} is ${describeValue(url)}. Write an http(s) URL without a fragment.`);
}

/** A router that is mounted under another path than its URL is never found. */
function listWrongPaths(all: Members, options: AuthorizationServerMetadataOptions): string[] {
  const routers = {
    token_endpoint: options.tokenRouter,
    revocation_endpoint: options.revocationRouter,
    introspection_endpoint: options.introspectionRouter,
  };
  return Object.entries(routers).flatMap(([name, router]) => {
    const url = String(all[name]);
    if (!router || !isUrl(url) || new URL(url).pathname.endsWith(router.metadata.path)) return [];
    return [`${name} is ${describeValue(url)}, but the path of its router is ${describeValue(router.metadata.path)}.`];
  });
}

const isSame = (one: unknown, other: unknown) => toSet(one) === toSet(other);
const toSet = (value: unknown) => JSON.stringify(Array.isArray(value) ? [...new Set(value)].sort() : value);
const show = (value: unknown) => (Array.isArray(value) ? value.map(String).join(', ') || 'none' : describeValue(value));
const withoutUnknown = (known: Members) =>
  Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
/** RFC 8414 §3.2: members without a value are left out. */
const withoutEmpty = (all: Members) =>
  Object.fromEntries(Object.entries(all).filter(([, value]) => !Array.isArray(value) || value.length > 0));
