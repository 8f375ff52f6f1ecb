import express from 'express';
import request from 'supertest';
import { type ClientCredentials, OAuthError, parseClientCredentials } from '../../lib';
import { readClientCredentials } from '../../lib/http/client-credentials';
import { createParameterReader } from '../../lib/http/parameters';
import { createEndpoint, goodForm, type Options } from '../support/endpoint';
import { rawPost, sendBytes, withServer } from '../support/raw';
import { expectRedeemable, expectRefusal, type Refusal } from '../support/refusals';

const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const basic = (pair: string | Buffer) => `Basic ${Buffer.from(pair).toString('base64')}`;

/** An endpoint that lets every client in and keeps what it was shown. */
function createOpenEndpoint(options: Partial<Options> = {}) {
  const seen: ClientCredentials[] = [];
  const endpoint = createEndpoint({
    authenticateClient(credentials) {
      seen.push(credentials);
      return { clientId: credentials.clientId ?? 'spa' };
    },
    ...options,
  });
  return { ...endpoint, seen };
}

interface Sent {
  authorization?: string;
  body?: Record<string, string | undefined>;
}

function send({ post }: Pick<ReturnType<typeof createEndpoint>, 'post'>, { authorization, body = {} }: Sent) {
  const form = Object.fromEntries(
    Object.entries({ ...goodForm(), ...body }).filter(([, value]) => value !== undefined),
  );
  const sent = post(form);
  return authorization === undefined ? sent : sent.set('Authorization', authorization);
}

describe('authenticateClient is shown', () => {
  it.each<[string, Sent, ClientCredentials]>([
    ['a client_id alone as a public client', {}, { method: 'none', clientId: 'spa' }],
    [
      'an empty secret in the body as a public client',
      { body: { client_secret: '' } },
      { method: 'none', clientId: 'spa' },
    ],
    [
      'Basic with an empty secret as a public client',
      { authorization: basic('spa:') },
      { method: 'none', clientId: 'spa' },
    ],
    [
      'Basic with an empty secret, and no client_id in the body, as a public client',
      { authorization: basic('spa:'), body: { client_id: undefined } },
      { method: 'none', clientId: 'spa' },
    ],
    [
      'Basic with neither id nor secret as the client of the body',
      { authorization: basic(':') },
      { method: 'none', clientId: 'spa' },
    ],
    [
      'a secret in the body',
      { body: { client_secret: 'a secret' } },
      { method: 'client_secret_post', clientId: 'spa', clientSecret: 'a secret' },
    ],
    [
      'a secret in the body beside Basic with an empty one',
      { authorization: basic('spa:'), body: { client_secret: 's', client_id: undefined } },
      { method: 'client_secret_post', clientId: 'spa', clientSecret: 's' },
    ],
    [
      'Basic',
      { authorization: basic('spa:secret') },
      { method: 'client_secret_basic', clientId: 'spa', clientSecret: 'secret' },
    ],
    [
      'Basic without a client_id in the body',
      { authorization: basic('spa:secret'), body: { client_id: undefined } },
      { method: 'client_secret_basic', clientId: 'spa', clientSecret: 'secret' },
    ],
    [
      'a scheme in capitals and more than one blank',
      { authorization: basic('spa:secret').replace('Basic ', 'BASIC   ') },
      { method: 'client_secret_basic', clientId: 'spa', clientSecret: 'secret' },
    ],
    [
      'a secret with colons, split at the first',
      { authorization: basic('spa:a:b:') },
      { method: 'client_secret_basic', clientId: 'spa', clientSecret: 'a:b:' },
    ],
    [
      'a secret in both forms where decoding changes it',
      { authorization: basic('spa:a+b%2Fc') },
      { method: 'client_secret_basic', clientId: 'spa', clientSecret: 'a b/c', clientSecretAsSent: 'a+b%2Fc' },
    ],
    [
      'a secret as it was sent where decoding fails',
      { authorization: basic('spa:100%') },
      { method: 'client_secret_basic', clientId: 'spa', clientSecret: '100%' },
    ],
    [
      'an id that is form-encoded',
      { authorization: basic('https%3A%2F%2Frp.example:s'), body: { client_id: undefined } },
      {
        method: 'client_secret_basic',
        clientId: 'https://rp.example',
        clientIdAsSent: 'https%3A%2F%2Frp.example',
        clientSecret: 's',
      },
    ],
    [
      'an id in both forms where decoding changes it',
      { authorization: basic('app+web:s'), body: { client_id: undefined } },
      { method: 'client_secret_basic', clientId: 'app web', clientIdAsSent: 'app+web', clientSecret: 's' },
    ],
    [
      'an id in both forms, without a secret',
      { authorization: basic('a%20b:'), body: { client_id: undefined } },
      { method: 'none', clientId: 'a b', clientIdAsSent: 'a%20b' },
    ],
    [
      'an id in both forms beside a secret in the body',
      { authorization: basic('a%20b:'), body: { client_id: undefined, client_secret: 's' } },
      { method: 'client_secret_post', clientId: 'a b', clientIdAsSent: 'a%20b', clientSecret: 's' },
    ],
    [
      'an id in both forms beside an assertion',
      {
        authorization: basic('a%20b:'),
        body: { client_assertion: 'a.b.c', client_assertion_type: JWT_BEARER, client_id: undefined },
      },
      { method: 'private_key_jwt', clientId: 'a b', clientIdAsSent: 'a%20b', clientAssertion: 'a.b.c' },
    ],
    [
      'an id as it was sent where decoding fails',
      { authorization: basic('100%:s'), body: { client_id: undefined } },
      { method: 'client_secret_basic', clientId: '100%', clientSecret: 's' },
    ],
    [
      'the decoded id where the body says so',
      { authorization: basic('app+web:s'), body: { client_id: 'app web' } },
      { method: 'client_secret_basic', clientId: 'app web', clientSecret: 's' },
    ],
    [
      'the id as it was sent where the body says so',
      { authorization: basic('app+web:s+t'), body: { client_id: 'app+web' } },
      { method: 'client_secret_basic', clientId: 'app+web', clientSecret: 's t', clientSecretAsSent: 's+t' },
    ],
    [
      'an assertion',
      { body: { client_assertion: 'a.b.c', client_assertion_type: JWT_BEARER } },
      { method: 'private_key_jwt', clientId: 'spa', clientAssertion: 'a.b.c' },
    ],
    [
      'an assertion without a client_id',
      { body: { client_assertion: 'a.b.c', client_assertion_type: JWT_BEARER, client_id: undefined } },
      { method: 'private_key_jwt', clientAssertion: 'a.b.c' },
    ],
    [
      'an assertion beside Basic with an empty secret',
      {
        authorization: basic('spa:'),
        body: { client_assertion: 'a.b.c', client_assertion_type: JWT_BEARER, client_id: undefined },
      },
      { method: 'private_key_jwt', clientId: 'spa', clientAssertion: 'a.b.c' },
    ],
  ])('%s', async (_what, sent, credentials) => {
    const endpoint = createOpenEndpoint();
    await send(endpoint, sent);
    expect(endpoint.seen).toEqual([credentials]);
  });
});

describe('POST /oauth/token refuses', () => {
  const invalidClient = (reason: string): Refusal => ({ status: 401, error: 'invalid_client', reason });
  const invalidRequest = (reason: string, description?: string): Refusal => ({
    error: 'invalid_request',
    reason,
    ...(description !== undefined && { description }),
  });

  it.each<[string, Sent, Refusal]>([
    ['the Bearer scheme', { authorization: 'Bearer abc' }, invalidClient('authorization_scheme_unsupported')],
    ['the DPoP scheme', { authorization: 'DPoP abc' }, invalidClient('authorization_scheme_unsupported')],
    [
      'a scheme that begins like Basic',
      { authorization: basic('a:b').replace('Basic', 'Basics') },
      invalidClient('authorization_scheme_unsupported'),
    ],
    [
      'a scheme that ends like Basic',
      { authorization: basic('a:b').replace('Basic', 'XBasic') },
      invalidClient('authorization_scheme_unsupported'),
    ],
    ['Basic without credentials', { authorization: 'Basic' }, invalidClient('authorization_malformed')],
    ['Basic in other than base64', { authorization: 'Basic !!!!' }, invalidClient('authorization_malformed')],
    [
      'Basic in base64 without its padding',
      { authorization: basic('spa:s').replace(/=+$/, '') },
      invalidClient('authorization_malformed'),
    ],
    [
      'Basic in base64url',
      { authorization: basic('spa:???>>>').replace(/[/+]/g, '_') },
      invalidClient('authorization_malformed'),
    ],
    ['Basic with two tokens', { authorization: `${basic('spa:s')} x` }, invalidClient('authorization_malformed')],
    ['Basic without a colon', { authorization: basic('spa') }, invalidClient('authorization_malformed')],
    [
      'Basic in bytes that are no UTF-8',
      { authorization: basic(Buffer.from('spa:\xff', 'latin1')) },
      invalidClient('authorization_malformed'),
    ],
    ['a Basic id with an umlaut', { authorization: basic('spä:s') }, invalidRequest('parameter_characters')],
    ['a Basic secret with an umlaut', { authorization: basic('spa:ü') }, invalidRequest('parameter_characters')],
    ['a Basic secret with NUL', { authorization: basic('spa:a\0b') }, invalidRequest('parameter_characters')],
    [
      'a Basic secret with an encoded NUL',
      { authorization: basic('spa:a%00b') },
      invalidRequest('parameter_characters'),
    ],
    [
      'a Basic id with an encoded umlaut',
      { authorization: basic('sp%C3%A4:b') },
      invalidRequest('parameter_characters'),
    ],
    [
      'a Basic id with an umlaut, beside a percent sign that encodes nothing',
      { authorization: basic('spä%:s'), body: { client_id: undefined } },
      invalidRequest('parameter_characters', 'The parameter client_id has characters that are not allowed'),
    ],
    [
      'a Basic secret with NUL, beside a percent sign that encodes nothing',
      { authorization: basic('spa:a\0%') },
      invalidRequest('parameter_characters', 'The parameter client_secret has characters that are not allowed'),
    ],
    [
      'a byte order mark before a Basic id',
      { authorization: basic('\ufeffspa:s') },
      invalidRequest('parameter_characters'),
    ],
    [
      'Basic with neither id nor secret, and no client_id',
      { authorization: basic(':'), body: { client_id: undefined } },
      invalidRequest('parameter_missing'),
    ],
    [
      'Basic and a secret in the body',
      { authorization: basic('spa:s'), body: { client_secret: 's' } },
      invalidRequest('client_authentication_repeated', 'The client must authenticate in one way only'),
    ],
    [
      'Basic and an assertion',
      { authorization: basic('spa:s'), body: { client_assertion: 'a', client_assertion_type: JWT_BEARER } },
      invalidRequest('client_authentication_repeated'),
    ],
    [
      'a secret in the body and an assertion',
      { body: { client_secret: 's', client_assertion: 'a', client_assertion_type: JWT_BEARER } },
      invalidRequest('client_authentication_repeated'),
    ],
    [
      'Basic of another client than the body names',
      { authorization: basic('other:s') },
      invalidRequest('client_id_conflict', 'The parameter client_id is not the client that authenticates'),
    ],
    [
      'Basic with an empty secret of another client than the body names',
      { authorization: basic('other:') },
      invalidRequest('client_id_conflict'),
    ],
    [
      'Basic whose id is neither form of the one in the body',
      { authorization: basic('app+web:s'), body: { client_id: 'app%2Bweb' } },
      invalidRequest('client_id_conflict'),
    ],
    [
      'Basic whose decoded id has a NUL',
      { authorization: basic('a%00b:s'), body: { client_id: undefined } },
      invalidRequest('parameter_characters'),
    ],
    [
      'a secret without a client_id',
      { body: { client_secret: 's', client_id: undefined } },
      invalidRequest('parameter_missing'),
    ],
    ['an assertion without its type', { body: { client_assertion: 'a' } }, invalidRequest('parameter_missing')],
    [
      'an assertion type without its assertion',
      { body: { client_assertion_type: JWT_BEARER } },
      invalidRequest('parameter_missing'),
    ],
    [
      'an assertion of another type',
      { body: { client_assertion: 'a', client_assertion_type: `${JWT_BEARER}s` } },
      invalidClient('client_assertion_type_unsupported'),
    ],
  ])('%s', async (_what, sent, refusal) => {
    const endpoint = createOpenEndpoint();
    const answer = await send(endpoint, sent);
    expectRefusal(answer, endpoint, refusal);
    const isChallenged = refusal.error === 'invalid_client' && sent.authorization !== undefined;
    expect(answer.headers['www-authenticate']).toBe(isChallenged ? 'Basic realm="token endpoint"' : undefined);
    expect([endpoint.seen, endpoint.calls]).toEqual([[], []]);
    await expectRedeemable(endpoint);
  });

  it.each([
    ['two different fields', [basic('spa:s'), basic('other:s')]],
    ['twice the same field', [basic('spa:s'), basic('spa:s')]],
    ['an empty field and a good one', ['', basic('spa:s')]],
  ])('two Authorization fields: %s', async (_what, fields) => {
    const endpoint = createOpenEndpoint();
    const headers = [
      'Content-Type: application/x-www-form-urlencoded',
      ...fields.map((field) => `Authorization: ${field}`),
    ];
    const bytes = rawPost(headers, new URLSearchParams(goodForm()).toString());
    const answer = await withServer(endpoint.app, (port) => sendBytes(port, bytes));
    expect([answer.status, JSON.parse(answer.body).error, endpoint.reasons()]).toEqual([
      400,
      'invalid_request',
      ['authorization_repeated'],
    ]);
    expect(endpoint.seen).toEqual([]);
  });

  it('an Authorization field that is empty', async () => {
    const endpoint = createOpenEndpoint();
    const headers = ['Content-Type: application/x-www-form-urlencoded', 'Authorization:'];
    const bytes = rawPost(headers, new URLSearchParams(goodForm()).toString());
    const answer = await withServer(endpoint.app, (port) => sendBytes(port, bytes));
    expect([answer.status, endpoint.reasons(), answer.headers['www-authenticate']]).toEqual([
      401,
      ['authorization_scheme_unsupported'],
      'Basic realm="token endpoint"',
    ]);
  });
});

it('A request that no socket brought, as serverless adapters make them, is read by its headers alone', async () => {
  const endpoint = createOpenEndpoint();
  const app = express().use((req, _res, next) => {
    Object.defineProperty(req, 'headersDistinct', { value: {} });
    next();
  }, endpoint.router);
  const answer = await request(app)
    .post('/oauth/token')
    .type('form')
    .set('Authorization', basic('spa:secret'))
    .send(goodForm());
  expect(answer.status).toBe(200);
  expect(endpoint.seen).toEqual([{ method: 'client_secret_basic', clientId: 'spa', clientSecret: 'secret' }]);
});

describe('A credential', () => {
  it.each<[string, Sent]>([
    ['Basic', { authorization: basic('spa:s') }],
    ['a secret in the body', { body: { client_secret: 's' } }],
    ['an assertion', { body: { client_assertion: 'a', client_assertion_type: JWT_BEARER } }],
  ])('is refused where the host authenticates no clients: %s', async (_what, sent) => {
    const endpoint = createEndpoint();
    const answer = await send(endpoint, sent);
    expectRefusal(answer, endpoint, {
      status: 401,
      error: 'invalid_client',
      description: 'Client authentication failed',
      reason: 'client_authentication_unsupported',
    });
    expect(answer.headers['www-authenticate']).toBe(sent.authorization && 'Basic realm="token endpoint"');
    expect(endpoint.calls).toEqual([]);
    await expectRedeemable(endpoint);
  });
});

describe('Without authenticateClient, a code of', () => {
  it.each([
    ['app+web', 'app+web'],
    ['app web', 'app+web'],
    ['a%20b', 'a%20b'],
    ['a b', 'a%20b'],
    ['100%', '100%'],
    ['https://rp.example', 'https%3A%2F%2Frp.example'],
  ])('%s is redeemed by Basic with the id %s, and issueTokens sees the id of the code', async (clientId, sent) => {
    const seen: unknown[] = [];
    const endpoint = createEndpoint({
      record: { clientId },
      issueTokens({ client }) {
        seen.push(client);
        return { access_token: 'a', expires_in: 60 };
      },
    });
    const answer = await send(endpoint, { authorization: basic(`${sent}:`), body: { client_id: undefined } });
    expect([answer.status, seen]).toEqual([200, [{ clientId }]]);
  });

  it('another client is not: neither form is its id', async () => {
    const endpoint = createEndpoint({ record: { clientId: 'app-web' } });
    const answer = await send(endpoint, { authorization: basic('app+web:'), body: { client_id: undefined } });
    expectRefusal(answer, endpoint, { error: 'invalid_grant', reason: 'code_of_another_client' });
    expect(endpoint.isSpent()).toBe(false);
  });

  it('the form that the body dropped is not', async () => {
    const endpoint = createEndpoint({ record: { clientId: 'app web' } });
    const answer = await send(endpoint, { authorization: basic('app+web:'), body: { client_id: 'app+web' } });
    expectRefusal(answer, endpoint, { error: 'invalid_grant', reason: 'code_of_another_client' });
    await expectRedeemable(endpoint, { ...goodForm(), client_id: 'app web' });
  });
});

describe('With authenticateClient, either form may be the client’s id:', () => {
  it.each(['app web', 'app+web'])('%s', async (clientId) => {
    const endpoint = createEndpoint({ record: { clientId }, authenticateClient: () => ({ clientId }) });
    const answer = await send(endpoint, { authorization: basic('app+web:s'), body: { client_id: undefined } });
    expect([answer.status, endpoint.outcomes[0]?.clientId]).toEqual([200, clientId]);
  });

  it('a third is not', async () => {
    const endpoint = createEndpoint({ authenticateClient: () => ({ clientId: 'app%20web' }) });
    const answer = await send(endpoint, { authorization: basic('app+web:s'), body: { client_id: undefined } });
    expectRefusal(answer, endpoint, { status: 401, error: 'invalid_client', reason: 'client_mismatch' });
  });
});

describe('parseClientCredentials', () => {
  /** An endpoint of the host's own, which answers with what it was shown. */
  const post = (form: string, parse: (req: express.Request) => ClientCredentials = parseClientCredentials) =>
    request(
      express()
        .use(express.urlencoded({ extended: false }))
        .post('/introspect', (req, res) => {
          try {
            res.json(parse(req));
          } catch (thrown) {
            if (!(thrown instanceof OAuthError)) throw thrown;
            res.status(400).json([thrown.error, thrown.reason]);
          }
        }),
    )
      .post('/introspect')
      .type('form')
      .send(form);

  it('reads the body that a parser left in the request', async () => {
    const { body } = await post('client_id=rp&client_secret=s');
    expect(body).toEqual({ method: 'client_secret_post', clientId: 'rp', clientSecret: 's' });
  });

  it('reads the header alone', async () => {
    const { body } = await post('token=x').set('Authorization', basic('rp:s'));
    expect(body).toEqual({ method: 'client_secret_basic', clientId: 'rp', clientSecret: 's' });
  });

  it('reads a body that it is given', async () => {
    const { body } = await post('client_id=other', (req) => parseClientCredentials(req, { client_id: 'rp' }));
    expect(body).toEqual({ method: 'none', clientId: 'rp' });
  });

  it.each([undefined, null])('takes %p for a body without parameters', async (given) => {
    const { body } = await post('', (req) => {
      req.body = given;
      return parseClientCredentials(req);
    });
    expect(body).toEqual(['invalid_request', 'parameter_missing']);
  });

  it.each([
    ['client_id=a&client_id=b', ['invalid_request', 'parameter_repeated']],
    ['client_id=%C3%A9', ['invalid_request', 'parameter_characters']],
    [
      'client_id=a&client_assertion=x&client_assertion_type=saml',
      ['invalid_client', 'client_assertion_type_unsupported'],
    ],
  ])('refuses %s as the token endpoint does', async (form, refusal) => {
    expect((await post(form)).body).toEqual(refusal);
  });
});

describe('An endpoint that needs a credential', () => {
  const read = (headers: object, body: object) =>
    readClientCredentials({ headers } as express.Request, createParameterReader(body as never), {
      needsCredential: true,
    });
  const basicOf = (pair: string) => ({ authorization: basic(pair) });

  it.each<[string, object, object]>([
    ['nothing', {}, {}],
    ['a client_id alone', {}, { client_id: 'api' }],
    ['Basic with an empty secret', basicOf('api:'), {}],
    ['an empty secret in the body', {}, { client_id: 'api', client_secret: '' }],
  ])('refuses %s', (_what, headers, body) => {
    expect(() => read(headers, body)).toThrow(
      expect.objectContaining({ error: 'invalid_client', reason: 'client_credential_missing' }),
    );
  });

  it.each<[string, object, object, ClientCredentials]>([
    ['Basic', basicOf('api:s'), {}, { method: 'client_secret_basic', clientId: 'api', clientSecret: 's' }],
    [
      'a secret in the body',
      {},
      { client_id: 'api', client_secret: 's' },
      { method: 'client_secret_post', clientId: 'api', clientSecret: 's' },
    ],
    [
      'an assertion',
      {},
      { client_assertion: 'a.b.c', client_assertion_type: JWT_BEARER },
      { method: 'private_key_jwt', clientAssertion: 'a.b.c' },
    ],
  ])('takes %s, and gives no member that the client did not send', (_what, headers, body, credentials) => {
    expect(read(headers, body)).toStrictEqual(credentials);
  });

  it('says so where the Authorization field came twice', () => {
    const headers = { authorization: [basic('a:b'), basic('c:d')] };
    expect(() => read(headers, {})).toThrow(
      expect.objectContaining({
        reason: 'authorization_repeated',
        error_description: 'The Authorization header must be sent once',
      }),
    );
  });
});
