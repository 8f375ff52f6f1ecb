import { createIssuerEndpoint, refreshRecord } from '../issuer';
import type { Walk, Walked } from './walk';

type Options = Parameters<typeof createIssuerEndpoint>[0];
type Endpoint = ReturnType<typeof createIssuerEndpoint>;

const step =
  (options: Options, send: (endpoint: Endpoint) => PromiseLike<Walked['answer']> = ({ post }) => post()) =>
  async (): Promise<Walked> => {
    const endpoint = createIssuerEndpoint(options);
    return { answer: await send(endpoint), outcomes: endpoint.outcomes };
  };

/** A refresh of a token that was issued while the configuration was another one. */
const refreshing = (record: Parameters<typeof refreshRecord>[0]) =>
  step({}, async ({ refreshTokens, refresh }) => {
    await refreshTokens.saveRefreshToken('an old one', refreshRecord(record));
    return refresh('an old one');
  });

export const walk: Walk = {
  api_unknown: refreshing({ audience: 'https://gone.example/' }),
  scope_not_allowed: refreshing({ scope: 'delete:notes' }),
  user_unknown: step({ issuer: { users: async () => null } }),
  grant_revoked: step({ issuer: { isRevoked: async () => true } }),
};
