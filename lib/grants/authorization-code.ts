import type { Request } from 'express';
import { fault, OAuthError } from '../errors';
import type { Deadline } from '../http/deadline';
import { type ReadParameter, requireParameter } from '../http/parameters';
import type { AuthorizationCode, TokenRouterOptions } from '../types';
import { checkBinding, checkCodeVerifier, checkExpiry, invalidCode, parseCode } from './code-record';
import type { ConfirmKey } from './confirmation';
import type { Grant } from './grant';
import { createIssuableCheck } from './issuable';
import { serializeTokens } from './issued-tokens';
import { CODE_VERIFIER } from './pkce';
import { isSentTwice, revoke } from './replay';

type Adapters = Pick<TokenRouterOptions, 'findCode' | 'consumeCode' | 'issueTokens' | 'revokeTokens' | 'verifyDpop'> & {
  refresh?: object | undefined;
};

/** The authorization code grant with PKCE (RFC 6749 §4.1.3, RFC 7636 §4.5): look, then act, and never turn back. */
export function createAuthorizationCodeGrant(adapters: Adapters, confirmKey: ConfirmKey): Grant {
  const { findCode, issueTokens, verifyDpop } = adapters;
  const needsDpopJkt = verifyDpop !== undefined;
  const servesRefresh = adapters.refresh !== undefined;
  const checkIssuable = createIssuableCheck(issueTokens);

  return function authorizationCodeGrant(readParameter) {
    const request = parseCodeRequest(readParameter);

    return async function redeem(requestingClient, req, deadline) {
      const found = await deadline.look('findCode', () => findCode(request.code, req));
      const code = parseCode(found, { needsDpopJkt });
      const client = checkBinding(code, requestingClient, request.redirectUri);
      checkCodeVerifier(code, request.codeVerifier);
      const exchange = { code, client, confirmation: undefined, resources: [], parameters: {}, servesRefresh };
      await checkIssuable(exchange, req, deadline);
      const { confirmation, nonce } = await confirmKey(code.dpopJkt, client, req, deadline);

      deadline.beginAct({ isRepeatable: false });
      await consume(code, request, req, deadline, adapters);
      checkExpiry(code);
      const tokens = await deadline.act('issueTokens', () => issueTokens({ ...exchange, confirmation }, req));
      return { reason: 'code_redeemed', body: serializeTokens(tokens, confirmation), nonce };
    };
  };
}

function parseCodeRequest(readParameter: ReadParameter) {
  const code = requireParameter(readParameter, 'code');
  const redirectUri = readParameter('redirect_uri');
  const codeVerifier = readParameter('code_verifier');
  if (codeVerifier !== undefined && !CODE_VERIFIER.test(codeVerifier)) {
    throw new OAuthError('invalid_request', 'The parameter code_verifier must be 43 to 128 unreserved characters', {
      reason: 'code_verifier_malformed',
    });
  }
  return { code, redirectUri, codeVerifier };
}

/** Passes for the one request that spends the code. Every other is a replay: it revokes what the code has brought. */
async function consume(
  record: AuthorizationCode,
  request: { code: string },
  req: Request,
  deadline: Deadline,
  { consumeCode, findCode, revokeTokens }: Adapters,
): Promise<void> {
  const isConsumed: unknown = await deadline.act('consumeCode', () => consumeCode(record, req));
  if (isConsumed === true) return;
  if (isConsumed !== false) {
    const cause = new TypeError('consumeCode returns true for the one call that spent the code, false for all others');
    throw fault('consume_code_no_boolean', cause);
  }
  const spent = await findAgain(record, deadline, () => findCode(request.code, req));
  if (spent && isSentTwice(spent, req, deadline.arrivedAt)) throw invalidCode('code_replayed_at_once');
  throw invalidCode('code_replayed', await revoke('code_replayed', deadline, () => revokeTokens?.(record, req)));
}

/** The record as it is now that the code is spent. What the first look brought may be older than that. */
async function findAgain(record: AuthorizationCode, deadline: Deadline, find: () => unknown) {
  if (record.spentAt || record.spentAt === undefined) return record;
  const found = await deadline.settle('findCode', find, 0.5).catch(() => null);
  return found as AuthorizationCode | null | undefined;
}
