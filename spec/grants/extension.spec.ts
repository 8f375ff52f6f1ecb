import request from 'supertest';
import { type Client, type ClientCredentials, createTokenRouter, OAuthError } from '../../lib';
import { OWN_PARAMETERS, RESERVED_PARAMETERS } from '../../lib/http/parameters';
import { createEndpoint, goodForm, type Options } from '../support/endpoint';
import { expectRefusal } from '../support/refusals';

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';
const TOKENS = { access_token: 'an access token', expires_in: 3600 };
const DPOP = { tokenEndpoint: 'https://auth.example/oauth/token', verifyDpop: async () => ({ jkt: 'a key' }) };

const deviceForm = (more: Record<string, unknown> = {}) => ({
  grant_type: DEVICE,
  client_id: 'tv',
  device_code: 'GmRhmhcxhwAzkoEqiMEg',
  ...more,
});

type Grant = NonNullable<Options['grants']>[never];

/** An endpoint that serves device codes, and what its grant saw. */
function createDeviceEndpoint(grant: Record<string, unknown> = {}, options: Record<string, unknown> = {}) {
  const seen: unknown[] = [];
  const client: Client = { clientId: 'tv', grantTypes: [DEVICE] };
  const endpoint = createEndpoint({
    authenticateClient: async ({ clientId }: ClientCredentials) => (clientId === 'tv' ? client : null),
    grants: {
      [DEVICE]: {
        parameters: ['device_code'],
        allowPublic: true,
        issueTokens(exchange: unknown) {
          seen.push(exchange);
          return TOKENS;
        },
        ...grant,
      } as Grant,
    },
    ...options,
  } as never);
  return { ...endpoint, seen, client };
}

describe('A grant of the host’s', () => {
  it('is served with its parameters, those that the router declares, the client and the resources', async () => {
    const endpoint = createDeviceEndpoint({}, { parameters: ['audience'], refresh: undefined });
    const answer = await endpoint.post(
      deviceForm({ audience: 'https://api.example/', resource: 'urn:a', ignored: 'x', scope: 'openid' }),
    );
    expect([answer.status, answer.body]).toEqual([200, { ...TOKENS, token_type: 'Bearer' }]);
    expect(endpoint.seen).toEqual([
      {
        grantType: DEVICE,
        client: endpoint.client,
        confirmation: undefined,
        resources: ['urn:a'],
        parameters: { audience: 'https://api.example/', device_code: 'GmRhmhcxhwAzkoEqiMEg' },
        servesRefresh: false,
        actTimeout: 5000,
      },
    ]);
    expect(endpoint.outcomes).toMatchObject([
      { outcome: 'issued', reason: 'extension_grant_redeemed', status: 200, clientId: 'tv' },
    ]);
  });

  it('leaves its parameters undefined where they are absent or empty', async () => {
    const endpoint = createDeviceEndpoint();
    expect((await endpoint.post(deviceForm({ device_code: '' }))).status).toBe(200);
    expect(endpoint.seen).toMatchObject([{ parameters: { device_code: undefined }, resources: [] }]);
  });

  it('may have no parameters of its own', async () => {
    const endpoint = createDeviceEndpoint({ parameters: undefined });
    expect((await endpoint.post(deviceForm())).status).toBe(200);
    expect(Object.keys((endpoint.seen[0] as { parameters: object }).parameters)).toEqual([]);
  });

  it('tells a client why it may not use it', async () => {
    const { body: publicly } = await createDeviceEndpoint({ allowPublic: false }).post(deviceForm());
    expect(publicly.error_description).toBe('The client must authenticate to use this grant');
    const endpoint = createDeviceEndpoint();
    endpoint.client.grantTypes = [];
    const { body } = await endpoint.post(deviceForm());
    expect(body.error_description).toBe('The client may not use this grant');
  });

  it('whose check hangs is 503, and issues nothing', async () => {
    const issueTokens = jest.fn(async () => TOKENS);
    const check = () => new Promise(() => {});
    const endpoint = createDeviceEndpoint(
      { issueTokens: Object.assign(issueTokens, { check }) },
      { adapterTimeout: 300 },
    );
    const answer = await endpoint.post(deviceForm());
    expectRefusal(answer, endpoint, { status: 503, error: 'temporarily_unavailable', reason: 'adapter_timeout' });
    expect(String(endpoint.outcomes[0]?.fault)).toContain('issueTokens.check');
    expect(issueTokens.mock.calls).toEqual([]);
  });

  it('binds to the key of a proof', async () => {
    const endpoint = createDeviceEndpoint({}, DPOP);
    const answer = await endpoint.post(deviceForm()).set('DPoP', 'a.proof.here');
    expect([answer.status, answer.body.token_type]).toEqual([200, 'DPoP']);
    expect(endpoint.seen).toMatchObject([{ confirmation: { jkt: 'a key' } }]);
  });

  it('needs a proof where the endpoint does', async () => {
    const endpoint = createDeviceEndpoint({}, { ...DPOP, requireDpop: true });
    expectRefusal(await endpoint.post(deviceForm()), endpoint, {
      error: 'invalid_dpop_proof',
      reason: 'dpop_proof_missing',
    });
    expect(endpoint.seen).toEqual([]);
  });

  it.each<[string, Client['grantTypes']]>([
    ['names no grants', undefined],
    ['has null for grants', null],
    ['names other grants', ['authorization_code']],
  ])('is refused to a client that %s', async (_what, grantTypes) => {
    const endpoint = createDeviceEndpoint();
    endpoint.client.grantTypes = grantTypes;
    expectRefusal(await endpoint.post(deviceForm()), endpoint, {
      error: 'unauthorized_client',
      reason: 'grant_type_not_allowed',
    });
    expect(endpoint.seen).toEqual([]);
  });

  it('is refused to every client where none is authenticated', async () => {
    const endpoint = createDeviceEndpoint({}, { authenticateClient: undefined });
    expectRefusal(await endpoint.post(deviceForm()), endpoint, {
      error: 'unauthorized_client',
      reason: 'grant_type_not_allowed',
    });
  });

  it.each([undefined, false])('is refused to public clients where allowPublic is %p', async (allowPublic) => {
    const endpoint = createDeviceEndpoint({ allowPublic });
    expectRefusal(await endpoint.post(deviceForm()), endpoint, {
      error: 'unauthorized_client',
      description: 'The client must authenticate to use this grant',
      reason: 'public_client_not_allowed',
    });
    expect((await endpoint.post(deviceForm({ client_secret: 'x' }))).status).toBe(200);
  });

  it.each<[string, Record<string, unknown>, { error: string; reason: string }]>([
    ['sent twice', { device_code: ['a', 'b'] }, { error: 'invalid_request', reason: 'parameter_repeated' }],
    ['with NUL', { device_code: 'a\0' }, { error: 'invalid_request', reason: 'parameter_characters' }],
  ])('has its parameters once and in printable ASCII: %s', async (_what, change, refusal) => {
    const endpoint = createDeviceEndpoint();
    expectRefusal(await endpoint.post(deviceForm(change)), endpoint, refusal);
    expect(endpoint.seen).toEqual([]);
  });

  it('has its parameters as strings', async () => {
    const endpoint = createDeviceEndpoint();
    const answer = await request(endpoint.app)
      .post('/oauth/token')
      .send(deviceForm({ device_code: 7 }));
    expectRefusal(answer, endpoint, { error: 'invalid_request', reason: 'parameter_no_string' });
  });

  it('refuses a malformed resource before any adapter is called', async () => {
    const endpoint = createDeviceEndpoint({}, { authenticateClient: () => Promise.reject(new Error('called')) });
    expectRefusal(await endpoint.post(deviceForm({ resource: '/a' })), endpoint, {
      error: 'invalid_target',
      reason: 'resource_malformed',
    });
  });

  it.each<[string, unknown, Parameters<typeof expectRefusal>[2]]>([
    [
      'authorization_pending',
      new OAuthError('authorization_pending', 'The user has not decided yet', { reason: 'device_pending' }),
      { error: 'authorization_pending', reason: 'device_pending' },
    ],
    [
      'slow_down',
      new OAuthError('slow_down', 'Ask less often', { reason: 'device_too_fast' }),
      { error: 'slow_down', reason: 'device_too_fast' },
    ],
    ['an error', new Error('database gone'), { status: 500, error: 'server_error', reason: 'issue_tokens_failed' }],
    ['a string', 'router', { status: 500, error: 'server_error', reason: 'issue_tokens_failed' }],
  ])('may throw, as issueTokens may: %s', async (_what, thrown, refusal) => {
    const endpoint = createDeviceEndpoint({ issueTokens: () => Promise.reject(thrown) });
    expectRefusal(await endpoint.post(deviceForm()), endpoint, refusal);
  });

  it.each([undefined, null, {}, 'tokens', { access_token: '', expires_in: 1 }, { access_token: 'a', expires_in: '1' }])(
    'that returns %j is a fault',
    async (issued) => {
      const endpoint = createDeviceEndpoint({ issueTokens: async () => issued });
      expectRefusal(await endpoint.post(deviceForm()), endpoint, {
        status: 500,
        error: 'server_error',
        reason: 'tokens_malformed',
      });
    },
  );

  it('that hangs is 500', async () => {
    const endpoint = createDeviceEndpoint({ issueTokens: () => new Promise(() => {}) }, { actTimeout: 30 });
    expectRefusal(await endpoint.post(deviceForm()), endpoint, {
      status: 500,
      error: 'server_error',
      reason: 'adapter_timeout_after_consumption',
    });
  });

  it('looks before it issues, where its issueTokens has a check', async () => {
    const issueTokens = jest.fn(async () => TOKENS);
    const check = jest.fn(async () => {
      throw new OAuthError('invalid_grant', 'No', { reason: 'device_unknown' });
    });
    const endpoint = createDeviceEndpoint({ issueTokens: Object.assign(issueTokens, { check }) });
    expectRefusal(await endpoint.post(deviceForm()), endpoint, { error: 'invalid_grant', reason: 'device_unknown' });
    expect([check.mock.calls.length, issueTokens.mock.calls]).toEqual([1, []]);
  });

  it('does not come by another name', async () => {
    const endpoint = createDeviceEndpoint();
    for (const grantType of [DEVICE.toUpperCase(), 'constructor', '__proto__', 'toString']) {
      expectRefusal(await endpoint.post(deviceForm({ grant_type: grantType })), endpoint, {
        error: 'unsupported_grant_type',
        reason: 'grant_type_unsupported',
      });
    }
  });
});

describe('Declared parameters', () => {
  it('reach issueTokens in every grant, each as it was sent', async () => {
    const seen: unknown[] = [];
    const endpoint = createEndpoint({
      parameters: ['audience', 'organization'],
      issueTokens({ parameters }: { parameters: unknown }) {
        seen.push(parameters);
        return TOKENS;
      },
    } as never);
    const form = { grant_type: 'authorization_code', audience: 'https://api.example/', undeclared: 'x' };
    expect((await endpoint.post({ ...goodForm(), ...form })).status).toBe(200);
    expect(seen).toEqual([{ audience: 'https://api.example/', organization: undefined }]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['sent twice', { audience: ['a', 'a'] }, 'parameter_repeated'],
    ['with a character beyond ASCII', { audience: 'ü' }, 'parameter_characters'],
  ])('are refused before any adapter is called: %s', async (_what, change, reason) => {
    const endpoint = createEndpoint({ parameters: ['audience'] } as never);
    expectRefusal(await endpoint.post({ ...goodForm(), ...change }), endpoint, { error: 'invalid_request', reason });
    expect(endpoint.calls).toEqual([]);
  });

  it.each([
    ['audience', '/oauth/token?audience=x'],
    ['device_code', '/oauth/token?device_code=x'],
    ['audience[]', '/oauth/token?audience[]=x'],
  ])('are refused in the query string, those of a grant too: %s', async (_name, path) => {
    const endpoint = createDeviceEndpoint({}, { parameters: ['audience'] });
    const answer = await request(endpoint.app).post(path).type('form').send(deviceForm());
    expectRefusal(answer, endpoint, { error: 'invalid_request', reason: 'parameter_in_query' });
    expect((await request(endpoint.app).post('/oauth/token?other=x').type('form').send(deviceForm())).status).toBe(200);
  });

  it('that are not declared stay unknown, whatever they are', async () => {
    const endpoint = createEndpoint();
    expect((await endpoint.post({ ...goodForm(), audience: ['a', 'b'] })).status).toBe(200);
  });
});

describe('createTokenRouter refuses', () => {
  const nothing = () => undefined as never;
  const adapters = { findCode: nothing, consumeCode: nothing, issueTokens: nothing };

  const own = [...OWN_PARAMETERS].join(', ');
  const reserved = [...RESERVED_PARAMETERS].join(', ');
  const ofGrant = (line: string) =>
    `${line} Write an array of names of this grant (letters, digits, - . _), each once, and none of ${own}.`;
  const declared = (line: string) =>
    `${line} Write an array of names of your own (letters, digits, - . _), each once, and none of ${reserved}.`;
  const usage = 'Write { issueTokens }, with or without parameters and allowPublic.';
  const issue = 'Write a function: ({ code, client, confirmation }, req) => { access_token, expires_in }.';

  it.each<[object, string]>([
    [
      { grants: { authorization_code: { issueTokens: nothing } } },
      'grants.authorization_code is served by the endpoint itself, or is not a valid name. Leave it out.',
    ],
    [
      { grants: { refresh_token: { issueTokens: nothing } } },
      'grants.refresh_token is served by the endpoint itself, or is not a valid name. Leave it out.',
    ],
    [{ grants: [] }, 'grants is an empty array. Write grants by grant_type: { [grant_type]: { issueTokens } }.'],
    [{ grants: { x: {} } }, `grants.x.issueTokens is missing. ${issue}`],
    [{ grants: { x: { issueTokens: 'xy' } } }, `grants.x.issueTokens is a string of 2 characters. ${issue}`],
    [{ grants: { x: 7 } }, `grants.x is 7. ${usage}`],
    [
      { grants: { x: { issueTokens: nothing, allowPublik: true } } },
      'grants.x.allowPublik does not exist. Did you mean allowPublic?',
    ],
    [
      { grants: { x: { issueTokens: nothing, allowPublic: 'yes' } } },
      "grants.x.allowPublic is 'yes'. Write true or false.",
    ],
    [
      { grants: { x: { issueTokens: nothing, parameters: ['client_id'] } } },
      ofGrant("grants.x.parameters[0] is 'client_id'."),
    ],
    [
      { grants: { x: { issueTokens: nothing, parameters: ['a', 'resource'] } } },
      ofGrant("grants.x.parameters[1] is 'resource'."),
    ],
    [{ grants: { x: { issueTokens: nothing, parameters: 'a' } } }, ofGrant("grants.x.parameters is 'a'.")],
    [{ parameters: ['resource'] }, declared("parameters[0] is 'resource'.")],
    [{ parameters: ['scope'] }, declared("parameters[0] is 'scope'.")],
    [{ parameters: ['audience', 'assertion'] }, declared("parameters[1] is 'assertion'.")],
    [{ parameters: ['a', 'a'] }, declared("parameters[1] is 'a'.")],
    [{ parameters: 'audience' }, declared("parameters is 'audience'.")],
    [{ parameters: [7] }, declared('parameters[0] is 7.')],
  ])('%j', (options, line) => {
    expect(() => createTokenRouter({ ...adapters, ...options } as never)).toThrow(
      new TypeError(`createTokenRouter: ${line}`),
    );
  });

  it.each<[string, string, string]>([
    ['an empty one', '', "''"],
    ['one with a blank', 'a b', "'a b'"],
    ['one with brackets', 'a[]', "'a[]'"],
    ['one with a line break', 'audience\n', "'audience?'"],
    ['one of another script', 'größe', "'größe'"],
  ])('names of parameters that RFC 6749 §8.2 does not have: %s', (_what, name, shown) => {
    const create = (options: object) => () => createTokenRouter({ ...adapters, ...options } as never);
    expect(create({ parameters: ['audience', name] })).toThrow(`parameters[1] is ${shown}. Write an array of names`);
    expect(create({ grants: { x: { issueTokens: nothing, parameters: [name] } } })).toThrow(
      `grants.x.parameters[0] is ${shown}. Write an array of names`,
    );
  });

  it.each([
    ['an empty one', ''],
    ['one with a blank', 'device code'],
    ['one with a quote', 'urn:"x"'],
    ['one of another script', 'größe'],
  ])('names of grants that are neither a name nor a URI: %s', (_what, name) => {
    const create = () => createTokenRouter({ ...adapters, grants: { [name]: { issueTokens: nothing } } } as never);
    expect(create).toThrow(/ is served by the endpoint itself, or is not a valid name\. Leave it out\./);
  });

  it.each<[string, object]>([
    [
      'names with every kind of character',
      { parameters: ['aZ09-._'], grants: { 'aZ09-._': { issueTokens: nothing } } },
    ],
    ['a URI as a grant', { grants: { 'https://auth.example/grants?a=b&c=%20#d': { issueTokens: nothing } } }],
    ['a URN as a grant', { grants: { 'urn:ietf:params:oauth:grant-type:device_code': { issueTokens: nothing } } }],
    [
      'scope as a parameter of a grant',
      { grants: { client_credentials: { issueTokens: nothing, parameters: ['scope'] } } },
    ],
    ['assertion as one', { grants: { x: { issueTokens: nothing, parameters: ['assertion'] } } }],
    ['no grants', { grants: {} }],
    ['no parameters', { parameters: [] }],
  ])('but takes %s', (_what, options) => {
    expect(() => createTokenRouter({ ...adapters, ...options } as never)).not.toThrow();
  });
});
