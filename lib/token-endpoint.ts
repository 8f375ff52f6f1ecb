import type { Request, RequestHandler, Response } from 'express';
import { checkGrantType, createClientAuthentication } from './client-authentication';
import { OAuthError } from './errors';
import { createAuthorizationCodeGrant } from './grants/authorization-code';
import { createKeyConfirmation } from './grants/confirmation';
import type { Grant } from './grants/grant';
import { createRefreshTokenGrant } from './grants/refresh-token';
import { answer } from './http/answer';
import { readBody } from './http/body';
import { readClientCredentials } from './http/client-credentials';
import type { Deadline } from './http/deadline';
import type { Observer } from './http/observer';
import { checkQuery, createParameterReader, requireParameter } from './http/parameters';
import { toRefusal } from './http/refusal';
import type { Configuration } from './options';

/** The endpoint itself: parse the request, authenticate the client, redeem, answer. */
export function createTokenEndpoint(
  configuration: Configuration,
  { deadlineOf, observer }: { deadlineOf: (req: Request) => Deadline; observer: Observer },
): RequestHandler {
  const authenticate = createClientAuthentication(configuration.authenticateClient);
  const confirmKey = createKeyConfirmation(configuration);
  const { refresh } = configuration;
  const grants = new Map<string, Grant>([
    ['authorization_code', createAuthorizationCodeGrant(configuration, confirmKey)],
  ]);
  if (refresh) grants.set('refresh_token', createRefreshTokenGrant({ ...configuration, refresh }, confirmKey));

  async function exchange(req: Request, res: Response): Promise<void> {
    checkQuery(req);
    const readParameter = createParameterReader(await readBody(req, configuration.bodyLimit));
    const grantType = requireParameter(readParameter, 'grant_type');
    const redeem = findGrant(grants, grantType)(readParameter);
    const credentials = readClientCredentials(req, readParameter);
    observer.identify(req, credentials.clientId);

    const deadline = deadlineOf(req);
    const client = await authenticate(credentials, req, deadline);
    observer.identify(req, client.clientId);
    checkGrantType(client, grantType);
    const { reason, body, nonce } = await redeem(client, req, deadline);

    answer(res, 200, body, nonce === undefined ? {} : { 'DPoP-Nonce': nonce });
    observer.report(req, { outcome: 'issued', reason, status: 200 });
  }

  return function tokenEndpoint(req, res, next) {
    // What an adapter threw never reaches Express as it is: 'router' or an error with a status means something there.
    exchange(req, res).catch((thrown: unknown) => next(toRefusal(thrown)));
  };
}

function findGrant(grants: ReadonlyMap<string, Grant>, grantType: string): Grant {
  const grant = grants.get(grantType);
  if (grant) return grant;
  throw new OAuthError('unsupported_grant_type', 'The grant type is not supported', {
    reason: 'grant_type_unsupported',
  });
}
