import { createRefreshEndpoint, refreshForm } from '../refresh';
import type { Walk, Walked } from './walk';

type Endpoint = ReturnType<typeof createRefreshEndpoint>;
type Options = Parameters<typeof createRefreshEndpoint>[0];

const step =
  (options: Options = {}, send: (endpoint: Endpoint) => PromiseLike<Walked['answer']> = ({ post }) => post()) =>
  async (): Promise<Walked> => {
    const endpoint = createRefreshEndpoint(options);
    return { answer: await send(endpoint), outcomes: endpoint.outcomes };
  };
const changed =
  (change: Record<string, string>) =>
  ({ post }: Endpoint) =>
    post({ ...refreshForm(), ...change });
const twice = async ({ post }: Endpoint) => {
  await post();
  return post();
};
const fail = () => Promise.reject(new Error('database gone'));

export const walk: Walk = {
  refresh_token_redeemed: step(),
  refresh_token_repeated: step({ refresh: { leeway: 60_000 } }, twice),
  refresh_token_repeated_late: step({ token: { isRepeatable: true, repeatedAs: 'late' } }, twice),
  refresh_token_sibling: step({ token: { isRepeatable: true, repeatedAs: 'sibling' } }, twice),
  refresh_token_kept: step({ refresh: { rotates: () => false } }),
  refresh_token_unknown: step({}, changed({ refresh_token: 'unknown' })),
  refresh_token_of_another_client: step({}, changed({ client_id: 'other' })),
  scope_malformed: step({}, changed({ scope: 'read:"notes"' })),
  scope_exceeded: step({}, changed({ scope: 'write:notes' })),
  refresh_token_reused: step({}, twice),
  refresh_token_expired: step({ token: { expiresAt: new Date(0) } }),
  find_refresh_token_failed: step({ refresh: { findRefreshToken: fail } }),
  refresh_token_malformed: step({ token: { scope: undefined as never } }),
  rotates_failed: step({ refresh: { rotates: fail } }),
  consume_refresh_token_failed: step({ refresh: { consumeRefreshToken: fail } }),
  consume_refresh_token_no_boolean: step({ refresh: { consumeRefreshToken: (() => 1) as never } }),
};
