import type { Request } from 'express';
import { asOwner } from '../client-authentication';
import { fault } from '../errors';
import type { Deadline } from '../http/deadline';
import type { Reason } from '../reasons';
import { wrongReturn } from '../received';
import type { AuthorizationCode, Client, RefreshOptions, RefreshToken, TokenRouterOptions } from '../types';
import { type Checks, runChecks } from './checks';
import type { ConfirmKey } from './confirmation';
import type { Grant } from './grant';
import { createIssuableCheck } from './issuable';
import { serializeTokens } from './issued-tokens';
import {
  asksForGranted,
  asksForGrantedScope,
  checkLifetime,
  invalidRefreshToken,
  isOfClient,
  type PresentedToken,
  parseRefreshRequest,
  parseRefreshToken,
} from './refresh-token-record';
import { CLOCK_AHEAD_MS, revoke } from './replay';
import { resourceNotGranted, selectResources } from './resources';
import { scopeExceeded } from './scope';

type Adapters = Pick<TokenRouterOptions<AuthorizationCode, Client, RefreshToken>, 'issueTokens' | 'verifyDpop'> & {
  refresh: RefreshOptions;
  actTimeout: number;
};

/** The checks before anything is spent, in the order of RFC 6749 §6, each with its refusal. */
const CHECKS: Checks<PresentedToken> = [
  [isOfClient, () => invalidRefreshToken('refresh_token_of_another_client')],
  [asksForGrantedScope, scopeExceeded],
  [asksForGranted, resourceNotGranted],
];

/** The refresh grant with rotation (RFC 6749 §6, RFC 9700 §4.14). First the look, then the act, as for a code. */
export function createRefreshTokenGrant(adapters: Adapters, confirmKey: ConfirmKey): Grant {
  const { refresh, issueTokens, verifyDpop, actTimeout } = adapters;
  const { findRefreshToken, consumeRefreshToken, revokeTokens, rotates = () => true, leeway = 0 } = refresh;
  const store = { findRefreshToken, consumeRefreshToken, revokeTokens, leeway };
  const needed = { dpopJkt: verifyDpop !== undefined, spentAt: leeway > 0 || refresh.rotates !== undefined };
  const checkIssuable = createIssuableCheck(issueTokens);

  return function refreshTokenGrant(tokenRequest) {
    const request = parseRefreshRequest(tokenRequest);
    const { parameters } = tokenRequest;

    return async function redeem(caller, req, deadline) {
      const found = await deadline.look('findRefreshToken', () => findRefreshToken(request.refreshToken, req));
      const refreshToken = parseRefreshToken(found, needed);
      runChecks(CHECKS, { refreshToken, client: caller.client, request });
      const client = asOwner(caller.client, refreshToken.clientId);
      // Only `false` keeps a token. A token that is spent already is never kept.
      const rotated = await deadline.look(
        'rotates',
        () => Boolean(refreshToken.spentAt) || rotates(refreshToken, client),
      );
      const isRotated = rotated !== false;
      const scope = request.scope ?? refreshToken.scope;
      const resources = selectResources(request.resources, refreshToken.resources);
      const facts = { confirmation: undefined, resources, parameters, servesRefresh: true, actTimeout };
      const exchange = { refreshToken, scope, isRotated, client, ...facts };
      await checkIssuable(exchange, req, deadline);
      const { confirmation, nonce } = await confirmKey(refreshToken.dpopJkt, client, req, deadline);

      deadline.beginAct({ isRepeatable: mayComeAgain(refreshToken) });
      const presented = { ...request, record: refreshToken };
      const reason = isRotated ? await consume(presented, req, deadline, store) : 'refresh_token_kept';
      checkLifetime(refreshToken);
      const tokens = await deadline.act('issueTokens', () => issueTokens({ ...exchange, confirmation }, req));
      return { reason, body: serializeTokens(tokens, confirmation), nonce };
    };
  };
}

type Store = RefreshOptions & { leeway: number };

interface Presented {
  refreshToken: string;
  record: RefreshToken;
}

/**
 * Returns for the one request that spends the token, and for repeats within the leeway. Everything else is a reuse: two
 * parties have the token, and nobody knows which one is the thief. So the family is revoked.
 */
async function consume(presented: Presented, req: Request, deadline: Deadline, store: Store) {
  const { record } = presented;
  const { consumeRefreshToken, revokeTokens } = store;
  const isConsumed: unknown = await deadline.act('consumeRefreshToken', () => consumeRefreshToken(record, req));
  if (isConsumed === true) return 'refresh_token_redeemed';
  if (isConsumed !== false) {
    throw fault('consume_refresh_token_no_boolean', wrongReturn('consumeRefreshToken', isConsumed, 'true or false'));
  }
  const repeated = await findRepeat(presented, req, deadline, store);
  if (repeated) return repeated;
  const failure = await revoke('refresh_token_reused', deadline, () => revokeTokens?.(record, req));
  throw invalidRefreshToken('refresh_token_reused', failure);
}

const REPEATED = {
  at_once: 'refresh_token_repeated',
  late: 'refresh_token_repeated_late',
  sibling: 'refresh_token_sibling',
} as const satisfies Record<string, Reason>;

/**
 * Returns the reason under which the spent token may be used again, if it may. Finds the token again, because the first
 * record may be from before it was spent. If the family was revoked meanwhile, nothing is found and nothing is issued.
 */
async function findRepeat({ refreshToken, record }: Presented, req: Request, deadline: Deadline, store: Store) {
  const { findRefreshToken, leeway } = store;
  if (leeway === 0 && typeof record.isRepeatable !== 'boolean') return undefined;
  const found = await deadline.act('findRefreshToken', () => findRefreshToken(refreshToken, req));
  const { spentAt, isRepeatable, repeatedAs } = parseRefreshToken(found, { dpopJkt: false, spentAt: true });
  // A time in the future does not tell when the token was spent.
  if (!spentAt || spentAt.getTime() - Date.now() > CLOCK_AHEAD_MS) return undefined;
  // A store that returns isRepeatable decides alone, whatever the leeway.
  if (typeof isRepeatable === 'boolean') return isRepeatable ? REPEATED[repeatedAs ?? 'at_once'] : undefined;
  return Date.now() - spentAt.getTime() < leeway ? REPEATED.at_once : undefined;
}

/** Whether the client may send the token again if this request is not answered in time. */
function mayComeAgain({ spentAt, isRepeatable }: RefreshToken): boolean {
  return spentAt ? isRepeatable === true : typeof isRepeatable === 'boolean';
}
