import { randomUUID } from 'node:crypto';
import { clientCredentials, createClientMetadataResolver, type RegisteredClient } from '../../../lib/clients';
import { assert, createClientEndpoint, createKey, type Parts, scryptOf, seconds } from '../../clients/support/asserter';
import { createEndpoint } from '../endpoint';
import type { Walk, Walked } from './walk';

type Endpoint = ReturnType<typeof createClientEndpoint>;
type Options = Parameters<typeof createClientEndpoint>[1];

const step =
  (send: (endpoint: Endpoint) => PromiseLike<Walked['answer']>, options: () => Options = () => ({})) =>
  async (): Promise<Walked> => {
    const endpoint = createClientEndpoint('rp', options());
    return { answer: await send(endpoint), outcomes: endpoint.outcomes };
  };
const asserting = (parts: Parts, options?: () => Options) =>
  step((endpoint) => endpoint.assert(assert(parts)), options);
const claiming = (claims: Record<string, unknown>) => asserting({ claims });
const withClient = (client: Partial<RegisteredClient>) => (): Options => ({
  clients: { rp: { clientId: 'rp', tokenEndpointAuthMethod: 'private_key_jwt', ...client } },
});
const fails = () => Promise.reject(new Error('no network'));

export const walk: Walk = {
  client_not_found: step(({ send }) => send({ client_id: 'nobody' })),
  client_secret_wrong: step(({ send }) => send({ client_id: 'post', client_secret: 'wrong' })),
  client_assertion_malformed: step((endpoint) => endpoint.assert('a.b.c')),
  client_assertion_type_wrong: asserting({ header: { typ: 'at+jwt' } }),
  client_assertion_extension_unsupported: asserting({ header: { crit: ['exp'] } }),
  client_assertion_algorithm_unsupported: asserting({ header: { alg: 'none' } }),
  client_assertion_claim_malformed: claiming({ jti: undefined }),
  client_assertion_issuer_wrong: claiming({ iss: 'other' }),
  client_assertion_audience_wrong: claiming({ aud: 'https://other.example' }),
  client_assertion_expired: claiming({ exp: seconds() - 60 }),
  client_assertion_lives_too_long: claiming({ exp: seconds() + 7200 }),
  client_assertion_too_new: claiming({ nbf: seconds() + 7200 }),
  client_keys_unavailable: asserting({}, () => ({
    ...withClient({ jwksUri: 'https://rp.example/jwks' })(),
    fetch: fails,
  })),
  client_assertion_key_unknown: asserting({ header: { kid: 'unknown' } }),
  client_assertion_signature_wrong: asserting({ sign: createKey('ES256').sign }),
  client_assertion_replayed: step(async (endpoint) => {
    const assertion = assert({ claims: { jti: randomUUID() } });
    await endpoint.assert(assertion);
    return endpoint.assert(assertion);
  }),
  client_metadata_unusable: step(
    (endpoint) => endpoint.send({ client_id: 'https://rp.example/client' }),
    withDocuments,
  ),

  async client_grant_unknown() {
    const issueTokens = async () => ({ access_token: 'an access token', expires_in: 60 });
    const endpoint = createEndpoint({
      authenticateClient: async () => ({ clientId: 'job', grantTypes: ['client_credentials'] }),
      grants: { client_credentials: clientCredentials({ findClientGrant: () => null, issueTokens }) },
    } as never);
    const form = { grant_type: 'client_credentials', client_id: 'job', client_secret: 's3cret' };
    return { answer: await endpoint.post(form), outcomes: endpoint.outcomes };
  },

  client_secret_queue_full: step(
    async (endpoint) => {
      const wrong = () => endpoint.send({ client_id: 'slow', client_secret: 'wrong' });
      await Promise.all(Array.from({ length: 6 }, wrong));
      // Two were compared. The others were refused at once, so theirs is not the last outcome.
      const { outcomes } = endpoint;
      outcomes.push(...outcomes.splice(0, 1));
      return undefined;
    },
    () => ({
      clients: {
        slow: {
          clientId: 'slow',
          tokenEndpointAuthMethod: 'client_secret_post',
          clientSecretHash: scryptOf('chosen', { ln: 15 }),
        },
      },
    }),
  ),
  client_documents_limited: step(async (endpoint) => {
    for (let i = 0; i < 10; i += 1) await endpoint.send({ client_id: `https://rp.example/${i}` });
    return endpoint.send({ client_id: 'https://rp.example/10' });
  }, withDocuments),
};

function withDocuments(): Options {
  const resolve = createClientMetadataResolver({ fetch: fails });
  return { findClient: resolve };
}
