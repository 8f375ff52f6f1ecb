import { types } from 'node:util';
import { isOwner } from '../client-authentication';
import { fault, OAuthError } from '../errors';
import { requireParameter } from '../http/parameters';
import type { Reason } from '../reasons';
import type { Client, RefreshToken } from '../types';
import type { TokenRequest } from './grant';
import { areGranted, areResources } from './resources';

/** The one answer to an unknown, foreign, spent or expired refresh token. */
export const invalidRefreshToken = (reason: Reason, options: { cause?: unknown } = {}) =>
  new OAuthError('invalid_grant', 'Unknown or invalid refresh token', { reason, ...options });

/** Fields that may be missing where nothing asks for them. */
export interface NeededFields {
  dpopJkt: boolean;
  spentAt: boolean;
}

const FIELDS: Readonly<Partial<Record<keyof RefreshToken, (value: unknown) => boolean>>> = {
  clientId: isText,
  scope: (value) => value === null || typeof value === 'string',
  expiresAt: isInstant,
  dpopJkt: (value) => value === null || isText(value),
  spentAt: (value) => value === null || isInstant(value),
  isRepeatable: (value) => value === null || value === undefined || typeof value === 'boolean',
  resources: areResources,
  repeatedAs: (value) => value === null || value === undefined || KINDS.includes(value),
};

const KINDS: readonly unknown[] = ['at_once', 'late', 'sibling'];

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isInstant(value: unknown): boolean {
  return types.isDate(value) && !Number.isNaN(value.getTime());
}

/** What `findRefreshToken` returned, as a record in which no field was lost on the way. */
export function parseRefreshToken(found: unknown, needed: NeededFields): RefreshToken {
  if (found === null || found === undefined) throw invalidRefreshToken('refresh_token_unknown');
  const record = Object(found) as Record<string, unknown>;
  const isSpared = (name: string) => record[name] === undefined && needed[name as keyof NeededFields] === false;
  for (const [name, isSound] of Object.entries(FIELDS)) {
    if (isSound(record[name]) || isSpared(name)) continue;
    const cause = new TypeError(
      `findRefreshToken returned a record whose ${name} is missing or malformed; null says "none"`,
    );
    throw fault('refresh_token_malformed', cause);
  }
  return found as RefreshToken;
}

/** A token request of this grant (RFC 6749 §6, RFC 8707 §2.2). */
export interface RefreshRequest {
  refreshToken: string;
  scope: string | undefined;
  resources: readonly string[];
}

export function parseRefreshRequest({ readParameter, resources }: TokenRequest): RefreshRequest {
  const refreshToken = requireParameter(readParameter, 'refresh_token');
  return { refreshToken, scope: parseScope(readParameter('scope')), resources };
}

/** What the checks of a refresh token look at. */
export interface PresentedToken {
  refreshToken: RefreshToken;
  client: Client;
  request: RefreshRequest;
}

type Holds = (presented: PresentedToken) => boolean;

export const isOfClient: Holds = ({ refreshToken, client }) => isOwner(client, refreshToken.clientId);

/** A request can narrow the scope, and never widens it. */
export const asksForGrantedScope: Holds = ({ refreshToken, request }) => {
  if (request.scope === undefined) return true;
  const granted = new Set(splitScope(refreshToken.scope ?? ''));
  return splitScope(request.scope).every((scope) => granted.has(scope));
};

export const asksForGranted: Holds = ({ refreshToken, request }) =>
  areGranted(request.resources, refreshToken.resources);

export const scopeExceeded = () =>
  new OAuthError('invalid_scope', 'The parameter scope asks for more than was granted', { reason: 'scope_exceeded' });

const SCOPE = /^[\x20\x21\x23-\x5B\x5D-\x7E]+$/;

/** The `scope` parameter in the form of RFC 6749 §3.3. Spaces too many are dropped, and nothing but spaces is no scope. */
function parseScope(scope: string | undefined): string | undefined {
  if (scope === undefined) return undefined;
  if (SCOPE.test(scope)) return splitScope(scope).join(' ') || undefined;
  throw new OAuthError('invalid_scope', 'The parameter scope is malformed', { reason: 'scope_malformed' });
}

const splitScope = (scope: string) => scope.split(' ').filter((word) => word !== '');

/** Runs after the token is spent, so that a reuse is seen as one however late it comes. */
export function checkLifetime(refreshToken: RefreshToken): void {
  if (refreshToken.expiresAt.getTime() <= Date.now()) throw invalidRefreshToken('refresh_token_expired');
}
