import { grantTypeNotAllowed } from '../client-authentication';
import { OAuthError } from '../errors';
import type { Client, ExtensionGrant, IssueTokens } from '../types';
import { type Checks, runChecks } from './checks';
import type { ConfirmKey } from './confirmation';
import type { Grant } from './grant';
import { createIssuableCheck } from './issuable';
import { serializeTokens } from './issued-tokens';

interface Presented {
  client: Client;
  grantType: string;
  isPublic: boolean;
  allowsPublic: boolean;
}

/** The checks before anything is spent, each with its refusal (RFC 6749 §5.2). */
const CHECKS: Checks<Presented> = [
  [({ client, grantType }) => client.grantTypes?.includes(grantType) === true, grantTypeNotAllowed],
  [({ isPublic, allowsPublic }) => allowsPublic || !isPublic, publicNotAllowed],
];

/**
 * A grant of the host (RFC 6749 §4.5): the endpoint does everything but issue. First the look, then the act, as for a
 * code.
 */
export function createExtensionGrant(
  grantType: string,
  { parameters: names = [], allowPublic = false, issueTokens }: ExtensionGrant<Client, string, string>,
  { confirmKey, ...facts }: { servesRefresh: boolean; actTimeout: number; confirmKey: ConfirmKey },
): Grant {
  const checkIssuable = createIssuableCheck(issueTokens as IssueTokens<never>);

  return function extensionGrant({ readParameter, resources, parameters: declared }) {
    const own = Object.fromEntries(names.map((name) => [name, readParameter(name)]));
    const parameters = { ...declared, ...own };

    return async function redeem({ client, isPublic }, req, deadline) {
      runChecks(CHECKS, { client, grantType, isPublic, allowsPublic: allowPublic });
      const exchange = { grantType, client, confirmation: undefined, resources, parameters, ...facts };
      await checkIssuable(exchange as never, req, deadline);
      const { confirmation, nonce } = await confirmKey(undefined, client, req, deadline);

      deadline.beginAct({ isRepeatable: false });
      const tokens = await deadline.act('issueTokens', () => issueTokens({ ...exchange, confirmation }, req));
      return { reason: 'extension_grant_redeemed', body: serializeTokens(tokens, confirmation), nonce };
    };
  };
}

function publicNotAllowed() {
  return new OAuthError('unauthorized_client', 'The client must authenticate to use this grant', {
    reason: 'public_client_not_allowed',
  });
}
