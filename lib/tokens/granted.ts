import { types } from 'node:util';
import { OAuthError } from '../errors';
import type { IssuerConfiguration } from './options';
import { isKnownScope, splitScope } from './scopes';
import type { Api, Authorization, IssuerExchange, RefreshTokenRecord } from './types';

/** What was granted, and for which API. */
export interface Granted {
  authorization: Authorization;
  /** The record of the refresh token that is exchanged, if one is. */
  refreshed: RefreshTokenRecord | undefined;
  api: Api;
  /** The scopes of the access token. */
  scopes: readonly string[];
  /** Whether there is a refresh token to issue: `offline_access` was granted, and the API allows it. */
  isOffline: boolean;
}

const FIELDS: Readonly<Record<Exclude<keyof Authorization, 'clientId' | 'grantId'>, (value: unknown) => boolean>> = {
  userId: isText,
  scope: isOptional((value) => typeof value === 'string'),
  audience: (value) => value === null || isText(value),
  nonce: isOptional(isText),
  authTime: isOptional(isInstant),
  acr: isOptional(isText),
  amr: isOptional((value) => Array.isArray(value) && value.every(isText)),
};

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isInstant(value: unknown): boolean {
  return types.isDate(value) && !Number.isNaN(value.getTime());
}

function isOptional(isSound: (value: unknown) => boolean) {
  return (value: unknown) => value === null || value === undefined || isSound(value);
}

/**
 * What the record of an exchange grants. What is wrong with a code's record is the host's fault; what was granted once and
 * is there no more when a refresh token comes, is left out, and refused where nothing is left.
 */
export function parseGranted(
  { code, refreshToken, ...exchange }: IssuerExchange,
  { apis, defaultApi }: IssuerConfiguration,
): Granted {
  const authorization = checkFields(refreshToken ?? code, FIELDS);
  if (refreshToken) checkFields(refreshToken, { grantExpiresAt: isInstant });
  const api = authorization.audience === null ? defaultApi : apis.get(authorization.audience);
  if (!api) {
    if (!refreshToken) throw new TypeError('audience is none of apis');
    throw new OAuthError('invalid_grant', 'Unknown or invalid refresh token', { reason: 'api_unknown' });
  }
  const granted = splitScope(authorization.scope);
  const isOffline = granted.includes('offline_access') && api.allowOfflineAccess === true;
  const asked = 'scope' in exchange ? splitScope(exchange.scope) : granted;
  const scopes = asked.filter((scope) => isKnownScope(scope, api.scopes));
  if (!refreshToken) checkCode(authorization, asked, scopes, api);
  // A scope that an API has given up must not end the logins that had it: the rest is issued, and the answer says so.
  if (scopes.length === 0 && asked.length > 0) {
    throw new OAuthError('invalid_scope', 'The scope is not allowed any more', { reason: 'scope_not_allowed' });
  }
  return {
    authorization,
    refreshed: refreshToken,
    api,
    scopes: scopes.filter((scope) => scope !== 'offline_access' || isOffline),
    isOffline,
  };
}

/** The authorization endpoint must not have granted what is not there, nor have lost the nonce. */
function checkCode({ nonce }: Authorization, granted: readonly string[], known: readonly string[], api: Api): void {
  const unknown = granted.find((scope) => !known.includes(scope));
  if (unknown !== undefined) {
    throw new TypeError(`The scope ${unknown} was granted, but ${api.identifier} does not know it`);
  }
  if (granted.includes('openid') && nonce === undefined) {
    throw new TypeError('The record of the code has no nonce; null says "none"');
  }
}

function checkFields(
  record: Authorization,
  fields: Readonly<Record<string, (value: unknown) => boolean>>,
): Authorization {
  for (const [name, isSound] of Object.entries(fields)) {
    if (!isSound((record as unknown as Record<string, unknown>)[name])) {
      throw new TypeError(`The record of the exchange has no sound ${name}; null says "none"`);
    }
  }
  return record;
}
