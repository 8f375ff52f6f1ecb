import { JwsError, type JwsProblem } from '../jws/error';
import type { Reason } from '../reasons';
import { invalidClient } from '../refusals';

/** Its other problems are of a JWS that cannot be read. Those of keys do not come here: such a key is left out. */
const REASONS: Readonly<Partial<Record<JwsProblem, Reason>>> = {
  extension_unsupported: 'client_assertion_extension_unsupported',
  algorithm_unsupported: 'client_assertion_algorithm_unsupported',
};

/** Maps an error of lib/jws to a reason of assertions. */
export function toInvalidClient(thrown: unknown): unknown {
  if (!(thrown instanceof JwsError)) return thrown;
  return invalidClient(REASONS[thrown.problem] ?? 'client_assertion_malformed', { cause: thrown });
}
