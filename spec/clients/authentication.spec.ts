import express from 'express';
import request from 'supertest';
import { type ClientCredentials, OAuthError, parseClientCredentials } from '../../lib';
import { createClientAuthentication, type RegisteredClient } from '../../lib/clients';
import { memoryJtis } from '../../lib/stores/memory';
import { expectRefusal } from '../support/refusals';
import {
  assert,
  CLIENTS,
  createClientEndpoint,
  createKey,
  digestOf,
  ISSUER,
  key,
  seconds,
  TOKEN_ENDPOINT,
} from './support/asserter';

const refused = (reason: string) => ({
  status: 401,
  error: 'invalid_client',
  description: 'Client authentication failed',
  reason,
});
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;

describe('A client is served by its registered method:', () => {
  it('none', async () => {
    expect((await createClientEndpoint('spa').send({ client_id: 'spa' })).status).toBe(200);
  });

  it('client_secret_basic', async () => {
    const answer = await createClientEndpoint('basic').send().auth('basic', 's3cret');
    expect(answer.status).toBe(200);
  });

  it('client_secret_post', async () => {
    const answer = await createClientEndpoint('post').send({ client_id: 'post', client_secret: 's3cret' });
    expect(answer.status).toBe(200);
  });

  it.each(['with a client_id', 'without'])('private_key_jwt, %s', async (how) => {
    const more = how === 'without' ? {} : { client_id: 'rp' };
    expect((await createClientEndpoint('rp').assert(assert(), more)).status).toBe(200);
  });

  const METHODS = { spa: 'none', basic: 'client_secret_basic', post: 'client_secret_post', rp: 'private_key_jwt' };
  const CREDENTIALS: Record<
    string,
    (endpoint: ReturnType<typeof createClientEndpoint>, id: string) => PromiseLike<never>
  > = {
    none: ({ send }, id) => send({ client_id: id }) as never,
    client_secret_basic: ({ send }, id) => send().auth(id, 's3cret') as never,
    client_secret_post: ({ send }, id) => send({ client_id: id, client_secret: 's3cret' }) as never,
    private_key_jwt: (endpoint, id) => endpoint.assert(assert({ claims: { iss: id, sub: id } })) as never,
  };
  const wrong = Object.entries(METHODS).flatMap(([id, registered]) =>
    Object.keys(CREDENTIALS)
      .filter((used) => used !== registered)
      .map((used): [string, string, string] => [id, registered, used]),
  );

  it.each(wrong)(
    '%s, registered for %s, is refused with %s, and the code is untouched',
    async (id, _registered, used) => {
      const endpoint = createClientEndpoint(id);
      const answer = await CREDENTIALS[used]?.(endpoint, id);
      expectRefusal(answer as never, endpoint, refused('client_authentication_method_wrong'));
      expect(endpoint.calls).toEqual([]);
    },
  );
});

describe('A client that nobody knows is refused', () => {
  it.each<[string, (endpoint: ReturnType<typeof createClientEndpoint>) => PromiseLike<unknown>]>([
    ['without a credential', ({ send }) => send({ client_id: 'nobody' })],
    ['with a secret', ({ send }) => send({ client_id: 'nobody', client_secret: 's3cret' })],
    ['with Basic', ({ send }) => send().auth('nobody', 's3cret')],
    ['with an assertion', (endpoint) => endpoint.assert(assert({ claims: { iss: 'nobody', sub: 'nobody' } }))],
  ])('%s', async (_what, send) => {
    const endpoint = createClientEndpoint('rp');
    expectRefusal((await send(endpoint)) as never, endpoint, refused('client_not_found'));
    expect(endpoint.found).toEqual(['nobody']);
  });
});

describe('A secret', () => {
  it.each([
    ['another', 'S3cret'],
    ['one that goes on', 's3cret '],
    ['the beginning of it', 's3cre'],
    ['its own hash', digestOf('s3cret')],
  ])('that is %s is refused, and the code is untouched', async (_what, secret) => {
    const endpoint = createClientEndpoint('post');
    const answer = await endpoint.send({ client_id: 'post', client_secret: secret });
    expectRefusal(answer, endpoint, refused('client_secret_wrong'));
    expect(endpoint.calls).toEqual([]);
  });

  const withHashes = (clientId: string, method: string, ...secrets: string[]) =>
    createClientEndpoint(clientId, {
      clients: {
        [clientId]: { clientId, tokenEndpointAuthMethod: method, clientSecretHash: secrets.map(digestOf) },
      },
    });

  it.each(['old', 'new'])('may be one of several while it is rotated: the %s one', async (secret) => {
    const endpoint = withHashes('app', 'client_secret_post', 'old', 'new');
    expect((await endpoint.send({ client_id: 'app', client_secret: secret })).status).toBe(200);
  });

  it.each([
    ['as it was sent', 'a+b%2Fc'],
    ['form-decoded', 'a b/c'],
  ])('may be the one of Basic %s', async (_what, secret) => {
    const endpoint = withHashes('app', 'client_secret_basic', secret);
    const answer = await endpoint.send().set('Authorization', basic('app:a+b%2Fc'));
    expect(answer.status).toBe(200);
  });

  it('is compared in no other form', async () => {
    const endpoint = withHashes('app', 'client_secret_basic', 'a+b/c');
    const answer = await endpoint.send().set('Authorization', basic('app:a+b%2Fc'));
    expectRefusal(answer, endpoint, refused('client_secret_wrong'));
  });

  it.each<[string, unknown]>([
    ['none', undefined],
    ['null', null],
    ['an empty list', []],
    ['the secret itself', 's3cret'],
    ['hexadecimal', `sha256:${'a'.repeat(64)}`],
    ['one of two that is malformed', [digestOf('s3cret'), 's3cret']],
    ['a number', 7],
  ])('is a fault where the client has as its clientSecretHash %s', async (_what, clientSecretHash) => {
    const endpoint = createClientEndpoint('app', {
      clients: { app: { clientId: 'app', tokenEndpointAuthMethod: 'client_secret_post', clientSecretHash } as never },
    });
    const answer = await endpoint.send({ client_id: 'app', client_secret: 's3cret' });
    expectRefusal(answer, endpoint, { status: 500, error: 'server_error', reason: 'client_malformed' });
    expect(JSON.stringify(endpoint.outcomes[0]?.fault)).not.toContain('s3cret');
  });
});

describe('The id of Basic is looked up', () => {
  it.each([
    ['form-decoded', 'app web', ['app web']],
    ['and then as it was sent', 'app+web', ['app web', 'app+web']],
  ])('%s', async (_what, clientId, looked) => {
    const endpoint = createClientEndpoint(clientId, {
      clients: {
        [clientId]: { clientId, tokenEndpointAuthMethod: 'client_secret_basic', clientSecretHash: digestOf('s') },
      },
    });
    const answer = await endpoint.send().set('Authorization', basic('app+web:s'));
    expect([answer.status, endpoint.found, endpoint.outcomes[0]?.clientId]).toEqual([200, looked, clientId]);
  });
});

describe('findClient', () => {
  it.each([
    ['ignores the letter case', 'SPA'],
    ['ignores a blank', 'spa '],
  ])('that %s accepts nobody under another id', async (_what, id) => {
    const endpoint = createClientEndpoint('spa', { findClient: () => CLIENTS.spa });
    expectRefusal(await endpoint.send({ client_id: id }), endpoint, refused('client_mismatch'));
  });

  it.each<[string, unknown]>([
    ['true', true],
    ['no method', { clientId: 'spa' }],
    ['the method null', { clientId: 'spa', tokenEndpointAuthMethod: null }],
    ['an empty method', { clientId: 'spa', tokenEndpointAuthMethod: '' }],
    ['no id', { tokenEndpointAuthMethod: 'none' }],
    ['an empty id', { clientId: '', tokenEndpointAuthMethod: 'none' }],
  ])('that returns %s is a fault: nobody is let in', async (_what, client) => {
    const endpoint = createClientEndpoint('spa', { findClient: () => client as never });
    const answer = await endpoint.send({ client_id: 'spa' });
    expectRefusal(answer, endpoint, { status: 500, error: 'server_error', reason: 'client_malformed' });
    expect(endpoint.calls).toEqual([]);
  });

  it('is told what it must return', async () => {
    const endpoint = createClientEndpoint('spa', { findClient: () => true as never });
    await endpoint.send({ client_id: 'spa' });
    expect(String(endpoint.outcomes[0]?.fault)).toBe(
      'TypeError: findClient returned true; it must return { clientId, tokenEndpointAuthMethod, … }, both strings, or null',
    );
  });

  it('that throws is a fault', async () => {
    const endpoint = createClientEndpoint('spa', { findClient: () => Promise.reject(new Error('database gone')) });
    const answer = await endpoint.send({ client_id: 'spa' });
    expectRefusal(answer, endpoint, { status: 500, error: 'server_error', reason: 'authenticate_client_failed' });
  });

  it('gets the request', async () => {
    const seen: unknown[] = [];
    const endpoint = createClientEndpoint('spa', {
      findClient(id, req) {
        seen.push([id, req.method]);
        return CLIENTS.spa;
      },
    });
    await endpoint.send({ client_id: 'spa' });
    expect(seen).toEqual([['spa', 'POST']]);
  });

  it('returns the client that issueTokens gets', async () => {
    const client: RegisteredClient = { clientId: 'spa', tokenEndpointAuthMethod: 'none' };
    const seen: unknown[] = [];
    const endpoint = createClientEndpoint(
      'spa',
      { findClient: () => client },
      {
        issueTokens(exchange) {
          seen.push(exchange.client);
          return { access_token: 'a', expires_in: 60 };
        },
      },
    );
    await endpoint.send({ client_id: 'spa' });
    expect(seen[0]).toBe(client);
  });
});

describe('An assertion is good', () => {
  const ALGORITHMS = [
    'ES256',
    'ES384',
    'ES512',
    'PS256',
    'PS384',
    'PS512',
    'RS256',
    'RS384',
    'RS512',
    'Ed25519',
    'EdDSA',
  ];

  it.each(ALGORITHMS)('by %s', async (alg) => {
    const signer = createKey(alg);
    const endpoint = createClientEndpoint('rp', {
      clients: {
        rp: { clientId: 'rp', tokenEndpointAuthMethod: 'private_key_jwt', jwks: { keys: [key.jwk, signer.jwk] } },
      },
    });
    expect((await endpoint.assert(assert({ key: signer }))).status).toBe(200);
  });

  it.each<[string, () => string]>([
    ['with the typ JWT', () => assert({ header: { typ: 'JWT' } })],
    ['with the typ jwt', () => assert({ header: { typ: 'jwt' } })],
    ['with a typ of its own', () => assert({ header: { typ: 'client-authentication+jwt' } })],
    ['with a typ with its tree', () => assert({ header: { typ: 'application/client-authentication+jwt' } })],
    ['without a kid', () => assert({ header: { kid: undefined } })],
    ['without iat', () => assert({ claims: { iat: undefined } })],
    ['with nbf', () => assert({ claims: { nbf: seconds() } })],
    ['with fractions of seconds', () => assert({ claims: { iat: Date.now() / 1000, exp: Date.now() / 1000 + 60 } })],
    ['with an exp that a slow clock still reaches', () => assert({ claims: { exp: seconds() - 8 } })],
    ['with an iat of a fast clock', () => assert({ claims: { iat: seconds() + 8, nbf: seconds() + 8 } })],
    ['with an exp of an hour', () => assert({ claims: { exp: seconds() + 3600 } })],
    ['with an old iat', () => assert({ claims: { iat: 0 } })],
    ['with a jti of 256 characters', () => assert({ claims: { jti: 'j'.repeat(256) } })],
    ['with claims that nobody knows', () => assert({ claims: { client_id: 'other', nonce: 1 } })],
    ['with a jku that nobody follows', () => assert({ header: { jku: 'https://evil.example/jwks' } })],
  ])('%s', async (_what, assertion) => {
    expect((await createClientEndpoint('rp').assert(assertion())).status).toBe(200);
  });

  const KEYLESS = Object.fromEntries(Object.entries(key.jwk).filter(([name]) => name !== 'kid'));

  it('by a key that is registered without a name', async () => {
    const endpoint = createClientEndpoint('rp', {
      clients: { rp: { clientId: 'rp', tokenEndpointAuthMethod: 'private_key_jwt', jwks: { keys: [KEYLESS] } } },
    });
    expect((await endpoint.assert(assert())).status).toBe(200);
  });
});

describe('A client with private_key_jwt', () => {
  it.each<[string, Partial<RegisteredClient>]>([
    ['no keys', {}],
    ['nulls for keys', { jwks: null, jwksUri: null }],
    ['keys that are no set', { jwks: [key.jwk] as never }],
    ['keys as text', { jwks: JSON.stringify({ keys: [key.jwk] }) as never }],
    ['a jwksUri by http', { jwksUri: 'http://rp.example/jwks' }],
    ['a jwksUri with a user', { jwksUri: 'https://user@rp.example/jwks' }],
  ])('is a fault of the host’s with %s', async (_what, keys) => {
    const endpoint = createClientEndpoint('rp', {
      clients: { rp: { clientId: 'rp', tokenEndpointAuthMethod: 'private_key_jwt', ...keys } },
    });
    const answer = await endpoint.assert(assert());
    expectRefusal(answer, endpoint, { status: 500, error: 'server_error', reason: 'client_malformed' });
  });

  it.each([
    ['ES256', 200],
    [null, 200],
    ['RS256', 401],
    ['none', 401],
  ])('and tokenEndpointAuthSigningAlg %s', async (tokenEndpointAuthSigningAlg, status) => {
    const endpoint = createClientEndpoint('rp', {
      clients: { rp: { ...CLIENTS.rp, tokenEndpointAuthSigningAlg } as RegisteredClient },
    });
    const answer = await endpoint.assert(assert());
    expect(answer.status).toBe(status);
    if (status === 401) expectRefusal(answer, endpoint, refused('client_assertion_algorithm_unsupported'));
  });

  it('uses an algorithm of the list only', async () => {
    const endpoint = createClientEndpoint('rp', { algorithms: ['RS256'] });
    expectRefusal(await endpoint.assert(assert()), endpoint, refused('client_assertion_algorithm_unsupported'));
    expect(endpoint.found).toEqual([]);
  });

  it('ignores entries of its keys that are no objects', async () => {
    const endpoint = createClientEndpoint('rp', {
      clients: {
        rp: { ...CLIENTS.rp, jwks: { keys: [null, 'key', 7, key.jwk] as never } } as RegisteredClient,
      },
    });
    expect((await endpoint.assert(assert())).status).toBe(200);
  });
});

describe('The audience', () => {
  const compat = { assertionAudience: 'compat', tokenEndpoint: TOKEN_ENDPOINT } as const;

  it.each<[string, unknown]>([
    ['the issuer', ISSUER],
    ['the token endpoint', TOKEN_ENDPOINT],
    ['the issuer in an array', [ISSUER]],
    ['the token endpoint in an array', [TOKEN_ENDPOINT]],
    ['both', [TOKEN_ENDPOINT, ISSUER]],
    ['the issuer among others', ['https://other.example', ISSUER]],
  ])('may be %s for compatibility', async (_what, aud) => {
    expect((await createClientEndpoint('rp', compat).assert(assert({ claims: { aud } }))).status).toBe(200);
  });

  it.each<[string, unknown]>([
    ['another server', 'https://other.example'],
    ['others in an array', ['https://other.example', 7, null]],
    ['an array in an array', [[ISSUER]]],
    ['an empty array', []],
    ['missing', undefined],
  ])('is never %s, not even for compatibility', async (_what, aud) => {
    const endpoint = createClientEndpoint('rp', compat);
    expectRefusal(
      await endpoint.assert(assert({ claims: { aud } })),
      endpoint,
      refused('client_assertion_audience_wrong'),
    );
  });

  it('may be a function of the request, and so may the token endpoint', async () => {
    const endpoint = createClientEndpoint('rp', {
      audience: (req) => `https://${req.hostname}`,
      assertionAudience: 'compat',
      tokenEndpoint: (req) => `https://${req.hostname}/token`,
    });
    expect((await endpoint.assert(assert({ claims: { aud: 'https://127.0.0.1' } }))).status).toBe(200);
    expect((await endpoint.assert(assert({ claims: { aud: ISSUER } }))).status).toBe(401);
  });
});

describe('createClientAuthentication', () => {
  const findClient = (id: string) => CLIENTS[id];
  const all = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'];

  it('has the methods and algorithms for the metadata', () => {
    const { methods, signingAlgorithms } = createClientAuthentication({
      findClient,
      audience: ISSUER,
      ...memoryJtis(),
    });
    expect(methods).toEqual(all);
    expect(signingAlgorithms).toContain('ES256');
    expect([Object.isFrozen(methods), Object.isFrozen(signingAlgorithms)]).toEqual([true, true]);
  });

  it('has those of its options', () => {
    const { methods, signingAlgorithms } = createClientAuthentication({
      findClient,
      methods: ['none', 'private_key_jwt'],
      algorithms: ['RS256'],
      audience: ISSUER,
      ...memoryJtis(),
    });
    expect([methods, signingAlgorithms]).toEqual([['none', 'private_key_jwt'], ['RS256']]);
  });

  it('needs neither audience nor consumeJti without private_key_jwt, and tells no algorithms then', () => {
    const { signingAlgorithms } = createClientAuthentication({ findClient, methods: ['client_secret_post'] });
    expect(signingAlgorithms).toEqual([]);
  });

  it('refuses a method that is not served, before the client is looked up', async () => {
    const endpoint = createClientEndpoint('rp', { methods: ['none'] });
    expectRefusal(await endpoint.assert(assert()), endpoint, refused('client_authentication_unsupported'));
    expect(endpoint.found).toEqual([]);
  });

  it('serves endpoints of the host’s own, with parseClientCredentials', async () => {
    const { authenticateClient } = createClientEndpoint('post');
    const app = express()
      .use(express.urlencoded({ extended: false }))
      .post('/introspect', (req, res, next) => {
        Promise.resolve()
          .then(() => authenticateClient(parseClientCredentials(req), req))
          .then(({ clientId }) => res.json({ clientId }), next);
      });
    app.use(((error: unknown, _req, res, _next) => {
      res.status(401).json(error instanceof OAuthError ? error.reason : 'fault');
    }) as express.ErrorRequestHandler);
    const post = (secret: string) =>
      request(app).post('/introspect').type('form').send({ client_id: 'post', client_secret: secret });
    expect([(await post('s3cret')).body, (await post('wrong')).body]).toEqual([
      { clientId: 'post' },
      'client_secret_wrong',
    ]);
  });

  it('has both forms of an id for an assertion that comes beside Basic', async () => {
    const { authenticateClient } = createClientEndpoint('rp');
    const credentials: ClientCredentials = {
      method: 'private_key_jwt',
      clientId: 'r p',
      clientIdAsSent: 'rp',
      clientAssertion: assert(),
    };
    await expect(authenticateClient(credentials, {} as never)).resolves.toMatchObject({ clientId: 'rp' });
  });
});
