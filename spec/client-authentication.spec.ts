import { setTimeout } from 'node:timers/promises';
import type { Client, ClientCredentials } from '../lib';
import { createEndpoint, goodForm } from './support/endpoint';
import { expectRedeemable, expectRefusal } from './support/refusals';

const refused = { status: 401, error: 'invalid_client', description: 'Client authentication failed' };
const ASSERTION = {
  client_assertion: 'header.claims.signature',
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
};

const authenticating = (client: unknown, options: Parameters<typeof createEndpoint>[0] = {}) =>
  createEndpoint({ authenticateClient: (async () => client) as never, ...options });

describe('Without authenticateClient', () => {
  it('every client is public', async () => {
    const seen: unknown[] = [];
    const endpoint = createEndpoint({
      issueTokens({ client }) {
        seen.push(client);
        return { access_token: 'a', expires_in: 60 };
      },
    });
    expect((await endpoint.post()).status).toBe(200);
    expect(seen).toEqual([{ clientId: 'spa' }]);
  });

  it.each([
    ['client_secret', { client_secret: 'x' }],
    ['client_assertion', ASSERTION],
  ])('a credential is refused: %s', async (_what, credential) => {
    const endpoint = createEndpoint();
    const answer = await endpoint.post({ ...goodForm(), ...credential });
    expectRefusal(answer, endpoint, { ...refused, reason: 'client_authentication_unsupported' });
    expect(endpoint.calls).toEqual([]);
    await expectRedeemable(endpoint);
  });
});

describe('authenticateClient', () => {
  it('gets the credentials and the request, once', async () => {
    const seen: [ClientCredentials, string][] = [];
    const endpoint = createEndpoint({
      authenticateClient(credentials, req) {
        seen.push([credentials, req.method]);
        return { clientId: 'spa' };
      },
    });
    expect((await endpoint.post({ ...goodForm(), client_secret: 's' })).status).toBe(200);
    expect(seen).toEqual([[{ method: 'client_secret_post', clientId: 'spa', clientSecret: 's' }, 'POST']]);
  });

  it('runs for 20 requests with a credential at once, and for one without a credential beside them', async () => {
    let begun = 0;
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const endpoint = createEndpoint({
      adapterTimeout: 8000,
      actTimeout: 1500,
      consumeCode: () => true,
      async authenticateClient({ method, clientId }) {
        if (method === 'none') return { clientId: String(clientId) };
        begun += 1;
        await opened;
        return { clientId: String(clientId) };
      },
    });
    const waiting = Promise.all(
      Array.from({ length: 25 }, () => endpoint.post({ ...goodForm(), client_secret: 's' }).then()),
    );
    while (begun < 20) await setTimeout(5);
    expect((await endpoint.post()).status).toBe(200);
    expect(begun).toBe(20);
    open();
    expect((await waiting).map(({ status }) => status)).toEqual(Array(25).fill(200));
    expect(begun).toBe(25);
  });

  it('returns the client that issueTokens gets, with all members of the host’s record', async () => {
    const client = Object.freeze({ clientId: 'spa', name: 'Shop', grantTypes: ['authorization_code'] });
    const seen: Client[] = [];
    const endpoint = authenticating(client, {
      issueTokens(exchange) {
        seen.push(exchange.client);
        return { access_token: 'a', expires_in: 60 };
      },
    });
    await endpoint.post();
    expect(seen).toHaveLength(1);
    expect(seen[0]).toBe(client);
  });

  it.each([null, undefined])('refuses with %p, before a code is looked at', async (client) => {
    const endpoint = authenticating(client);
    expectRefusal(await endpoint.post(), endpoint, { ...refused, reason: 'client_refused' });
    expect([endpoint.calls, endpoint.outcomes[0]?.clientId]).toEqual([[], 'spa']);
  });

  it('names the client to which the code must belong', async () => {
    const { client_id: _id, ...form } = goodForm();
    const endpoint = authenticating({ clientId: 'other' });
    expectRefusal(await endpoint.post({ ...form, ...ASSERTION }), endpoint, {
      error: 'invalid_grant',
      reason: 'code_of_another_client',
    });
    expect(endpoint.outcomes[0]?.clientId).toBe('other');
  });

  it.each<[string, unknown]>([
    ['true', true],
    ['false', false],
    ['the bare id', 'spa'],
    ['no clientId', { name: 'Shop' }],
    ['an empty clientId', { clientId: '' }],
    ['a clientId that is no string', { clientId: 7 }],
    ['dpopBoundAccessTokens as a string', { clientId: 'spa', dpopBoundAccessTokens: 'false' }],
    ['dpopBoundAccessTokens as 2', { clientId: 'spa', dpopBoundAccessTokens: 2 }],
    ['dpopBoundAccessTokens as an empty string', { clientId: 'spa', dpopBoundAccessTokens: '' }],
    ['omitsRedirectUri as a string', { clientId: 'spa', omitsRedirectUri: '1' }],
    ['an empty method', { clientId: 'spa', tokenEndpointAuthMethod: '' }],
    ['several methods', { clientId: 'spa', tokenEndpointAuthMethod: ['none'] }],
    ['the grants as one string', { clientId: 'spa', grantTypes: 'authorization_code' }],
    ['a grant that is no string', { clientId: 'spa', grantTypes: ['authorization_code', 7] }],
    ['the grants as a set', { clientId: 'spa', grantTypes: new Set(['authorization_code']) }],
  ])('that returns %s is a fault', async (_what, client) => {
    const endpoint = authenticating(client);
    expectRefusal(await endpoint.post(), endpoint, {
      status: 500,
      error: 'server_error',
      reason: 'client_malformed',
    });
    expect(endpoint.outcomes).toMatchObject([{ outcome: 'failed', fault: expect.any(TypeError) }]);
    expect(endpoint.calls).toEqual([]);
  });

  it.each([
    ['an empty one', ''],
    ['a number', 7],
  ])('that returns %s for an assertion without a client_id is a fault', async (_what, clientId) => {
    const { client_id: _id, ...form } = goodForm();
    const endpoint = authenticating({ clientId });
    expectRefusal(await endpoint.post({ ...form, ...ASSERTION }), endpoint, {
      status: 500,
      error: 'server_error',
      reason: 'client_malformed',
    });
  });

  it.each<[string, Partial<Client>]>([
    ['no more than its id', {}],
    ['undefined members', { dpopBoundAccessTokens: undefined, grantTypes: undefined }],
    ['this grant among others', { grantTypes: ['refresh_token', 'authorization_code'] }],
    ['no need of DPoP', { dpopBoundAccessTokens: false }],
    ['no need of DPoP, as a database has it', { dpopBoundAccessTokens: 0 }],
    [
      'nulls as a database has them',
      {
        dpopBoundAccessTokens: null,
        grantTypes: null,
        omitsRedirectUri: null,
        tokenEndpointAuthMethod: null,
      },
    ],
    ['the method that the request used', { tokenEndpointAuthMethod: 'none' }],
  ])('may return a client with %s', async (_what, more) => {
    expect((await authenticating({ clientId: 'spa', ...more }).post()).status).toBe(200);
  });
});

describe('A fault about a client names the member, what was received and what to write:', () => {
  const A_TEXT = 'a string that is not empty';
  const A_FLAG = 'true, false or null';
  it.each<[string, unknown, string]>([
    ['clientId', undefined, `undefined; it must be ${A_TEXT}`],
    ['clientId', '', `''; it must be ${A_TEXT}`],
    ['dpopBoundAccessTokens', 'yes', `'yes'; it must be ${A_FLAG}`],
    ['omitsRedirectUri', 2, `2; it must be ${A_FLAG}`],
    ['grantTypes', 'refresh_token', "'refresh_token'; it must be an array of strings or null"],
    ['tokenEndpointAuthMethod', [], "an empty array; it must be a method such as 'client_secret_basic' or null"],
  ])('%s: %j', async (name, value, told) => {
    const endpoint = authenticating({ clientId: 'spa', [name]: value });
    await endpoint.post();
    expect(endpoint.outcomes[0]?.fault).toEqual(
      new TypeError(`authenticateClient returned a client whose ${name} is ${told}`),
    );
  });
});

it.each([1, true] as const)('A client with dpopBoundAccessTokens: %p needs a proof', async (flag) => {
  const endpoint = authenticating({ clientId: 'spa', dpopBoundAccessTokens: flag });
  expectRefusal(await endpoint.post(), endpoint, { error: 'invalid_dpop_proof', reason: 'dpop_proof_missing' });
  expect(endpoint.isSpent()).toBe(false);
});

describe('A client that HTTP Basic names with encoded characters', () => {
  const authorization = `Basic ${Buffer.from('rp%20a:secret').toString('base64')}`;
  const redeemAs = async (clientId: string) => {
    const endpoint = authenticating({ clientId }, { record: { clientId } });
    const { client_id: _, ...form } = goodForm();
    return { endpoint, answer: await endpoint.post(form).set('Authorization', authorization) };
  };

  it.each([
    ['decoded', 'rp a'],
    ['as it was sent', 'rp%20a'],
  ])('may have its id %s', async (_how, clientId) => {
    expect((await redeemAs(clientId)).answer.status).toBe(200);
  });

  it('may have no other id', async () => {
    const { endpoint, answer } = await redeemAs('rp a%20');
    expectRefusal(answer, endpoint, { ...refused, reason: 'client_mismatch' });
  });
});

describe('A public client that HTTP Basic names with encoded characters', () => {
  const authorization = `Basic ${Buffer.from('rp%20a:').toString('base64')}`;
  const redeem = async (clientId: string) => {
    const seen: Client[] = [];
    const endpoint = createEndpoint({
      record: { clientId },
      issueTokens({ client }) {
        seen.push(client);
        return { access_token: 'a', expires_in: 60 };
      },
    });
    const { client_id: _, ...form } = goodForm();
    return { seen, endpoint, answer: await endpoint.post(form).set('Authorization', authorization) };
  };

  it.each([
    ['decoded', 'rp a'],
    ['as it was sent', 'rp%20a'],
  ])('redeems a code that was saved with its id %s, and issueTokens gets this form', async (_how, clientId) => {
    const { seen, answer } = await redeem(clientId);
    expect([answer.status, seen]).toEqual([200, [{ clientId }]]);
  });

  it.each(['rp a%20', 'RP%20a', 'rp'])('redeems no code of another client: %s', async (clientId) => {
    const { endpoint, answer } = await redeem(clientId);
    expectRefusal(answer, endpoint, { error: 'invalid_grant', reason: 'code_of_another_client' });
    expect(endpoint.isSpent()).toBe(false);
  });
});

describe('A client other than the one that the request names is refused, and is no fault of the host’s,', () => {
  it.each<[string, Record<string, string>, string]>([
    ['where the assertion proves another', ASSERTION, 'rp-a'],
    ['where a secret in the body proves another', { client_secret: 's' }, 'rp-a'],
    ['where a public client is another', {}, 'rp-a'],
    ['where the lookup ignores the letter case', {}, 'SPA'],
    ['where the lookup ignores a blank at the end', {}, 'spa '],
  ])('%s', async (_what, credential, clientId) => {
    const endpoint = authenticating({ clientId });
    const answer = await endpoint.post({ ...goodForm(), ...credential });
    expectRefusal(answer, endpoint, { ...refused, reason: 'client_mismatch' });
    expect(endpoint.outcomes).toMatchObject([
      {
        outcome: 'refused',
        cause: new TypeError(`authenticateClient returned the client '${clientId}', but the request names 'spa'`),
      },
    ]);
    expect([endpoint.calls, endpoint.isSpent()]).toEqual([[], false]);
  });
});

describe('A client with a registered method', () => {
  const METHODS = {
    none: {},
    client_secret_post: { client_secret: 's' },
    private_key_jwt: ASSERTION,
  } as const;
  const rows = Object.keys(METHODS).flatMap((registered) =>
    Object.entries(METHODS).map(([used, credential]): [string, string, Record<string, string>] => [
      registered,
      used,
      credential,
    ]),
  );

  it.each(rows)('%s that uses %s', async (registered, used, credential) => {
    const endpoint = authenticating({ clientId: 'spa', tokenEndpointAuthMethod: registered });
    const answer = await endpoint.post({ ...goodForm(), ...credential });
    if (registered === used) return expect(answer.status).toBe(200);
    expectRefusal(answer, endpoint, { ...refused, reason: 'client_authentication_method_wrong' });
    return expect([endpoint.calls, endpoint.isSpent()]).toEqual([[], false]);
  });

  it('is refused with another method than its own', async () => {
    for (const [registered, status] of [
      ['client_secret_basic', 200],
      ['client_secret_post', 401],
      ['tls_client_auth', 401],
    ] as const) {
      const endpoint = authenticating({ clientId: 'spa', tokenEndpointAuthMethod: registered });
      expect((await endpoint.post().auth('spa', 'secret')).status).toBe(status);
    }
  });
});

describe('A client that may not use the grant', () => {
  it.each([
    ['none', []],
    ['another', ['refresh_token']],
    ['one that begins like it', ['authorization_code_2', 'authorization']],
  ])('is refused, and the code is untouched: it may use %s', async (_what, grantTypes) => {
    const endpoint = authenticating({ clientId: 'spa', grantTypes });
    expectRefusal(await endpoint.post(), endpoint, {
      error: 'unauthorized_client',
      description: 'The client may not use this grant',
      reason: 'grant_type_not_allowed',
    });
    expect([endpoint.calls, endpoint.outcomes[0]?.clientId]).toEqual([[], 'spa']);
  });
});
