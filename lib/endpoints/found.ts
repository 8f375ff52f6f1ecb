import { types } from 'node:util';
import type { Request } from 'express';
import { fault } from '../errors';
import { type Fields, findWrong, INSTANT, optional, TEXT } from '../grants/record-fields';
import type { Deadline } from '../http/deadline';
import type { Awaitable } from '../types';
import type { FoundAccessToken, FoundRefreshToken } from './types';

type Find<Found> = (token: string, req: Request, deadline: Deadline) => Promise<Found | undefined>;

/** An adapter that finds tokens. */
type Adapter<Found> = ((token: string, req: Request) => Awaitable<Found | null | undefined>) | undefined;

const isObject = (value: unknown) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !types.isMap(value);

/** An `nbf` that cannot be read must not make a token valid. The column may be empty. */
const hasReadableNbf = (claims: unknown) => Number.isFinite((claims as { nbf?: unknown }).nbf ?? 0);

/** The fields of a found token that are read. */
const KINDS = {
  findAccessToken: {
    reason: 'access_token_malformed',
    fields: [
      ['grantId', optional(TEXT)],
      ['expiresAt', INSTANT],
      ['claims', [isObject, 'an object']],
      ['claims', [hasReadableNbf, 'an object whose nbf is a number of seconds']],
    ] as Fields,
  },
  findRefreshToken: {
    reason: 'refresh_token_malformed',
    fields: Object.entries({ clientId: TEXT, grantId: TEXT }) as Fields,
  },
} as const;

/** Asks the host for an access token. */
export const createAccessTokenLookup = (adapter: Adapter<FoundAccessToken>) => createLookup('findAccessToken', adapter);

/** Asks the host for a refresh token, spent or not. */
export const createRefreshTokenLookup = (adapter: Adapter<FoundRefreshToken>) =>
  createLookup('findRefreshToken', adapter);

/**
 * Checks what the host returns, because a lost column must not make a token valid. Without an adapter, finds nothing.
 */
function createLookup<Found>(name: keyof typeof KINDS, adapter: Adapter<Found>): Find<Found> {
  if (!adapter) return async () => undefined;
  const { reason, fields } = KINDS[name];

  return async function lookUp(token, req, deadline) {
    const found = await deadline.look(name, () => adapter(token, req));
    if (found === null || found === undefined) return undefined;
    const wrong = findWrong(name, found, fields, () => false);
    if (wrong) throw fault(reason, wrong);
    return found;
  };
}
