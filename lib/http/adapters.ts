import type { Reason } from '../reasons';
import type { Awaitable } from '../types';

/** The reason to report if an adapter throws, by its name. */
export const ADAPTER_FAILED = {
  allowedOrigins: 'allowed_origins_failed',
  authenticateClient: 'authenticate_client_failed',
  consumeCode: 'consume_code_failed',
  consumeRefreshToken: 'consume_refresh_token_failed',
  findAccessToken: 'find_access_token_failed',
  findCode: 'find_code_failed',
  findRefreshToken: 'find_refresh_token_failed',
  isRevoked: 'is_revoked_failed',
  issueTokens: 'issue_tokens_failed',
  'issueTokens.check': 'issue_tokens_failed',
  rateLimit: 'rate_limit_store_failed',
  resourceServer: 'resource_server_failed',
  revokeGrant: 'revoke_grant_failed',
  rotates: 'rotates_failed',
  tokenEndpoint: 'token_endpoint_failed',
  verifyDpop: 'verify_dpop_failed',
} as const satisfies Record<string, Reason>;

export type AdapterName = keyof typeof ADAPTER_FAILED;

/** Whether an adapter returned a promise, or something that can be awaited like one, such as a query builder. */
export function isThenable<T>(answer: Awaitable<T>): answer is Promise<T> {
  return typeof (answer as Promise<T> | null | undefined)?.then === 'function';
}
