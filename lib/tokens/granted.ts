import { OAuthError } from '../errors';
import { isIssuer } from '../issuer';
import { describeValue } from '../received';
import { type Apis, checkOneFormat, findGrantedApis, invalidRefreshToken, narrowApis } from './audience';
import type { IssuerConfiguration } from './options';
import { checkGrantEnd, checkGrantId, type ParsedRecord, parseRecord } from './record';
import { isKnownScope, splitScope } from './scopes';
import type { AnyAuthorization, IssuerExchange, OfClient, RefreshTokenRecord } from './types';

/** What was granted, and what of it the access token is for. */
export interface Granted {
  /** The record of the exchange as the host keeps it. */
  authorization: AnyAuthorization;
  /** The same in plain values. */
  parsed: ParsedRecord;
  /** The record of the refresh token that is exchanged, if one is. */
  refreshed: RefreshTokenRecord | undefined;
  /** The `iss` of the tokens. */
  issuer: string;
  /** The `audience` to save, so that this grant stays with its API when `apis` changes. */
  audience: string;
  /** The APIs of the access token, all of one format. */
  apis: Apis;
  /** Seconds that the access token lives: the shortest time of its APIs. */
  lifetime: number;
  /** The scopes of the access token. */
  scopes: readonly string[];
  /** Whether there is a refresh token to issue: `offline_access` was granted, and can be used. */
  isOffline: boolean;
}

/**
 * What an exchange grants. What is wrong with a code's record is the host's fault. What was granted once and is there no more
 * when a refresh token comes, is left out, and refused where nothing is left. Changes nothing.
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
 * A refresh token must be of use: the endpoint serves them, and the client may use them. One whose grant is no longer offline
 * is refused. With an access token alone its client would keep the spent token, and be taken for a thief when it returns.
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

/** The authorization endpoint, or what finds a client's grant, must not have granted what is not there, nor have lost the nonce. */
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

/** A scope that an API has given up must not end the logins that had it: the rest is issued, and the answer says so. */
function parseScopes({ refreshToken, scope }: IssuerExchange, { scopes }: ParsedRecord, apis: Apis): readonly string[] {
  const asked = refreshToken && typeof scope === 'string' ? splitScope(scope) : scopes;
  const known = asked.filter(isKnownTo(apis));
  if (known.length > 0 || asked.length === 0) return known;
  // An answer without a scope would say that all was granted (RFC 6749 §5.1).
  throw new OAuthError('invalid_scope', 'The resource knows none of the scopes', { reason: 'scope_not_allowed' });
}

/** Tenants have issuers of their own. */
function parseIssuer(exchange: IssuerExchange, { issuer }: IssuerConfiguration): string {
  if (typeof issuer === 'string') return issuer;
  const url: unknown = issuer(exchange);
  if (isIssuer(url)) return url;
  throw new TypeError(`issuer returned ${describeValue(url)}. Return an http(s) URL without a query and a fragment`);
}
