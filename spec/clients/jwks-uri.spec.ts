import { expectRefusal } from '../support/refusals';
import { assert, createClientEndpoint, createKey } from './support/asserter';
import { createDocumentsServer, type DocumentsServer } from './support/documents-server';

let server: DocumentsServer;
beforeEach(async () => {
  server = await createDocumentsServer();
});
afterEach(() => {
  jest.restoreAllMocks();
  return server.close();
});

const old = createKey('ES256', 'old');
const fresh = createKey('ES256', 'fresh');
const refused = (reason: string) => ({ status: 401, error: 'invalid_client', reason });

function createEndpoint(jwksUri = server.urlOf('/jwks')) {
  const client = { clientId: 'rp', tokenEndpointAuthMethod: 'private_key_jwt', jwksUri };
  return createClientEndpoint(
    'rp',
    { fetch: server.createFetch(), findClient: () => client },
    { consumeCode: () => true, rateLimit: false },
  );
}

/** Moves the clock that the documents go by. */
const pass = (ms: number) => {
  const now = performance.now.bind(performance);
  jest.spyOn(performance, 'now').mockImplementation(() => now() + ms);
};

describe('Keys at a jwksUri', () => {
  it('are fetched once, also for many at once', async () => {
    server.serveJson('/jwks', { keys: [old.jwk] }, { 'Content-Type': 'application/jwk-set+json' });
    const endpoint = createEndpoint();
    const answers = await Promise.all(Array.from({ length: 5 }, () => endpoint.assert(assert({ key: old }))));
    expect([answers.map(({ status }) => status), server.asked]).toEqual([Array(5).fill(200), ['/jwks']]);
  });

  it('are rotated: one that is not found is looked for once more, but not within 30 s', async () => {
    server.serveJson('/jwks', { keys: [old.jwk] });
    const endpoint = createEndpoint();
    expect((await endpoint.assert(assert({ key: old }))).status).toBe(200);
    server.serveJson('/jwks', { keys: [fresh.jwk] });
    expectRefusal(await endpoint.assert(assert({ key: fresh })), endpoint, refused('client_assertion_key_unknown'));
    expect(server.asked).toHaveLength(1);

    pass(31_000);
    expect((await endpoint.assert(assert({ key: fresh }))).status).toBe(200);
    expect(server.asked).toHaveLength(2);
    expectRefusal(await endpoint.assert(assert({ key: old })), endpoint, refused('client_assertion_key_unknown'));
    expect(server.asked).toHaveLength(2);
  });

  it('are looked for once more where an assertion without a kid is signed by none', async () => {
    server.serveJson('/jwks', { keys: [old.jwk] });
    const endpoint = createEndpoint();
    expect((await endpoint.assert(assert({ key: old, header: { kid: undefined } }))).status).toBe(200);
    server.serveJson('/jwks', { keys: [fresh.jwk] });
    pass(31_000);
    expect((await endpoint.assert(assert({ key: fresh, header: { kid: undefined } }))).status).toBe(200);
    expect(server.asked).toHaveLength(2);
  });

  it('are not looked for again where the signature of a known key is wrong', async () => {
    server.serveJson('/jwks', { keys: [old.jwk] });
    const endpoint = createEndpoint();
    await endpoint.assert(assert({ key: old }));
    pass(31_000);
    const forged = assert({ key: old, sign: fresh.sign });
    expectRefusal(await endpoint.assert(forged), endpoint, refused('client_assertion_signature_wrong'));
    expect(server.asked).toHaveLength(1);
  });

  it('stay valid if the fetch for an unknown key fails', async () => {
    server.serveJson('/jwks', { keys: [old.jwk] });
    const endpoint = createEndpoint();
    await endpoint.assert(assert({ key: old }));
    server.serve('/jwks', (_req, res) => res.writeHead(500).end());
    pass(31_000);
    expectRefusal(await endpoint.assert(assert({ key: fresh })), endpoint, refused('client_assertion_key_unknown'));
    expect((await endpoint.assert(assert({ key: old }))).status).toBe(200);
    expect(server.asked).toHaveLength(2);
  });

  it.each<[string, (path: string) => void]>([
    ['not there', () => {}],
    ['no key set', (path) => server.serveJson(path, { key: [] })],
    ['an array', (path) => server.serveJson(path, [old.jwk])],
    [
      'HTML',
      (path) => server.serve(path, (_req, res) => res.writeHead(200, { 'Content-Type': 'text/html' }).end('<p>')),
    ],
  ])('that are %s refuse the client, and are left alone for 30 s', async (_what, serve) => {
    serve('/jwks');
    const endpoint = createEndpoint();
    for (let i = 0; i < 3; i += 1) {
      const answer = await endpoint.assert(assert({ key: old }));
      expectRefusal(answer, endpoint, refused('client_keys_unavailable'));
      expect(endpoint.outcomes.at(-1)?.cause).toBeInstanceOf(Error);
    }
    expect(server.asked).toEqual(['/jwks']);
    expect(endpoint.calls).toEqual([]);

    server.serveJson('/jwks', { keys: [old.jwk] });
    pass(31_000);
    expect((await endpoint.assert(assert({ key: old }))).status).toBe(200);
  });

  it('are fetched neither for an assertion that is not for us nor for one that is over', async () => {
    const endpoint = createEndpoint();
    await endpoint.assert(assert({ key: old, claims: { aud: 'https://other.example' } }));
    await endpoint.assert(assert({ key: old, claims: { exp: 1 } }));
    expect(server.asked).toEqual([]);
  });

  it('are not fetched from an address that is not public, by default', async () => {
    const client = { clientId: 'rp', tokenEndpointAuthMethod: 'private_key_jwt', jwksUri: 'https://169.254.169.254/' };
    const endpoint = createClientEndpoint('rp', { findClient: () => client });
    expectRefusal(await endpoint.assert(assert({ key: old })), endpoint, refused('client_keys_unavailable'));
    expect(endpoint.outcomes[0]?.cause).toMatchObject({
      message: '169.254.169.254 leads to 169.254.169.254, port 443, which is not allowed',
    });
  });

  it('may come from an address that isAllowedAddress allows', async () => {
    const asked: unknown[] = [];
    const client = {
      clientId: 'rp',
      tokenEndpointAuthMethod: 'private_key_jwt',
      jwksUri: server.urlOf('/jwks').replace('client.example', '127.0.0.1'),
    };
    const endpoint = createClientEndpoint('rp', {
      findClient: () => client,
      isAllowedAddress(address, port) {
        asked.push([address, port]);
        return true;
      },
    });
    // The certificate is the spec's own, so the connection is made and then refused.
    expectRefusal(await endpoint.assert(assert({ key: old })), endpoint, refused('client_keys_unavailable'));
    expect(asked).toEqual([['127.0.0.1', server.port]]);
    expect(endpoint.outcomes[0]?.cause).toMatchObject({ message: expect.stringContaining('self-signed') });
  });
});

describe('Where too many new keys are asked for', () => {
  it('the answer is 503, and known keys are served', async () => {
    server.serveJson('/jwks', { keys: [old.jwk] });
    const endpoint = createClientEndpoint(
      'rp',
      {
        fetch: server.createFetch(),
        findClient: (clientId) => ({
          clientId,
          tokenEndpointAuthMethod: 'private_key_jwt',
          jwksUri: server.urlOf(clientId === 'rp' ? '/jwks' : `/invented/${clientId}`),
        }),
      },
      { consumeCode: () => true, rateLimit: false },
    );
    expect((await endpoint.assert(assert({ key: old }))).status).toBe(200);
    const invent = (i: number) => endpoint.assert(assert({ key: old, claims: { iss: `rp-${i}`, sub: `rp-${i}` } }));
    for (let i = 0; i < 9; i += 1) expect((await invent(i)).status).toBe(401);
    const answer = await invent(9);
    expectRefusal(answer, endpoint, {
      status: 503,
      error: 'temporarily_unavailable',
      reason: 'client_documents_limited',
    });
    expect((await endpoint.assert(assert({ key: old }))).status).toBe(200);
    expect(server.asked).toHaveLength(10);
  });
});
