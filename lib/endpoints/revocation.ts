import type { Request, Router } from 'express';
import { isOwner } from '../client-authentication';
import { type Answer, createEndpoint, type Parse } from '../endpoint';
import { OAuthError } from '../errors';
import type { Deadline } from '../http/deadline';
import { requireParameter } from '../http/parameters';
import { describeEndpoint } from '../metadata';
import { mountEndpoint } from '../mount';
import type { Client, EndpointMetadata } from '../types';
import { createAccessTokenLookup, createRefreshTokenLookup } from './found';
import { claimsToBeOver, createJwtReader, isJwtShaped } from './jwt-access-token';
import { parseRevocationOptions } from './options';
import type { RevocationRouterOptions } from './types';

/** A token that was found: its client, and the grant to revoke. */
interface Revocable {
  clientId: unknown;
  grantId: string;
}

type Find = (token: string, req: Request, deadline: Deadline) => Promise<Revocable | undefined>;
type Configuration = ReturnType<typeof parseRevocationOptions>;

/**
 * The revocation endpoint (RFC 7009) as an Express router: `POST /oauth/revoke`. A refresh token ends its grant, and so
 * does an access token that can be found. JWTs stay valid for a resource server that does not use the introspection
 * endpoint.
 *
 * @throws TypeError that lists every mistake in the options.
 */
export function createRevocationRouter<RequestingClient extends Client = Client>(
  options: RevocationRouterOptions<RequestingClient>,
): Router & { readonly metadata: EndpointMetadata } {
  const configuration = parseRevocationOptions(options);
  const endpoint = createEndpoint(configuration, { name: 'revocation', needsCredential: false });
  const router = mountEndpoint(
    configuration.path,
    endpoint,
    endpoint.serve(createRevocation(configuration), ['token', 'token_type_hint']),
  );
  return Object.assign(router, { metadata: Object.freeze(describeEndpoint(configuration)) });
}

function createRevocation(configuration: Configuration): Parse {
  const { revokeGrant } = configuration;
  const find = createLookup(configuration);

  return function parseRevocationRequest(readParameter) {
    const token = requireParameter(readParameter, 'token');
    const isAccessToken = readParameter('token_type_hint') === 'access_token';

    return async function revoke({ client }, req, deadline) {
      const found = await find(token, isAccessToken, req, deadline);
      if (!found) {
        checkRevocable(token);
        return answered('token_not_found');
      }
      if (!isOwner(client, String(found.clientId))) return FOREIGN;
      // Runs even if nobody waits for the answer: an app that logs out may be closed by now.
      await deadline.look('revokeGrant', () => revokeGrant(found.grantId, req));
      return answered('token_revoked');
    };
  };
}

/** Looks for both kinds of tokens. The hint only says where to begin (RFC 7009 §2.1). */
function createLookup(configuration: Configuration) {
  const lookUpRefreshToken = createRefreshTokenLookup(configuration.findRefreshToken);
  const lookUpAccessToken = createAccessTokenLookup(configuration.findAccessToken);
  const readJwt = createJwtReader(configuration);

  const findAccessToken: Find = async (token, req, deadline) => {
    const found = readJwt(token) ?? (await lookUpAccessToken(token, req, deadline));
    // An expired token is not found, so that nobody can end a login with a token from an old log.
    if (!found?.grantId || found.expiresAt.getTime() <= Date.now()) return undefined;
    return { clientId: found.claims.client_id, grantId: found.grantId };
  };

  return async function find(token: string, isAccessToken: boolean, req: Request, deadline: Deadline) {
    const [first, second]: readonly [Find, Find] = isAccessToken
      ? [findAccessToken, lookUpRefreshToken]
      : [lookUpRefreshToken, findAccessToken];
    return (await first(token, req, deadline)) ?? (await second(token, req, deadline));
  };
}

/**
 * Refuses a JWT that was not found: resource servers still accept it, so the answer must not say that it is revoked.
 */
function checkRevocable(token: string): void {
  if (!isJwtShaped(token) || claimsToBeOver(token)) return;
  throw new OAuthError('unsupported_token_type', 'This token cannot be revoked, it expires by itself', {
    reason: 'token_not_revocable',
    counts: false,
  });
}

const answered = (reason: Answer['reason']): Answer => ({ outcome: 'served', reason, body: undefined, headers: {} });

/**
 * The answer to a token of another client, which is not revoked. It is the same as for an unknown token, so that nobody
 * can test stolen tokens here.
 */
const FOREIGN: Answer = {
  ...answered('token_of_another_client'),
  verdict: new OAuthError('invalid_grant', 'The token is of another client'),
};
