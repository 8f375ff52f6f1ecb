import { isOwner } from '../client-authentication';
import { fault, OAuthError } from '../errors';
import { requireParameter } from '../http/parameters';
import type { Reason } from '../reasons';
import type { Client, RefreshToken } from '../types';
import type { TokenRequest } from './grant';
import {
  type Field,
  type Fields,
  findWrong,
  INSTANT,
  INSTANT_OR_NULL,
  optional,
  STRING_OR_NULL,
  TEXT,
  TEXT_OR_NULL,
} from './record-fields';
import { areGranted, RESOURCES } from './resources';
import { isScopeGranted, parseScope, splitScope } from './scope';

/** The same refusal for an unknown, foreign, spent or expired refresh token. */
export const invalidRefreshToken = (reason: Reason, options: { cause?: unknown } = {}) =>
  new OAuthError('invalid_grant', 'Unknown or invalid refresh token', { reason, ...options });

/** Whether these fields must be there. */
export interface NeededFields {
  dpopJkt: boolean;
  spentAt: boolean;
}

const KINDS: readonly unknown[] = ['at_once', 'late', 'sibling'];

const FIELDS: Fields = Object.entries<Field>({
  clientId: TEXT,
  scope: STRING_OR_NULL,
  expiresAt: INSTANT,
  dpopJkt: TEXT_OR_NULL,
  spentAt: INSTANT_OR_NULL,
  isRepeatable: optional([(value) => typeof value === 'boolean', 'true or false, or null for none']),
  resources: RESOURCES,
  repeatedAs: optional([(value) => KINDS.includes(value), "'at_once', 'late' or 'sibling', or null for none"]),
} satisfies Partial<Record<keyof RefreshToken, Field>>);

/** Parses what `findRefreshToken` returned. A lost or malformed field is a fault. */
export function parseRefreshToken(found: unknown, needed: NeededFields): RefreshToken {
  if (found === null || found === undefined) throw invalidRefreshToken('refresh_token_unknown');
  const isSpared = (name: string) => needed[name as keyof NeededFields] === false;
  const wrong = findWrong('findRefreshToken', found, FIELDS, isSpared);
  if (wrong) throw fault('refresh_token_malformed', wrong);
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

/** What the checks of a refresh token read. */
export interface PresentedToken {
  refreshToken: RefreshToken;
  client: Client;
  request: RefreshRequest;
}

type Holds = (presented: PresentedToken) => boolean;

export const isOfClient: Holds = ({ refreshToken, client }) => isOwner(client, refreshToken.clientId);

export const asksForGrantedScope: Holds = ({ refreshToken, request }) =>
  isScopeGranted(request.scope, splitScope(refreshToken.scope));

export const asksForGranted: Holds = ({ refreshToken, request }) =>
  areGranted(request.resources, refreshToken.resources);

/** Runs after the token is spent, so that a late reuse is still reported as a reuse. */
export function checkLifetime(refreshToken: RefreshToken): void {
  if (refreshToken.expiresAt.getTime() <= Date.now()) throw invalidRefreshToken('refresh_token_expired');
}
