import { asOwner } from '../client-authentication';
import type { TokenRouterOptions } from '../types';
import { type Checks, runChecks } from './checks';
import {
  asksForGranted,
  checkExpiry,
  hasChallenge,
  hasRedirectUri,
  hasVerifier,
  invalidCode,
  isOfClient,
  isRedirectUri,
  isS256,
  matchesChallenge,
  type PresentedCode,
  parseCode,
  parseCodeRequest,
  wrongRedirectUri,
  wrongVerifier,
} from './code-record';
import type { ConfirmKey } from './confirmation';
import { consumeOnce } from './consume-code';
import type { Grant } from './grant';
import { createIssuableCheck } from './issuable';
import { serializeTokens } from './issued-tokens';
import { resourceNotGranted, selectResources } from './resources';

type Adapters = Pick<TokenRouterOptions, 'findCode' | 'consumeCode' | 'issueTokens' | 'revokeTokens' | 'verifyDpop'> & {
  servesRefresh: boolean;
  actTimeout: number;
};

/** The checks before anything is spent, in the order of RFC 6749 §4.1.3, each with its refusal. */
const CHECKS: Checks<PresentedCode> = [
  [isOfClient, () => invalidCode('code_of_another_client')],
  [hasRedirectUri, () => wrongRedirectUri('redirect_uri_missing')],
  [isRedirectUri, () => wrongRedirectUri('redirect_uri_mismatch')],
  [hasChallenge, () => wrongVerifier('code_challenge_missing')],
  [isS256, () => wrongVerifier('code_challenge_method_unsupported')],
  [hasVerifier, () => wrongVerifier('code_verifier_missing')],
  [matchesChallenge, () => wrongVerifier('code_verifier_mismatch')],
  [asksForGranted, resourceNotGranted],
];

/**
 * The authorization code grant with PKCE (RFC 6749 §4.1.3, RFC 7636 §4.5). First the look, which checks everything and
 * changes nothing; then the act, which spends the code and issues tokens.
 */
export function createAuthorizationCodeGrant(adapters: Adapters, confirmKey: ConfirmKey): Grant {
  const { findCode, issueTokens, verifyDpop, servesRefresh, actTimeout } = adapters;
  const needsDpopJkt = verifyDpop !== undefined;
  const checkIssuable = createIssuableCheck(issueTokens);

  return function authorizationCodeGrant(tokenRequest) {
    const request = parseCodeRequest(tokenRequest);
    const { parameters } = tokenRequest;

    return async function redeem(caller, req, deadline) {
      const found = await deadline.look('findCode', () => findCode(request.code, req));
      const code = parseCode(found, { needsDpopJkt });
      runChecks(CHECKS, { code, client: caller.client, request });
      const client = asOwner(caller.client, code.clientId);
      const resources = selectResources(request.resources, code.resources);
      const facts = { confirmation: undefined, resources, parameters, servesRefresh, actTimeout };
      const exchange = { code, client, ...facts };
      await checkIssuable(exchange, req, deadline);
      const { confirmation, nonce } = await confirmKey(code.dpopJkt, client, req, deadline);

      deadline.beginAct({ isRepeatable: false });
      await consumeOnce(code, request, req, deadline, adapters);
      checkExpiry(code);
      const tokens = await deadline.act('issueTokens', () => issueTokens({ ...exchange, confirmation }, req));
      return { reason: 'code_redeemed', body: serializeTokens(tokens, confirmation), nonce };
    };
  };
}
