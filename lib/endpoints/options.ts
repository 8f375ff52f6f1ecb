import Joi from 'joi';
import { isIssuer } from '../issuer';
import { describeMistake } from '../mistakes';
import { type OwnOptions, parseEndpointOptions } from '../options';
import { adapter, plainAdapter } from '../options/adapters';
import { ENDPOINT_OPTIONS } from '../options/schema';
import type { Client } from '../types';
import type { IntrospectionRouterOptions, RevocationRouterOptions } from './types';

const ISSUER_HINT = "Write the issuer of your tokens, such as 'https://auth.example', or an array of them.";

const issuer = Joi.any().custom((value, helpers) =>
  [value].flat().every(isIssuer) && [value].flat().length > 0 ? value : helpers.error('any.invalid'),
);

const ACCESS_TOKENS = { findAccessToken: adapter, jwks: plainAdapter, issuer };

const ADAPTERS = {
  findAccessToken: '(accessToken, req) => { grantId, expiresAt, claims }, or null',
  jwks: '() => { keys }, at once, as createTokenIssuer returns it',
};

const REVOCATION = {
  ...ENDPOINT_OPTIONS,
  ...ACCESS_TOKENS,
  findRefreshToken: adapter,
  revokeGrant: adapter.required(),
} satisfies Readonly<Record<keyof RevocationRouterOptions, Joi.Schema>>;

const { allowedOrigins, ...WITHOUT_ORIGINS } = ENDPOINT_OPTIONS;

const INTROSPECTION = {
  ...WITHOUT_ORIGINS,
  ...ACCESS_TOKENS,
  authenticateClient: adapter.required(),
  resourceServer: adapter.required(),
  isRevoked: adapter.required(),
} satisfies Readonly<Record<keyof IntrospectionRouterOptions, Joi.Schema>>;

const OF_REVOCATION: OwnOptions = {
  factory: 'createRevocationRouter',
  path: '/oauth/revoke',
  schemas: REVOCATION,
  usage: {
    whole: 'findRefreshToken and revokeGrant',
    ofStore: 'Pick { findRefreshToken, revokeGrant } of it.',
    names: Object.keys(REVOCATION),
    adapters: { ...ADAPTERS, revokeGrant: '(grantId, req) => ends the grant with all its tokens' },
    others: { issuer: ISSUER_HINT },
  },
  listConflicts: (options) => [
    ...listConflicts(options),
    ...(['findRefreshToken', 'findAccessToken', 'jwks'].some((name) => options[name] !== undefined)
      ? []
      : ['findRefreshToken is missing, and no token would be found. Pick it of your store.']),
  ],
};

const OF_INTROSPECTION: OwnOptions = {
  factory: 'createIntrospectionRouter',
  path: '/oauth/introspect',
  schemas: INTROSPECTION,
  usage: {
    whole: 'authenticateClient, resourceServer, isRevoked, issuer and jwks',
    ofStore: 'Pick { isRevoked } of it.',
    names: Object.keys(INTROSPECTION),
    adapters: {
      ...ADAPTERS,
      resourceServer: '(client, req) => the audiences of this resource server, an array',
      isRevoked: '(grantId, req) => true or false',
    },
    others: { issuer: ISSUER_HINT },
  },
  listConflicts: (options) => [
    ...listConflicts(options),
    ...(['findAccessToken', 'jwks'].some((name) => options[name] !== undefined)
      ? []
      : ['jwks is missing, and no token would be found. Pass jwks of createTokenIssuer, and issuer.']),
  ],
};

function listConflicts({ issuer: given, jwks }: Readonly<Record<string, unknown>>): string[] {
  const isMissing = jwks !== undefined && given === undefined;
  return isMissing ? [describeMistake(['issuer'], given, `jwks needs it. ${ISSUER_HINT}`)] : [];
}

/** @throws TypeError that lists every mistake and what to write instead. */
export function parseRevocationOptions<RequestingClient extends Client>(
  options: RevocationRouterOptions<RequestingClient>,
) {
  return parseEndpointOptions(options as RevocationRouterOptions, OF_REVOCATION);
}

/** @throws TypeError that lists every mistake and what to write instead. */
export function parseIntrospectionOptions<RequestingClient extends Client>(
  options: IntrospectionRouterOptions<RequestingClient>,
) {
  return parseEndpointOptions(options as unknown as IntrospectionRouterOptions, OF_INTROSPECTION);
}
