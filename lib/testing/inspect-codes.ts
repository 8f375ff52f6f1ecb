import type { Router } from 'express';

/** The page that explains each code. */
export const GUIDE = 'docs/doctor.md';

/** The codes of all findings. docs/doctor.md has an anchor for each. */
export const FINDING_CODES = [
  'no_token_router',
  'no_answer',
  'answered_before_router',
  'token_endpoint_unreachable',
  'token_endpoint_insecure',
  'body_parser_answers',
  'cache_control_changed',
  'origin_unreachable',
  'origin_unrestricted',
  'rate_limit_off',
  'trust_proxy_missing',
  'trust_proxy_too_wide',
  'memory_store',
  'rate_limit_per_node',
  'nonce_secret_unshared',
  'dpop_replay_unchecked',
  'revoke_tokens_missing',
  'spent_codes_forgotten',
  'access_token_outlives_grant',
  'idle_lifetime_too_long',
  'signing_timeout_too_long',
] as const;

/** The code of a finding. See docs/doctor.md. */
export type FindingCode = (typeof FINDING_CODES)[number];

/** The options of `inspectTokenRouter`: what it cannot find out by itself. */
export interface InspectOptions {
  /** How many processes serve this endpoint, on one or several machines. @default 1 */
  nodes?: number | undefined;
  /**
   * The proxies between the internet and your app: how many, or their addresses, the nearest one first.
   * @default unknown: only a `trust proxy` that trusts everybody is reported
   */
  proxies?: number | readonly string[] | undefined;
  /** Browser origins whose pages call the endpoint. @default [] */
  origins?: readonly string[] | undefined;
  /** The path of the endpoint in your app, if a proxy rewrites the path. @default the path of `tokenEndpoint` */
  path?: string | undefined;
  /** The router, if it is not mounted in the app yet. @default all token routers of the app */
  router?: Router | undefined;
  /** Codes of findings that you accept. @default [] */
  ignore?: readonly FindingCode[] | undefined;
}
