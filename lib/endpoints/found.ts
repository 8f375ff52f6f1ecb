import type { Request } from 'express';
import { fault } from '../errors';
import type { Deadline } from '../http/deadline';
import { wrongField, wrongReturn } from '../received';
import type { AccessTokenOptions, FoundAccessToken, FoundRefreshToken, RevocationRouterOptions } from './types';

type FindRefreshToken = RevocationRouterOptions['findRefreshToken'];
type Find<Found> = (token: string, req: Request, deadline: Deadline) => Promise<Found | undefined>;

const isText = (value: unknown) => typeof value === 'string' && value !== '';
const isNothing = (value: unknown) => value === null || value === undefined;

/** Asks the host for an access token. What it brings is checked: a lost column must not make a token live. */
export function createAccessTokenLookup({
  findAccessToken,
}: Pick<AccessTokenOptions, 'findAccessToken'>): Find<FoundAccessToken> {
  if (!findAccessToken) return async () => undefined;
  return async function lookUpAccessToken(token, req, deadline) {
    const found = await deadline.look('findAccessToken', () => findAccessToken(token, req));
    if (isNothing(found)) return undefined;
    checkAccessToken(found);
    return found;
  };
}

function checkAccessToken(found: unknown): asserts found is FoundAccessToken {
  const refuse = (cause: TypeError) => fault('access_token_malformed', cause);
  if (typeof found !== 'object' || found === null) {
    throw refuse(wrongReturn('findAccessToken', found, '{ grantId, expiresAt, claims }, or null'));
  }
  const { grantId, expiresAt, claims } = found as Partial<Record<keyof FoundAccessToken, unknown>>;
  const wrong = (name: string, wanted: string) => refuse(wrongField('findAccessToken', found, name, wanted));
  if (!isNothing(grantId) && !isText(grantId)) throw wrong('grantId', 'a string that is not empty, or null');
  if (!(expiresAt instanceof Date) || Number.isNaN(expiresAt.getTime())) throw wrong('expiresAt', 'a valid Date');
  if (typeof claims !== 'object' || claims === null) throw wrong('claims', 'an object');
}

/** Asks the host for a refresh token, spent or not. */
export function createRefreshTokenLookup(findRefreshToken: FindRefreshToken): Find<FoundRefreshToken> {
  if (!findRefreshToken) return async () => undefined;
  return async function lookUpRefreshToken(token, req, deadline) {
    const found = await deadline.look('findRefreshToken', () => findRefreshToken(token, req));
    if (isNothing(found)) return undefined;
    checkRefreshToken(found);
    return found;
  };
}

function checkRefreshToken(found: unknown): asserts found is FoundRefreshToken {
  if (typeof found !== 'object' || found === null) {
    throw fault('refresh_token_malformed', wrongReturn('findRefreshToken', found, '{ clientId, grantId }, or null'));
  }
  const missing = (['clientId', 'grantId'] as const).find((name) => !isText((found as FoundRefreshToken)[name]));
  if (missing === undefined) return;
  const cause = wrongField('findRefreshToken', found, missing, 'a string that is not empty');
  throw fault('refresh_token_malformed', cause);
}
