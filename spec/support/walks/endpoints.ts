import { API, createServer, OPAQUE_API, type Server } from '../../endpoints/support';
import type { Walk, Walked } from './walk';

const step =
  (send: (server: Server) => PromiseLike<Walked['answer']>, different: Parameters<typeof createServer>[0] = {}) =>
  async (): Promise<Walked> => {
    const server = createServer(different);
    return { answer: await send(server), outcomes: server.outcomes };
  };
const fail = () => Promise.reject(new Error('database gone'));
const own = async ({ logIn, revoke }: Server) => revoke((await logIn()).refresh_token);
const ask = async ({ logIn, introspect }: Server) => introspect((await logIn()).access_token);

export const walk: Walk = {
  token_revoked: step(own),
  token_not_found: step(({ revoke }) => revoke('unknown')),
  token_of_another_client: step(async ({ logIn, revoke }) => revoke((await logIn('other')).refresh_token)),
  token_introspected: step(ask),
  token_inactive: step(({ introspect }) => introspect('unknown')),
  client_credential_missing: step(({ post }) => post('/oauth/introspect', { token: 'a', client_id: 'spa' })),
  token_not_revocable: step(({ revoke }) => revoke('a.b.c')),
  find_access_token_failed: step(({ revoke }) => revoke('a'), { revocation: { findAccessToken: fail } }),
  access_token_malformed: step(({ introspect }) => introspect('a', 'opaque'), {
    introspection: { findAccessToken: () => ({ expiresAt: null as never, claims: { aud: OPAQUE_API } }) },
  }),
  is_revoked_failed: step(ask, { introspection: { isRevoked: fail } }),
  revoke_grant_failed: step(own, { revocation: { revokeGrant: fail } }),
  resource_server_failed: step(ask, { introspection: { resourceServer: () => API as never } }),
};
