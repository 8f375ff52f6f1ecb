import type { Request, Router } from 'express';
import { type Answer, createEndpoint, type Parse } from '../endpoint';
import { fault } from '../errors';
import { isSameResource } from '../grants/same-resource';
import type { Deadline } from '../http/deadline';
import { requireParameter } from '../http/parameters';
import { describeEndpoint } from '../metadata';
import { mountEndpoint } from '../mount';
import { wrongReturn } from '../received';
import type { Client, EndpointMetadata } from '../types';
import { createAccessTokenLookup } from './found';
import { createJwtReader } from './jwt-access-token';
import { parseIntrospectionOptions } from './options';
import type { FoundAccessToken, IntrospectionRouterOptions } from './types';

type Configuration = ReturnType<typeof parseIntrospectionOptions>;

/** The members of the answer (RFC 7662 §2.2), beside `active` and `token_type`. */
const MEMBERS = ['scope', 'client_id', 'sub', 'aud', 'iss', 'exp', 'iat', 'jti', 'cnf'] as const;

/**
 * The introspection endpoint (RFC 7662) as an Express router: `POST /oauth/introspect`. Resource servers must
 * authenticate. It knows access tokens only. A refresh token is inactive here, because no resource server should have
 * one.
 *
 * @throws TypeError that lists every mistake in the options.
 */
export function createIntrospectionRouter<RequestingClient extends Client = Client>(
  options: IntrospectionRouterOptions<RequestingClient>,
): Router & { readonly metadata: EndpointMetadata } {
  const configuration = parseIntrospectionOptions(options);
  // No origin is allowed: a page must not hold the credential of a resource server.
  const endpoint = createEndpoint(
    { ...configuration, allowedOrigins: [] },
    { name: 'introspection', needsCredential: true },
  );
  const router = mountEndpoint(
    configuration.path,
    endpoint,
    endpoint.serve(createIntrospection(configuration), ['token', 'token_type_hint']),
  );
  const { clientAuthenticationMethods: methods, ...metadata } = describeEndpoint(configuration);
  const clientAuthenticationMethods = methods?.filter((method) => method !== 'none');
  return Object.assign(router, { metadata: Object.freeze({ ...metadata, clientAuthenticationMethods }) });
}

function createIntrospection(configuration: Configuration): Parse {
  const readJwt = createJwtReader(configuration);
  const lookUpAccessToken = createAccessTokenLookup(configuration.findAccessToken);
  const audiencesOf = createAudiences(configuration);
  const isRevoked = createRevocationCheck(configuration);

  return function parseIntrospectionRequest(readParameter) {
    const token = requireParameter(readParameter, 'token');
    // Only a hint, and there is only one place to look. But it must be well-formed.
    readParameter('token_type_hint');

    return async function introspect({ client }, req, deadline) {
      const audiences = await audiencesOf(client, req, deadline);
      const found = readJwt(token) ?? (await lookUpAccessToken(token, req, deadline));
      if (!found || !isCurrent(found) || !isFor(found, audiences)) return INACTIVE;
      if (await isRevoked(found, req, deadline)) return INACTIVE;
      return describe(found);
    };
  };
}

function createAudiences({ resourceServer }: Configuration) {
  return async function audiencesOf(client: Client, req: Request, deadline: Deadline): Promise<readonly string[]> {
    const audiences: unknown = await deadline.look('resourceServer', () => resourceServer(client, req));
    const isSound = Array.isArray(audiences) && audiences.every((each) => typeof each === 'string');
    if (isSound) return audiences;
    throw fault('resource_server_failed', wrongReturn('resourceServer', audiences, 'an array of audiences'));
  };
}

function createRevocationCheck({ isRevoked }: Configuration) {
  return async function check({ grantId }: FoundAccessToken, req: Request, deadline: Deadline): Promise<boolean> {
    if (!grantId) return false;
    const answer: unknown = await deadline.look('isRevoked', () => isRevoked(grantId, req));
    if (typeof answer === 'boolean') return answer;
    throw fault('is_revoked_failed', wrongReturn('isRevoked', answer, 'true or false'));
  };
}

/** `nbf` counts for opaque tokens too (RFC 7662 §4). */
function isCurrent({ expiresAt, claims }: FoundAccessToken): boolean {
  const now = Date.now();
  return expiresAt.getTime() > now && Number(claims.nbf ?? 0) * 1000 <= now;
}

function isFor({ claims }: FoundAccessToken, audiences: readonly string[]): boolean {
  const named = [claims.aud].flat().filter((each) => typeof each === 'string');
  return named.some((name) => audiences.some((audience) => isSameResource(name, audience)));
}

const answered = (reason: Answer['reason'], body: object): Answer => ({
  outcome: 'served',
  reason,
  body: JSON.stringify(body),
  headers: {},
});

/** The same answer for a token that is not active and for one of another audience, so that nobody learns which. */
const INACTIVE = Object.freeze(answered('token_inactive', { active: false }));

/** Only these members: custom claims are for the resource server of the token. */
function describe({ claims }: FoundAccessToken): Answer {
  const members = Object.fromEntries(MEMBERS.map((name) => [name, claims[name]]));
  const isBound = typeof (Object(claims.cnf) as { jkt?: unknown }).jkt === 'string';
  return answered('token_introspected', { active: true, ...members, token_type: isBound ? 'DPoP' : 'Bearer' });
}
