import { createTokenRouter, type ExtensionExchange, OAuthError } from '../../lib';
import { clientCredentials, createClientAuthentication, type RegisteredClient } from '../../lib/clients';
import { createTokenIssuer } from '../../lib/tokens';
import { createEndpoint } from '../support/endpoint';
import { API, goodOptions, readToken } from '../support/issuer';
import { expectRefusal } from '../support/refusals';
import { digestOf } from './support/asserter';

const OTHER = 'https://other.example';
const DPOP = { tokenEndpoint: 'https://auth.example/oauth/token', verifyDpop: async () => ({ jkt: 'a key' }) };
const TOKENS = { access_token: 'an access token', expires_in: 60 };

const secret = { tokenEndpointAuthMethod: 'client_secret_post', clientSecretHash: digestOf('s3cret') };
const CLIENTS: Readonly<Record<string, RegisteredClient>> = {
  job: { clientId: 'job', grantTypes: ['client_credentials'], ...secret },
  web: { clientId: 'web', grantTypes: ['authorization_code'], ...secret },
  free: { clientId: 'free', ...secret },
  spa: { clientId: 'spa', grantTypes: ['client_credentials'], tokenEndpointAuthMethod: 'none' },
};

interface Given {
  /** What `findClientGrant` returns. */
  found?: unknown;
  options?: Record<string, unknown>;
  router?: Record<string, unknown>;
  issuer?: Record<string, unknown>;
}

const apis = [
  { identifier: API, lifetime: 600, scopes: ['read:notes', 'write:notes'], allowOfflineAccess: true },
  { identifier: OTHER, lifetime: 300, scopes: ['read:other'] },
];

/** An endpoint whose clients may get `read:notes` and `write:notes` for themselves. */
function createClientEndpoint({
  found = { scope: 'read:notes write:notes' },
  options,
  router,
  issuer = {},
}: Given = {}) {
  const asked: ExtensionExchange[] = [];
  const { issueClientTokens } = createTokenIssuer({ ...goodOptions(), apis, ...issuer } as never);
  const endpoint = createEndpoint({
    authenticateClient: createClientAuthentication({
      findClient: (clientId) => CLIENTS[clientId],
      methods: ['none', 'client_secret_post'],
    }),
    grants: {
      client_credentials: clientCredentials({
        findClientGrant(exchange: ExtensionExchange) {
          asked.push(exchange);
          return found as never;
        },
        issueTokens: issueClientTokens,
        ...options,
      }),
    },
    ...router,
  } as never);
  const { client_id: _client, ...credentials } = { client_id: 'job', client_secret: 's3cret' };
  return {
    ...endpoint,
    asked,
    send: (more: Record<string, unknown> = {}) =>
      endpoint.post({ grant_type: 'client_credentials', client_id: 'job', ...credentials, ...more }),
  };
}

describe('clientCredentials', () => {
  it('issues a token to the client: its subject is the client, its scope the whole allow-list', async () => {
    const endpoint = createClientEndpoint();
    const answer = await endpoint.send();
    expect([answer.status, answer.body]).toEqual([
      200,
      {
        access_token: expect.any(String),
        token_type: 'Bearer',
        expires_in: 600,
        scope: 'read:notes write:notes',
      },
    ]);
    const { header, claims } = readToken(answer.body.access_token);
    expect(header.typ).toBe('at+jwt');
    expect(claims).toEqual({
      iss: 'https://auth.example/',
      sub: 'job',
      client_id: 'job',
      aud: API,
      scope: 'read:notes write:notes',
      iat: expect.any(Number),
      exp: Number(claims.iat) + 600,
      jti: expect.any(String),
    });
    expect(endpoint.outcomes).toMatchObject([
      { outcome: 'issued', reason: 'extension_grant_redeemed', clientId: 'job', status: 200 },
    ]);
  });

  it('calls findClientGrant once, with the client and the requested scope', async () => {
    const endpoint = createClientEndpoint({ options: { parameters: ['audience'] } });
    expect((await endpoint.send({ scope: 'read:notes', audience: 'x', resource: 'urn:a' })).status).toBe(200);
    expect(endpoint.asked).toMatchObject([
      {
        grantType: 'client_credentials',
        client: { clientId: 'job' },
        parameters: { scope: 'read:notes', audience: 'x' },
        resources: ['urn:a'],
      },
    ]);
  });

  it.each<[string, string, string]>([
    ['one of them', 'write:notes', 'write:notes'],
    ['both in another order', 'write:notes read:notes', 'write:notes read:notes'],
    ['one twice', 'read:notes read:notes', 'read:notes'],
    ['one among blanks', ' read:notes  ', 'read:notes'],
    ['nothing but blanks', '  ', 'read:notes write:notes'],
    ['an empty value', '', 'read:notes write:notes'],
  ])('narrows the scope to %s', async (_what, scope, expected) => {
    const answer = await createClientEndpoint().send({ scope });
    expect([answer.status, answer.body.scope]).toEqual([200, expected]);
    expect(readToken(answer.body.access_token).claims.scope).toBe(expected);
  });

  it.each([null, '', ' '])('issues without a scope where the allow-list is %j', async (scope) => {
    const answer = await createClientEndpoint({ found: { scope } }).send();
    expect([answer.status, 'scope' in answer.body]).toEqual([200, false]);
    expect(readToken(answer.body.access_token).claims).not.toHaveProperty('scope');
  });

  it.each<[string, string, string]>([
    ['one that is not allowed', 'read:notes read:other', 'scope_exceeded'],
    ['one in another case', 'Read:notes', 'scope_exceeded'],
    ['openid', 'openid', 'scope_exceeded'],
    ['offline_access beside one that is allowed', 'read:notes offline_access', 'scope_exceeded'],
    ['a quote', '"read:notes"', 'scope_malformed'],
    ['a backslash', 'read\\notes', 'scope_malformed'],
  ])('refuses with invalid_scope, before anything is issued: %s', async (_what, scope, reason) => {
    const issueTokens = jest.fn(async () => TOKENS);
    const verifyDpop = jest.fn(async () => ({ jkt: 'a key' }));
    const endpoint = createClientEndpoint({ options: { issueTokens }, router: { ...DPOP, verifyDpop } });
    const answer = await endpoint.send({ scope }).set('DPoP', 'a.proof.here');
    expectRefusal(answer, endpoint, { error: 'invalid_scope', reason });
    expect([issueTokens.mock.calls, verifyDpop.mock.calls]).toEqual([[], []]);
  });

  it('never grants a scope of OpenID Connect, whatever the allow-list says', async () => {
    const scope = 'openid profile email address phone offline_access read:notes';
    const endpoint = createClientEndpoint({ found: { scope } });
    const answer = await endpoint.send();
    expect(Object.keys(answer.body).sort()).toEqual(['access_token', 'expires_in', 'scope', 'token_type']);
    expect(answer.body.scope).toBe('read:notes');
    for (const one of scope.split(' ').slice(0, -1)) expect((await endpoint.send({ scope: one })).status).toBe(400);
  });

  it.each<[string, Record<string, string>, Parameters<typeof expectRefusal>[2]]>([
    [
      'a public client',
      { client_id: 'spa', client_secret: '' },
      { error: 'unauthorized_client', reason: 'public_client_not_allowed' },
    ],
    [
      'a client that is registered for other grants',
      { client_id: 'web' },
      { error: 'unauthorized_client', reason: 'grant_type_not_allowed' },
    ],
    [
      'a client that is registered for no grant by name',
      { client_id: 'free' },
      { error: 'unauthorized_client', reason: 'grant_type_not_allowed' },
    ],
    [
      'a wrong secret',
      { client_secret: 'wrong' },
      { status: 401, error: 'invalid_client', reason: 'client_secret_wrong' },
    ],
  ])('refuses %s, and asks nothing', async (_who, change, refusal) => {
    const endpoint = createClientEndpoint();
    expectRefusal(await endpoint.send(change), endpoint, refusal);
    expect(endpoint.asked).toEqual([]);
  });

  it.each([null, undefined])('refuses a client for which findClientGrant returns %j', async (found) => {
    const endpoint = createClientEndpoint({ options: { findClientGrant: async () => found } });
    const answer = await endpoint.send();
    expectRefusal(answer, endpoint, { error: 'unauthorized_client', reason: 'client_grant_unknown' });
    expect(answer.body.error_description).toBe('The client may not use this grant');
  });

  it.each<[string, unknown]>([
    ['no record', 'read:notes'],
    ['an array', ['read:notes']],
    ['a lost scope', {}],
    ['a list of scopes', { scope: ['read:notes'] }],
    ['one resource instead of a list', { scope: 'read:notes', resources: API }],
    ['a resource that is empty', { scope: 'read:notes', resources: [''] }],
  ])('reports a fault where findClientGrant returns %s', async (_what, found) => {
    const endpoint = createClientEndpoint({ found });
    expectRefusal(await endpoint.send(), endpoint, {
      status: 500,
      error: 'server_error',
      reason: 'issue_tokens_failed',
    });
    expect(String(endpoint.outcomes[0]?.fault)).toMatch(/^TypeError: findClientGrant returned/);
  });

  it('binds the token to the key of a proof', async () => {
    const endpoint = createClientEndpoint({ router: DPOP });
    const answer = await endpoint.send().set('DPoP', 'a.proof.here');
    expect([answer.status, answer.body.token_type]).toEqual([200, 'DPoP']);
    expect(readToken(answer.body.access_token).claims.cnf).toEqual({ jkt: 'a key' });
  });
});

describe('The resources of clientCredentials', () => {
  const found = { scope: 'read:notes read:other', resources: [API, `${OTHER}/`] };

  it.each<[string, object, string | string[], string, number]>([
    ['all of the grant', {}, [API, OTHER], 'read:notes read:other', 300],
    ['the one that is asked for', { resource: API }, API, 'read:notes', 600],
    ['one without the slash', { resource: 'https://API.example' }, API, 'read:notes', 600],
    [
      'one with a slash more, in the spelling of apis',
      { resource: 'https://other.example/' },
      OTHER,
      'read:other',
      300,
    ],
    ['two', { resource: [OTHER, API] }, [OTHER, API], 'read:notes read:other', 300],
  ])('become the audience: %s', async (_what, more, aud, scope, expires_in) => {
    const answer = await createClientEndpoint({ found }).send(more as Record<string, unknown>);
    expect(answer.body).toMatchObject({ scope, expires_in });
    expect(readToken(answer.body.access_token).claims).toMatchObject({ aud, scope });
  });

  it.each<[string, readonly string[], Record<string, unknown>, string]>([
    ['one that the client may not get', [API], { resource: OTHER }, 'resource_not_granted'],
    ['one more than it may get', [API], { resource: [API, OTHER] }, 'resource_not_granted'],
    ['one where it may get none', [], { resource: API }, 'resource_not_granted'],
    ['one that is malformed', [API], { resource: '/notes' }, 'resource_malformed'],
  ])('are refused with invalid_target: %s', async (_what, resources, more, reason) => {
    const endpoint = createClientEndpoint({ found: { scope: 'read:notes', resources } });
    expectRefusal(await endpoint.send(more), endpoint, { error: 'invalid_target', reason });
  });

  it.each([null, undefined])('are ignored where the grant has %p for them: the audience counts', async (resources) => {
    const endpoint = createClientEndpoint({ found: { scope: 'read:other', audience: OTHER, resources } });
    const answer = await endpoint.send({ resource: 'urn:unknown' });
    expect(readToken(answer.body.access_token).claims.aud).toBe(OTHER);
  });

  it('refuse a scope that no resource of the request knows', async () => {
    const endpoint = createClientEndpoint({ found });
    expectRefusal(await endpoint.send({ resource: API, scope: 'read:other' }), endpoint, {
      error: 'invalid_scope',
      reason: 'scope_not_allowed',
    });
  });
});

describe('A function of the host’s as issueTokens of clientCredentials', () => {
  it('gets what the client may get and what it asked for', async () => {
    const seen: unknown[] = [];
    const found = { scope: 'read:notes write:notes', resources: [API], plan: 'gold' };
    const issueTokens = async (exchange: unknown) => {
      seen.push(exchange);
      return TOKENS;
    };
    const endpoint = createClientEndpoint({ found, options: { issueTokens }, router: DPOP });
    const answer = await endpoint.send({ scope: 'read:notes' }).set('DPoP', 'a.proof.here');
    expect([answer.status, answer.body]).toEqual([200, { ...TOKENS, token_type: 'DPoP', scope: 'read:notes' }]);
    expect(seen).toEqual([
      {
        grantType: 'client_credentials',
        client: CLIENTS.job,
        clientGrant: found,
        scope: 'read:notes',
        resources: [API],
        parameters: { scope: 'read:notes' },
        confirmation: { jkt: 'a key' },
        servesRefresh: false,
        actTimeout: 5000,
      },
    ]);
  });

  it('may decide which scope it grants', async () => {
    const issueTokens = async () => ({ ...TOKENS, scope: 'read:notes' });
    expect((await createClientEndpoint({ options: { issueTokens } }).send()).body.scope).toBe('read:notes');
  });

  it('is asked for its check first, and may refuse there', async () => {
    const issueTokens = jest.fn(async () => TOKENS);
    const check = jest.fn(async () => {
      throw new OAuthError('invalid_target', 'No', { reason: 'no' });
    });
    const endpoint = createClientEndpoint({ options: { issueTokens: Object.assign(issueTokens, { check }) } });
    expectRefusal(await endpoint.send(), endpoint, { error: 'invalid_target', reason: 'no' });
    expect(check.mock.calls).toMatchObject([[{ scope: 'read:notes write:notes', confirmation: undefined }, {}]]);
    expect(issueTokens.mock.calls).toEqual([]);
  });

  it.each(['refresh_token', 'id_token'])('never issues a %s', async (name) => {
    const issueTokens = async () => ({ ...TOKENS, [name]: 'x' });
    const endpoint = createClientEndpoint({ options: { issueTokens } });
    const answer = await endpoint.send();
    expectRefusal(answer, endpoint, { status: 500, error: 'server_error', reason: 'issue_tokens_failed' });
    expect(String(endpoint.outcomes[0]?.fault)).toBe(
      `TypeError: issueTokens of clientCredentials returned ${name} as a string of 1 characters. ` +
        'Leave it out: there is no user to issue it for',
    );
  });

  it.each([null, ''])('may say %j for the tokens that there are none of', async (none) => {
    const issueTokens = async () => ({ ...TOKENS, refresh_token: none, id_token: none });
    expect((await createClientEndpoint({ options: { issueTokens } }).send()).status).toBe(200);
  });

  it.each([undefined, null, 'tokens'])('that returns %j is a fault', async (issued) => {
    const endpoint = createClientEndpoint({ options: { issueTokens: async () => issued } });
    expectRefusal(await endpoint.send(), endpoint, { status: 500, error: 'server_error', reason: 'tokens_malformed' });
  });

  it('is checked again where a wrapper has lost the check', async () => {
    const grant = clientCredentials({
      findClientGrant: () => ({ scope: 'read:notes' }),
      issueTokens: async () => TOKENS,
    });
    const wrapped = { ...grant, issueTokens: (exchange: never, req: never) => grant.issueTokens(exchange, req) };
    const endpoint = createClientEndpoint({ router: { grants: { client_credentials: wrapped } } });
    expect((await endpoint.send()).body.scope).toBe('read:notes');
    expectRefusal(await endpoint.send({ scope: 'write:notes' }), endpoint, {
      error: 'invalid_scope',
      reason: 'scope_exceeded',
    });
  });
});

describe('clientCredentials refuses', () => {
  const findClientGrant = () => null;
  const issueTokens = async () => TOKENS;
  const find = 'Write a function: ({ client, resources }, req) => { scope, resources }, or null.';
  const issue = 'Write issueClientTokens of createTokenIssuer, or a function of yours.';
  const names = 'Write an array of further parameters, without scope.';

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'options is undefined. Write { findClientGrant, issueTokens }.'],
    ['no allow-list', { issueTokens }, `findClientGrant is undefined. ${find}`],
    [
      'an allow-list for all',
      { findClientGrant: 'read:notes', issueTokens },
      `findClientGrant is 'read:notes'. ${find}`,
    ],
    ['no issuer', { findClientGrant }, `issueTokens is undefined. ${issue}`],
    [
      'another option',
      { findClientGrant, issueTokens, allowPublic: true },
      'allowPublic does not exist. These exist: findClientGrant, issueTokens, parameters.',
    ],
    [
      'another option, which every object inherits',
      { findClientGrant, issueTokens, constructor: 1 },
      'constructor does not exist. These exist: findClientGrant, issueTokens, parameters.',
    ],
    ['both at once', {}, `\n  findClientGrant is undefined. ${find}\n  issueTokens is undefined. ${issue}`],
    [
      'parameters as text',
      { findClientGrant, issueTokens, parameters: '["audience"]' },
      `parameters is '["audience"]'. ${names}`,
    ],
    ['a number as a parameter', { findClientGrant, issueTokens, parameters: [7] }, `parameters[0] is 7. ${names}`],
    [
      'scope as a further parameter',
      { findClientGrant, issueTokens, parameters: ['scope'] },
      `parameters[0] is 'scope'. ${names}`,
    ],
  ])('%s', (_what, options, line) => {
    const message = `clientCredentials:${line.startsWith('\n') ? '' : ' '}${line}`;
    expect(() => clientCredentials(options as never)).toThrow(new TypeError(message));
  });

  it('a name of the endpoint’s own as a parameter, when the router is created', () => {
    const nothing = () => undefined as never;
    const grant = clientCredentials({ findClientGrant, issueTokens, parameters: ['client_id'] });
    const create = () =>
      createTokenRouter({
        findCode: nothing,
        consumeCode: nothing,
        issueTokens: nothing,
        grants: { client_credentials: grant },
      });
    expect(create).toThrow(/grants\.client_credentials\.parameters\[1\] is 'client_id'/);
  });
});

describe('The options of clientCredentials', () => {
  it('declares scope, and beside it nothing but the parameters of the host', () => {
    const issueTokens = async () => TOKENS;
    const findClientGrant = async () => ({ scope: 'read:notes' });
    expect(clientCredentials({ findClientGrant, issueTokens }).parameters).toEqual(['scope']);
    expect(clientCredentials({ findClientGrant, issueTokens, parameters: ['tenant'] }).parameters).toEqual([
      'scope',
      'tenant',
    ]);
  });

  it('lists every mistake in its options at once', () => {
    const create = () => clientCredentials({ findClientGrant: 1, issueTokens: 'x' } as never);
    expect(create).toThrow(/^clientCredentials:\n {2}findClientGrant .*\n {2}issueTokens /);
  });
});
