import { JwsError, type JwsProblem } from '../jws/error';
import type { Reason } from '../reasons';
import { invalidClient } from '../refusals';

const REASONS: Readonly<Record<JwsProblem, Reason>> = {
  too_large: 'client_assertion_malformed',
  malformed: 'client_assertion_malformed',
  extension_unsupported: 'client_assertion_extension_unsupported',
  algorithm_unsupported: 'client_assertion_algorithm_unsupported',
  key_malformed: 'client_assertion_key_unknown',
  key_private: 'client_assertion_key_unknown',
  key_size: 'client_assertion_key_unknown',
  key_unsuitable: 'client_assertion_key_unknown',
};

/** Maps an error of lib/jws to a reason of assertions. */
export function toInvalidClient(thrown: unknown): unknown {
  return thrown instanceof JwsError ? invalidClient(REASONS[thrown.problem], { cause: thrown }) : thrown;
}
