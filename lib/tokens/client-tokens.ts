import type { Request } from 'express';
import { OIDC_SCOPES, splitScope } from '../grants/scope';
import { createIssue, type KeyFor } from './issue';
import type { IssuerConfiguration } from './options';
import type { Authorization, ClientTokenExchange, IssueClientTokens, OfClient } from './types';

/**
 * Issues tokens for clients themselves. There is no user, so no ID token and no refresh token. `users` and `claims` are
 * not called, because the id of a client may equal the id of a user.
 */
export function createClientTokens(configuration: IssuerConfiguration, keyFor: KeyFor): IssueClientTokens {
  const { clientClaims } = configuration;
  const issue = createIssue(
    {
      ...configuration,
      users: undefined,
      isRevoked: undefined,
      claims:
        clientClaims && (({ clientExchange }: OfClient, _token, req) => clientClaims(clientExchange as never, req)),
    },
    keyFor,
  );
  const issueClientTokens = (exchange: ClientTokenExchange, req: Request) => issue(toLogin(exchange), req);
  const check = (exchange: ClientTokenExchange, req: Request) => issue.check(toLogin(exchange), req);
  return Object.assign(issueClientTokens, { check });
}

function toLogin(exchange: ClientTokenExchange): OfClient {
  const { client, clientGrant, scope, confirmation, resources = [], actTimeout = Number.POSITIVE_INFINITY } = exchange;
  const ofUsers: readonly string[] = OIDC_SCOPES;
  const code: Authorization = {
    ...clientGrant,
    clientId: client.clientId,
    userId: client.clientId,
    scope: splitScope(scope)
      .filter((each) => !ofUsers.includes(each))
      .join(' '),
    audience: clientGrant.audience ?? null,
    nonce: null,
    authTime: null,
    acr: null,
    amr: null,
  };
  return { code, client, confirmation, resources, servesRefresh: false, actTimeout, clientExchange: exchange };
}
