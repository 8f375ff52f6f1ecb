import express from 'express';
import { createTokenRouter, type TokenRouterOptions } from '../../lib';
import { createClientAuthentication } from '../../lib/clients';
import { createDpopVerifier } from '../../lib/dpop';
import { authorizationServerMetadata, createIntrospectionRouter, createRevocationRouter } from '../../lib/endpoints';
import { memoryStore } from '../../lib/stores/memory';
import { createTokenIssuer } from '../../lib/tokens';
import { key } from '../clients/support/asserter';
import { EC } from '../support/issuer';
import { CLIENTS, ISSUER } from './support';

const issueTokens = () => ({ access_token: 'an access token', expires_in: 60 });
const findCode = () => null;
const consumeCode = () => false;
const members = { authorization_endpoint: `${ISSUER}/authorize` };
const simple = (different: Partial<TokenRouterOptions> = {}) =>
  createTokenRouter({ findCode, consumeCode, issueTokens, ...different } as TokenRouterOptions);

const revocation = () => createRevocationRouter({ findRefreshToken: () => null, revokeGrant: () => {} });
const introspection = () =>
  createIntrospectionRouter({
    authenticateClient: () => null,
    findAccessToken: () => null,
    resourceServer: () => [],
    isRevoked: () => false,
  });

/** The metadata of a server that has all there is. spec/endpoints/announced.spec.ts tries whether it is true. */
function describeServer() {
  const store = memoryStore();
  const { findRefreshToken, revokeGrant, isRevoked } = store;
  const issuer = createTokenIssuer({
    issuer: ISSUER,
    keys: [{ privateKey: EC.privateKey }],
    apis: [{ identifier: 'api', lifetime: 60, scopes: [], allowOfflineAccess: true }],
    store,
  });
  const authenticateClient = createClientAuthentication({
    findClient: (clientId) =>
      clientId === 'rp'
        ? { clientId, tokenEndpointAuthMethod: 'private_key_jwt', jwks: { keys: [key.jwk] }, grantTypes: null }
        : { clientId, grantTypes: null, ...CLIENTS.get(clientId), tokenEndpointAuthMethod: methodOf(clientId) },
    audience: ISSUER,
    consumeJti: store.consumeJti,
    algorithms: ['ES256', 'PS256'],
  });
  const shared = { authenticateClient, issuer: ISSUER, jwks: issuer.jwks, rateLimit: false } as const;
  const tokenRouter = createTokenRouter({
    ...store.adapters,
    issueTokens: issuer.issueTokens,
    authenticateClient,
    verifyDpop: createDpopVerifier({ consumeJti: store.consumeJti, algorithms: ['ES256', 'EdDSA'] }),
    tokenEndpoint: `${ISSUER}/oauth/token`,
    grants: { 'urn:example:own': { issueTokens, allowPublic: true } },
    rateLimit: false,
  });
  const revocationRouter = createRevocationRouter({ ...shared, findRefreshToken, revokeGrant });
  const introspectionRouter = createIntrospectionRouter({ ...shared, isRevoked, resourceServer: () => ['api'] });
  const metadata = authorizationServerMetadata({
    issuer: ISSUER,
    tokenRouter,
    revocationRouter,
    introspectionRouter,
    jwks: issuer.jwks,
    members: { ...members, scopes_supported: ['openid', 'offline_access'], service_documentation: undefined },
  });
  return metadata;
}

const methodOf = (clientId: string) =>
  ({ spa: 'none', api: 'client_secret_basic', opaque: 'client_secret_post' })[clientId] ?? 'none';

describe('authorizationServerMetadata', () => {
  it('tells what the routers do, and no more', () => {
    expect(describeServer()).toEqual({
      issuer: ISSUER,
      authorization_endpoint: `${ISSUER}/authorize`,
      token_endpoint: `${ISSUER}/oauth/token`,
      revocation_endpoint: `${ISSUER}/oauth/revoke`,
      introspection_endpoint: `${ISSUER}/oauth/introspect`,
      jwks_uri: `${ISSUER}/.well-known/jwks.json`,
      scopes_supported: ['openid', 'offline_access'],
      response_types_supported: ['code'],
      response_modes_supported: ['query', 'form_post', 'web_message'],
      grant_types_supported: ['authorization_code', 'refresh_token', 'urn:example:own'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: ['ES256', 'PS256'],
      revocation_endpoint_auth_methods_supported: [
        'none',
        'client_secret_basic',
        'client_secret_post',
        'private_key_jwt',
      ],
      revocation_endpoint_auth_signing_alg_values_supported: ['ES256', 'PS256'],
      introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
      introspection_endpoint_auth_signing_alg_values_supported: ['ES256', 'PS256'],
      dpop_signing_alg_values_supported: ['ES256', 'EdDSA'],
      authorization_response_iss_parameter_supported: true,
      request_uri_parameter_supported: false,
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
    });
    expect(Object.isFrozen(describeServer())).toBe(true);
  });

  it('tells little of a router that has little', () => {
    const metadata = authorizationServerMetadata({ issuer: `${ISSUER}/`, tokenRouter: simple(), members });
    expect(metadata).toEqual({
      issuer: `${ISSUER}/`,
      authorization_endpoint: `${ISSUER}/authorize`,
      token_endpoint: `${ISSUER}/oauth/token`,
      response_types_supported: ['code'],
      response_modes_supported: ['query', 'form_post', 'web_message'],
      grant_types_supported: ['authorization_code'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['none'],
      authorization_response_iss_parameter_supported: true,
      request_uri_parameter_supported: false,
    });
  });

  it('takes what only the host knows', () => {
    const tokenRouter = simple({
      authenticateClient: () => null,
      verifyDpop: async () => ({ jkt: 'a key' }),
      tokenEndpoint: () => `${ISSUER}/oauth/token`,
    });
    const own = {
      ...members,
      token_endpoint: 'https://tokens.example/t/oauth/token',
      token_endpoint_auth_methods_supported: ['tls_client_auth'],
      dpop_signing_alg_values_supported: ['ES256'],
      response_modes_supported: ['query'],
      client_id_metadata_document_supported: true,
    };
    expect(authorizationServerMetadata({ issuer: ISSUER, tokenRouter, members: own })).toMatchObject(own);
  });

  it.each<[string, object, string]>([
    [
      'another grant',
      { grant_types_supported: ['authorization_code', 'refresh_token'] },
      'members.grant_types_supported is authorization_code, refresh_token, but it is authorization_code. Leave it out.',
    ],
    [
      'another method',
      { token_endpoint_auth_methods_supported: ['client_secret_basic'] },
      'members.token_endpoint_auth_methods_supported is client_secret_basic, but it is none. Leave it out.',
    ],
    [
      'DPoP',
      { dpop_signing_alg_values_supported: ['ES256'] },
      'members.dpop_signing_alg_values_supported is ES256, but it is none. Leave it out.',
    ],
    [
      'plain',
      { code_challenge_methods_supported: ['S256', 'plain'] },
      'members.code_challenge_methods_supported is S256, plain, but it is S256. Leave it out.',
    ],
    [
      'no list',
      { grant_types_supported: 'authorization_code' },
      "members.grant_types_supported is 'authorization_code', but it is authorization_code. Leave it out.",
    ],
    [
      'another issuer',
      { issuer: `${ISSUER}/` },
      `members.issuer is '${ISSUER}/', but it is '${ISSUER}'. Leave it out.`,
    ],
    [
      'another path',
      { token_endpoint: `${ISSUER}/token` },
      `token_endpoint is '${ISSUER}/token', but the path of its router is '/oauth/token'.`,
    ],
    [
      'no URL',
      { registration_endpoint: '/register' },
      "members.registration_endpoint is '/register'. Write an http(s) URL without a fragment.",
    ],
    [
      'a URL with a fragment',
      { jwks_uri: `${ISSUER}/#keys` },
      `members.jwks_uri is '${ISSUER}/#keys'. Write an http(s) URL without a fragment.`,
    ],
    [
      'a URL with a fragment for a page of text',
      { op_policy_uri: `${ISSUER}/#policy` },
      `members.op_policy_uri is '${ISSUER}/#policy'. Write an http(s) URL without a fragment.`,
    ],
    ...[
      'authorization_endpoint',
      'revocation_endpoint',
      'introspection_endpoint',
      'registration_endpoint',
      'jwks_uri',
    ].map((name): [string, object, string] => [
      `http for ${name}`,
      { [name]: 'http://auth.example/x' },
      `${name} is 'http://auth.example/x'. Write an https URL, as your issuer is one.`,
    ]),
    [
      'http in capitals',
      { userinfo_endpoint: 'HTTP://auth.example/x' },
      "members.userinfo_endpoint is 'HTTP://auth.example/x'. Write an http(s) URL without a fragment.",
    ],
    ...['token', 'revocation', 'introspection'].map((name): [string, object, string] => [
      `alg none for clients at the ${name} endpoint`,
      { [`${name}_endpoint_auth_signing_alg_values_supported`]: ['ES256', 'none'] },
      `members.${name}_endpoint_auth_signing_alg_values_supported has 'none'. Leave that out: it is no signature.`,
    ]),
    ...['private_key_jwt', 'client_secret_jwt'].map((method): [string, object, string] => [
      `${method} without its algorithms`,
      { revocation_endpoint_auth_methods_supported: ['none', method] },
      "members.revocation_endpoint_auth_signing_alg_values_supported is missing, and a method needs it. Write an array such as ['ES256'].",
    ]),
    [
      'a method that signs, with an empty list of algorithms',
      {
        introspection_endpoint_auth_methods_supported: ['private_key_jwt'],
        introspection_endpoint_auth_signing_alg_values_supported: [],
      },
      "members.introspection_endpoint_auth_signing_alg_values_supported is missing, and a method needs it. Write an array such as ['ES256'].",
    ],
    ...[
      'scopes',
      'response_types',
      'response_modes',
      'ui_locales',
      'revocation_endpoint_auth_methods',
      'introspection_endpoint_auth_methods',
      'token_endpoint_auth_signing_alg_values',
    ].map((name): [string, object, string] => [
      `a string for the list of ${name}`,
      { [`${name}_supported`]: 'one' },
      `members.${name}_supported is 'one'. Write an array of strings.`,
    ]),
    ['null for a list', { scopes_supported: null }, 'members.scopes_supported is null. Write an array of strings.'],
    [
      'an object for a list',
      { ui_locales_supported: { en: true } },
      'members.ui_locales_supported is an object with en. Write an array of strings.',
    ],
    [
      'a list with a number in it',
      { scopes_supported: ['read:notes', 7] },
      'members.scopes_supported is an array with 7. Write an array of strings.',
    ],
    [
      'a list with an empty string in it',
      { response_types_supported: ['code', ''] },
      "members.response_types_supported is an array with ''. Write an array of strings.",
    ],
    ...['response_types_supported', 'response_modes_supported', 'revocation_endpoint_auth_methods_supported'].map(
      (name): [string, object, string] => [
        `an empty list of ${name}`,
        { [name]: [] },
        `members.${name} is an empty array. Write what you serve: clients need this list.`,
      ],
    ),
    [
      'a URL that cannot be read',
      { token_endpoint: 'https://[' },
      "members.token_endpoint is 'https://['. Write an http(s) URL without a fragment.",
    ],
    [
      'openid without keys',
      { scopes_supported: ['openid'] },
      "members.scopes_supported has 'openid', and jwks is missing. Pass jwks of createTokenIssuer.",
    ],
    [
      'no authorization_endpoint',
      { authorization_endpoint: undefined },
      'members.authorization_endpoint is undefined. Write the URL of your /authorize.',
    ],
  ])('refuses members that say %s', (_title, wrong, message) => {
    const tokenRouter = simple();
    const create = () =>
      authorizationServerMetadata({ issuer: ISSUER, tokenRouter, members: { ...members, ...wrong } });
    expect(create).toThrow(TypeError);
    expect(create).toThrow(new TypeError(`authorizationServerMetadata: ${message}`));
  });

  it('takes methods that sign with their algorithms, and http for pages of text', () => {
    const own = {
      ...members,
      revocation_endpoint_auth_methods_supported: ['private_key_jwt'],
      revocation_endpoint_auth_signing_alg_values_supported: ['ES256'],
      // A list of the host's own needs no algorithms.
      registration_methods: ['private_key_jwt'],
      op_tos_uri: 'http://auth.example/terms',
      // The keys behind it are signed.
      signed_jwks_uri: 'http://auth.example/signed-keys',
      // Members of other specifications may be of any kind.
      backchannel_logout_supported: true,
      credential_configurations_supported: { card: {} },
      my_scopes_supported: 'all',
      scopes_supported_since: '2026-01',
    };
    expect(authorizationServerMetadata({ issuer: ISSUER, tokenRouter: simple(), members: own })).toMatchObject(own);
  });

  it('takes http for all where the issuer is by http, for development', () => {
    const issuer = 'http://localhost:3000';
    const own = { authorization_endpoint: `${issuer}/authorize`, revocation_endpoint: `${issuer}/revoke` };
    expect(authorizationServerMetadata({ issuer, tokenRouter: simple(), members: own })).toMatchObject({
      ...own,
      token_endpoint: `${issuer}/oauth/token`,
    });
  });

  it('leaves out lists without members', () => {
    const own = { ...members, scopes_supported: [], ui_locales_supported: [] };
    const metadata = authorizationServerMetadata({ issuer: ISSUER, tokenRouter: simple(), members: own });
    expect(Object.keys(metadata)).not.toContain('scopes_supported');
    expect(Object.values(metadata)).not.toContainEqual([]);
  });

  it('keeps the defaults of members that are undefined', () => {
    const own = { ...members, token_endpoint: undefined, response_modes_supported: undefined };
    expect(authorizationServerMetadata({ issuer: ISSUER, tokenRouter: simple(), members: own })).toMatchObject({
      token_endpoint: `${ISSUER}/oauth/token`,
      response_modes_supported: ['query', 'form_post', 'web_message'],
    });
  });

  it('tells of no endpoint for ID tokens where openid is no scope', () => {
    const own = { ...members, scopes_supported: ['openid2'] };
    const jwks = () => ({ keys: [{ alg: 'ES256' }] });
    const metadata = authorizationServerMetadata({ issuer: ISSUER, tokenRouter: simple(), jwks, members: own });
    expect(metadata.jwks_uri).toBe(`${ISSUER}/.well-known/jwks.json`);
    expect(Object.keys(metadata).filter((name) => /id_token|subject/.test(name))).toEqual([]);
  });

  it('is the same whichever order the host writes', () => {
    const tokenRouter = simple({
      refresh: { findRefreshToken: () => null, consumeRefreshToken: () => false },
    } as never);
    const own = { ...members, grant_types_supported: ['refresh_token', 'authorization_code'] };
    expect(() => authorizationServerMetadata({ issuer: ISSUER, tokenRouter, members: own })).not.toThrow();
  });

  it.each<[string, object, string]>([
    [
      'no issuer',
      { issuer: 'auth.example' },
      "issuer is 'auth.example'. Write the iss of your tokens, such as 'https://auth.example'.",
    ],
    [
      'no router',
      { tokenRouter: express.Router() },
      'tokenRouter is the function router. Pass what createTokenRouter returned.',
    ],
    ...['revocationRouter', 'introspectionRouter'].map((name): [string, object, string] => [
      `another router in the place of ${name}`,
      { [name]: express.Router() },
      `${name} is the function router. Pass what its factory returned.`,
    ]),
    ['null for a router', { revocationRouter: null }, 'revocationRouter is null. Pass what its factory returned.'],
    [
      'no members',
      { members: undefined },
      'members.authorization_endpoint is undefined. Write the URL of your /authorize.',
    ],
    ['no function', { jwks: { keys: [] } }, 'jwks is an object with keys. Pass jwks of createTokenIssuer.'],
    [
      'an async function',
      { jwks: async () => ({}) },
      'jwks is the async function jwks. Pass jwks of createTokenIssuer.',
    ],
    ['an option that does not exist', { isuer: 'x' }, 'isuer does not exist. Did you mean issuer?'],
    [
      'an option that is none at all',
      { wellKnown: 'x' },
      'wellKnown does not exist. These exist: issuer, tokenRouter, revocationRouter, introspectionRouter, jwks, members.',
    ],
    [
      'another token_endpoint than that of the router',
      {
        tokenRouter: simple({ tokenEndpoint: 'https://a.example/oauth/token' }),
        members: { ...members, token_endpoint: `${ISSUER}/oauth/token` },
      },
      `members.token_endpoint is '${ISSUER}/oauth/token', but it is 'https://a.example/oauth/token'. Leave it out.`,
    ],
    [
      'another path than that of the revocation router',
      { revocationRouter: revocation(), members: { ...members, revocation_endpoint: `${ISSUER}/revoke` } },
      `revocation_endpoint is '${ISSUER}/revoke', but the path of its router is '/oauth/revoke'.`,
    ],
    [
      'another path than that of the introspection router',
      {
        introspectionRouter: introspection(),
        members: {
          ...members,
          introspection_endpoint: `${ISSUER}/introspect`,
          introspection_endpoint_auth_methods_supported: ['client_secret_basic'],
        },
      },
      `introspection_endpoint is '${ISSUER}/introspect', but the path of its router is '/oauth/introspect'.`,
    ],
    [
      'methods that nobody knows',
      { tokenRouter: simple({ authenticateClient: () => null }) },
      'members.token_endpoint_auth_methods_supported is missing, and your adapter does not say it. Write an array.',
    ],
    [
      'an empty list for methods that nobody knows',
      {
        tokenRouter: simple({ authenticateClient: () => null }),
        members: { ...members, token_endpoint_auth_methods_supported: [] },
      },
      'members.token_endpoint_auth_methods_supported is an empty array. Write what you serve: clients need this list.',
    ],
    [
      'algorithms that nobody knows',
      { tokenRouter: simple({ verifyDpop: async () => ({ jkt: 'a' }), tokenEndpoint: `${ISSUER}/oauth/token` }) },
      'members.dpop_signing_alg_values_supported is missing, and your adapter does not say it. Write an array.',
    ],
    [
      'alg none for DPoP',
      {
        tokenRouter: simple({ verifyDpop: async () => ({ jkt: 'a' }), tokenEndpoint: `${ISSUER}/oauth/token` }),
        members: { ...members, dpop_signing_alg_values_supported: ['none'] },
      },
      "members.dpop_signing_alg_values_supported has 'none'. Leave that out: it is no signature.",
    ],
    [
      'a tokenEndpoint of the router by http',
      { tokenRouter: simple({ tokenEndpoint: 'http://auth.example/oauth/token' }) },
      "token_endpoint is 'http://auth.example/oauth/token'. Write an https URL, as your issuer is one.",
    ],
    [
      'keys that are none',
      { jwks: () => ({ keys: [] }), members: { ...members, scopes_supported: ['openid'] } },
      'jwks returns no key with an alg. Pass jwks of createTokenIssuer.',
    ],
  ])('refuses options with %s', (_title, wrong, message) => {
    const create = () =>
      authorizationServerMetadata({ issuer: ISSUER, tokenRouter: simple(), members, ...wrong } as never);
    expect(create).toThrow(TypeError);
    expect(create).toThrow(new TypeError(`authorizationServerMetadata: ${message}`));
  });
});
