import { createClientMetadataResolver, type MetadataClient } from '../../lib/clients';
import { expectRefusal } from '../support/refusals';
import { assert, CLIENTS, createClientEndpoint, createKey } from './support/asserter';
import { createDocumentsServer, type DocumentsServer } from './support/documents-server';

let server: DocumentsServer;
beforeEach(async () => {
  server = await createDocumentsServer();
});
afterEach(() => server.close());

const signer = createKey('RS256', 'key 1');
const documentOf = (clientId: string, more: Record<string, unknown> = {}) => ({
  client_id: clientId,
  client_name: 'A client',
  redirect_uris: ['http://127.0.0.1/callback'],
  grant_types: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_method: 'none',
  ...more,
});

/** A client at a URL of the server, and an endpoint with a code of it, beside clients that are registered. */
function createEndpointOf(path: string) {
  const clientId = server.urlOf(path);
  const fetch = server.createFetch();
  const resolveClient = createClientMetadataResolver({ fetch });
  const endpoint = createClientEndpoint(
    clientId,
    { fetch, findClient: async (id, req) => CLIENTS[id] ?? (await resolveClient(id, req)) },
    { consumeCode: () => true },
  );
  return { ...endpoint, clientId, resolveClient };
}

describe('A client that its document describes', () => {
  it('is found for /authorize', async () => {
    const { clientId, resolveClient } = createEndpointOf('/id');
    server.serveJson('/id', documentOf(clientId));
    const client: MetadataClient | null = await resolveClient(clientId);
    expect(client).toMatchObject({
      clientId,
      redirectUris: ['http://127.0.0.1/callback'],
      display: { name: 'A client', host: `client.example:${server.port}` },
    });
  });

  it('gets tokens as a public client, and the document is fetched once', async () => {
    const { clientId, send } = createEndpointOf('/id');
    server.serveJson('/id', documentOf(clientId));
    for (let i = 0; i < 3; i += 1) expect((await send({ client_id: clientId })).status).toBe(200);
    expect(server.asked).toEqual(['/id']);
  });

  it.each(['with its client_id', 'without'])(
    'gets tokens by private_key_jwt, RS256 and a jwks_uri, %s',
    async (how) => {
      const endpoint = createEndpointOf('/id');
      const { clientId } = endpoint;
      server.serveJson(
        '/id',
        documentOf(clientId, {
          token_endpoint_auth_method: 'private_key_jwt',
          token_endpoint_auth_signing_alg: 'RS256',
          jwks_uri: server.urlOf('/jwks'),
        }),
      );
      server.serveJson('/jwks', { keys: [signer.jwk] });
      const assertion = assert({ key: signer, claims: { iss: clientId, sub: clientId } });
      const answer = await endpoint.assert(assertion, how === 'without' ? {} : { client_id: clientId });
      expect([answer.status, server.asked]).toEqual([200, ['/id', '/jwks']]);
    },
  );

  it('is not let in without its key', async () => {
    const endpoint = createEndpointOf('/id');
    server.serveJson(
      '/id',
      documentOf(endpoint.clientId, { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [signer.jwk] } }),
    );
    expectRefusal(await endpoint.send({ client_id: endpoint.clientId }), endpoint, {
      status: 401,
      error: 'invalid_client',
      reason: 'client_authentication_method_wrong',
    });
  });

  it('is not let in with a secret', async () => {
    const endpoint = createEndpointOf('/id');
    server.serveJson('/id', documentOf(endpoint.clientId));
    const answer = await endpoint.send({ client_id: endpoint.clientId, client_secret: 'x' });
    expectRefusal(answer, endpoint, {
      status: 401,
      error: 'invalid_client',
      reason: 'client_authentication_method_wrong',
    });
  });

  it('stands beside clients that are registered: these cause no fetch', async () => {
    const { send } = createEndpointOf('/id');
    expect((await send({ client_id: 'post', client_secret: 's3cret' })).body.error).toBe('invalid_grant');
    expect((await send({ client_id: 'nobody' })).body.error).toBe('invalid_client');
    expect(server.asked).toEqual([]);
  });
});

describe('An unusable document', () => {
  it.each<[string, (clientId: string) => void, RegExp]>([
    ['is another client’s', () => server.serveJson('/id', documentOf('https://victim.example/')), /client_id is not/],
    ['is none', () => {}, /the status is 404/],
    ['redirects', () => server.serve('/id', (_req, res) => res.writeHead(302, { Location: '/other' }).end()), /302/],
  ])('refuses the client, and tells the operator why: it %s', async (_what, serve, message) => {
    const endpoint = createEndpointOf('/id');
    serve(endpoint.clientId);
    const answer = await endpoint.send({ client_id: endpoint.clientId });
    expectRefusal(answer, endpoint, {
      status: 401,
      error: 'invalid_client',
      description: 'Client authentication failed',
      reason: 'client_metadata_unusable',
    });
    expect(endpoint.outcomes[0]).toMatchObject({ cause: { message: expect.stringMatching(message) } });
    expect(endpoint.calls).toEqual([]);
    // It is left alone for a while.
    await endpoint.send({ client_id: endpoint.clientId });
    expect(server.asked).toEqual(['/id']);
  });

  it('is never fetched from an address that is not public', async () => {
    const resolveClient = createClientMetadataResolver();
    await expect(resolveClient('https://127.0.0.1/id')).rejects.toMatchObject({
      error: 'invalid_client',
      reason: 'client_metadata_unusable',
      cause: { message: '127.0.0.1 leads to 127.0.0.1, port 443, which is not allowed' },
    });
  });

  it.each(['spa', 'http://client.example/id', 'https://client.example', 'https://CLIENT.example/id', ''])(
    'does not exist if the id is no such URL: %p',
    async (clientId) => {
      const resolveClient = createClientMetadataResolver({ fetch: server.createFetch() });
      expect(await resolveClient(clientId)).toBeNull();
      expect(server.resolved).toEqual([]);
    },
  );

  it('is tried ten times a minute for one address: then the answer is 503, and no verdict', async () => {
    const endpoint = createEndpointOf('/id');
    for (let i = 0; i < 10; i += 1) await endpoint.send({ client_id: server.urlOf(`/invented/${i}`) });
    const answer = await endpoint.send({ client_id: server.urlOf('/invented/10') });
    expectRefusal(answer, endpoint, {
      status: 503,
      error: 'temporarily_unavailable',
      reason: 'client_documents_limited',
    });
    expect([answer.headers['retry-after'], server.asked.length]).toEqual(['1', 10]);
  });
});

describe('New URLs are limited', () => {
  it('per address: ten a minute each, and ten without a request', async () => {
    const resolveClient = createClientMetadataResolver({ fetch: async () => Promise.reject(new Error('nobody')) });
    let count = 0;
    const invent = async (req?: object) => {
      count += 1;
      const found = resolveClient(`https://client.example/${count}`, req as never);
      return found.then(String, ({ reason }) => reason);
    };
    const callers = [{ ip: '203.0.113.1' }, { ip: '203.0.113.2' }, undefined];
    for (const req of callers) {
      const reasons = [];
      for (let i = 0; i < 11; i += 1) reasons.push(await invent(req));
      expect(reasons).toEqual([...Array(10).fill('client_metadata_unusable'), 'client_documents_limited']);
    }
  });
});
