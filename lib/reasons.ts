/**
 * Why a request ended as it did: stable words for logs, metrics and alerts. docs/errors.md tells of each what it means,
 * what the client saw and what to do.
 */
export const REASONS = Object.freeze([
  // issued
  'code_redeemed',
  // refused: HTTP
  'method_not_allowed',
  'media_type_unsupported',
  'charset_unsupported',
  'content_encoding_unsupported',
  'body_too_large',
  'body_truncated',
  'body_malformed',
  'parameters_too_many',
  'rate_limited',
  // refused: the parameters
  'parameter_in_query',
  'parameter_repeated',
  'parameter_no_string',
  'parameter_characters',
  'parameter_missing',
  'grant_type_unsupported',
  'code_verifier_malformed',
  // refused: the client
  'authorization_repeated',
  'authorization_scheme_unsupported',
  'authorization_malformed',
  'client_authentication_repeated',
  'client_id_conflict',
  'client_assertion_type_unsupported',
  'client_authentication_unsupported',
  'client_refused',
  'grant_type_not_allowed',
  // refused: the code
  'code_unknown',
  'code_of_another_client',
  'redirect_uri_missing',
  'redirect_uri_mismatch',
  'code_challenge_missing',
  'code_challenge_method_unsupported',
  'code_verifier_missing',
  'code_verifier_mismatch',
  'code_replayed',
  'code_expired',
  // refused: the key
  'dpop_proof_missing',
  'dpop_proof_repeated',
  'dpop_key_mismatch',
  // refused: by an adapter that gave no reason of its own
  'adapter_refused',
  // failed
  'rate_limit_store_failed',
  'allowed_origins_failed',
  'body_taken',
  'authenticate_client_failed',
  'client_malformed',
  'find_code_failed',
  'code_malformed',
  'token_endpoint_failed',
  'verify_dpop_failed',
  'confirmation_malformed',
  'consume_code_failed',
  'consume_code_no_boolean',
  'issue_tokens_failed',
  'tokens_malformed',
  'adapter_timeout',
  'adapter_timeout_after_consumption',
  'unexpected',
] as const);

/** A word of the catalogue. */
export type Reason = (typeof REASONS)[number];
