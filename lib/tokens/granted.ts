import { OAuthError } from '../errors';
import { isIssuer } from '../issuer';
import { describeValue } from '../received';
import { type Apis, checkOneFormat, findGrantedApis, invalidRefreshToken, narrowApis } from './audience';
import type { IssuerConfiguration } from './options';
import { checkGrantEnd, checkGrantId, type ParsedRecord, parseRecord } from './record';
import { isKnownScope, splitScope } from './scopes';
import type { AnyAuthorization, IssuerExchange, OfClient, RefreshTokenRecord } from './types';

/** What was granted, and which part of it the access token is for. */
export interface Granted {
  /** The record of the exchange as the host keeps it. */
  authorization: AnyAuthorization;
  /** The same record, parsed. */
  parsed: ParsedRecord;
  /** The record of the refresh token that is redeemed. `undefined` for a code. */
  refreshed: RefreshTokenRecord | undefined;
  /** The `iss` of the tokens. */
  issuer: string;
  /** The `audience` to save, so that this grant stays with its API when `apis` changes. */
  audience: string;
  /** The APIs of the access token, all of one format. */
  apis: Apis;
  /** Seconds that the access token lives: the shortest lifetime of its APIs. */
  lifetime: number;
  /** The scopes of the access token. */
  scopes: readonly string[];
  /** Whether to issue a refresh token: `offline_access` was granted, and a refresh token can be used. */
  isOffline: boolean;
}

/**
 * Finds out what an exchange grants. Changes nothing. A mistake in the record of a code is a fault of the host. In a
 * refresh, scopes and APIs that do not exist any more are left out; the refresh is refused if nothing is left.
 *
 * @throws OAuthError to refuse, TypeError for a fault of the host.
 */
export function parseGranted(exchange: IssuerExchange, configuration: IssuerConfiguration): Granted {
  const { refreshToken } = exchange;
  const authorization = refreshToken ?? exchange.code;
  const parsed = parseRecord(authorization);
  if (refreshToken) checkGrantEnd(refreshToken.grantExpiresAt);
  const isOfClient = (exchange as OfClient).clientExchange !== undefined;
  const granted = findGrantedApis(parsed, configuration.apis, { isRefresh: refreshToken !== undefined, isOfClient });
  const apis = narrowApis(granted, parsed, exchange.resources ?? [], configuration.apis);
  checkOneFormat(apis);
  const isOffline = parseOffline(exchange, parsed, granted);
  if (!refreshToken) checkCode(exchange.code, parsed, granted, { isOfClient });
  const scopes = parseScopes(exchange, parsed, apis);
  if (isOffline || apis[0].accessToken === 'opaque') checkGrantId(authorization.grantId);
  return {
    authorization,
    parsed,
    refreshed: refreshToken,
    issuer: parseIssuer(exchange, configuration),
    audience: granted[0].identifier,
    apis,
    lifetime: Math.min(...apis.map(({ lifetime }) => lifetime)),
    scopes: scopes.filter((scope) => scope !== 'offline_access' || isOffline),
    isOffline,
  };
}

/**
 * Whether to issue a refresh token: only if the endpoint serves them and the client may use them. Refuses a refresh if
 * its grant is no longer offline: with an access token alone, the client would keep the spent token, and its next
 * refresh would count as a reuse.
 */
function parseOffline(
  { refreshToken, servesRefresh, client }: IssuerExchange,
  { scopes }: ParsedRecord,
  granted: Apis,
) {
  const isOffline = scopes.includes('offline_access') && granted.every(({ allowOfflineAccess }) => allowOfflineAccess);
  if (!refreshToken)
    return isOffline && servesRefresh !== false && client.grantTypes?.includes('refresh_token') !== false;
  if (!isOffline) throw invalidRefreshToken('offline_access_withdrawn');
  return isOffline;
}

const isKnownTo = (apis: Apis) => (scope: string) => apis.some((api) => isKnownScope(scope, api.scopes));

/** Checks that only known scopes were granted, and that the nonce was not lost. */
function checkCode(
  { nonce }: AnyAuthorization,
  { scopes }: ParsedRecord,
  granted: Apis,
  { isOfClient }: { isOfClient: boolean },
): void {
  const unknown = scopes.find((scope) => !isKnownTo(granted)(scope));
  if (unknown !== undefined) {
    const names = granted.map(({ identifier }) => identifier).join(' and ');
    throw new TypeError(
      `The scope ${unknown} was granted, but is no scope of ${names}. ${isOfClient ? 'Leave it out of what findClientGrant returns' : 'Refuse it at the authorization endpoint'}`,
    );
  }
  if (scopes.includes('openid') && nonce === undefined) {
    throw new TypeError('The record of the code has no nonce. Write null if the authorization request had none');
  }
}

/**
 * Leaves out scopes that an API does not have any more, so that logins with such a scope go on. The answer names the
 * rest.
 */
function parseScopes({ refreshToken, scope }: IssuerExchange, { scopes }: ParsedRecord, apis: Apis): readonly string[] {
  const asked = refreshToken && typeof scope === 'string' ? splitScope(scope) : scopes;
  const known = asked.filter(isKnownTo(apis));
  if (known.length > 0 || asked.length === 0) return known;
  // An answer without a scope would mean that everything was granted (RFC 6749 §5.1).
  throw new OAuthError('invalid_scope', 'The resource knows none of the scopes', { reason: 'scope_not_allowed' });
}

/** Finds the issuer, which tenants have each for themselves. */
function parseIssuer(exchange: IssuerExchange, { issuer }: IssuerConfiguration): string {
  if (typeof issuer === 'string') return issuer;
  const url: unknown = issuer(exchange);
  if (isIssuer(url)) return url;
  throw new TypeError(`issuer returned ${describeValue(url)}. Return an http(s) URL without a query and a fragment`);
}
