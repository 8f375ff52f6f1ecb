import { types } from 'node:util';
import { OAuthError, type OAuthErrorCode } from '../errors';
import type { Reason } from '../reasons';
import type { IssuerConfiguration } from './options';
import { findUnknownScope, splitScope } from './scopes';
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
 * is there no more when a refresh token comes, is refused, and the client asks anew.
 */
export function parseGranted(
  { code, refreshToken, ...exchange }: IssuerExchange,
  { apis, defaultApi }: IssuerConfiguration,
): Granted {
  const authorization = checkFields(refreshToken ?? code, FIELDS);
  if (refreshToken) checkFields(refreshToken, { grantExpiresAt: isInstant });
  const isGone = (error: OAuthErrorCode, reason: Reason, description: string, message: string) =>
    refreshToken ? new OAuthError(error, description, { reason }) : new TypeError(message);

  const api = authorization.audience === null ? defaultApi : apis.get(authorization.audience);
  if (!api) {
    throw isGone('invalid_grant', 'api_unknown', 'Unknown or invalid refresh token', 'audience is none of apis');
  }
  const granted = splitScope(authorization.scope);
  const isOffline = granted.includes('offline_access') && api.allowOfflineAccess === true;
  const scopes = 'scope' in exchange ? splitScope(exchange.scope) : granted;
  const unknown = findUnknownScope(scopes, api.scopes);
  if (unknown !== undefined) {
    const message = `The scope ${unknown} was granted, but ${api.identifier} does not know it`;
    throw isGone('invalid_scope', 'scope_not_allowed', 'The scope is not allowed any more', message);
  }
  if (!refreshToken && scopes.includes('openid') && authorization.nonce === undefined) {
    throw new TypeError('The record of the code has no nonce; null says "none"');
  }
  return {
    authorization,
    refreshed: refreshToken,
    api,
    scopes: scopes.filter((scope) => scope !== 'offline_access' || isOffline),
    isOffline,
  };
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
