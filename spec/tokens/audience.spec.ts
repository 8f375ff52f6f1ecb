import type { Api } from '../../lib/tokens';
import { goodForm } from '../support/endpoint';
import {
  API,
  codeExchange,
  createIssuerEndpoint,
  EC,
  goodApi,
  type IssuerOptions,
  issueFor,
  RSA,
  readToken,
  refreshExchange,
  refusalOf,
} from '../support/issuer';

const MCP = 'https://mcp.example/mcp';
const api = (different: Partial<Api>): Api => ({ ...goodApi(), ...different });
const notes = api({ scopes: ['read:notes'] });
const mcp = api({ identifier: MCP, lifetime: 60, scopes: ['tools'] });
const apis = [notes, mcp];
const SCOPE = 'openid read:notes tools offline_access';

/** The audience, the scope and the lifetime of what is issued. */
const issuedFor = async (exchange: ReturnType<typeof codeExchange>, issuer: Partial<IssuerOptions> = {}) => {
  const saved: unknown[] = [];
  const saveRefreshToken: IssuerOptions['saveRefreshToken'] = (_token, record) => saved.push(record);
  const { access_token, expires_in, scope } = await issueFor(exchange, { apis, saveRefreshToken, ...issuer });
  const { aud, exp, iat, ...claims } = readToken(access_token).claims;
  expect([claims.scope, Number(exp) - Number(iat)]).toEqual([scope, expires_in]);
  return { aud, expires_in, scope, saved };
};
const code = (resources: unknown, more: object = {}) => codeExchange({ resources, scope: SCOPE, ...more });

describe('The audience of an access token', () => {
  it.each<[string, ReturnType<typeof codeExchange>, unknown]>([
    ['the one resource that was granted', code([MCP], { scope: 'tools' }), MCP],
    ['the resource, not the audience', code([MCP], { audience: API, scope: 'tools' }), MCP],
    ['the resource of a record without an audience', code([MCP], { audience: undefined, scope: 'tools' }), MCP],
    ['all that were granted', code([API, MCP]), [API, MCP]],
    ['what was granted twice, once', code([MCP, 'https://MCP.example/mcp'], { scope: 'tools' }), MCP],
    ['the audience where no resource was granted', code([], { scope: 'read:notes' }), API],
    ['the first API where neither was', code([], { audience: undefined, scope: 'read:notes' }), API],
    ['the audience where the login knows no resources', code(null, { audience: MCP, scope: 'tools' }), MCP],
    ['the audience in a record without that column', code(undefined, { audience: MCP, scope: 'tools' }), MCP],
    ['that of a refresh token', refreshExchange({ resources: [MCP], scope: 'tools offline_access' }), MCP],
  ])('is %s', async (_what, exchange, aud) => {
    expect((await issuedFor(exchange)).aud).toEqual(aud);
  });

  it.each([['https://api.example'], ['HTTPS://API.EXAMPLE/'], ['https://api.example/']])(
    'is spelled as in apis: %s',
    async (resource) => {
      expect((await issuedFor(code([resource], { scope: 'read:notes' }))).aud).toBe(API);
      const asked = codeExchange({ resources: [API, MCP], scope: SCOPE }, { resources: [resource] });
      expect((await issuedFor(asked)).aud).toBe(API);
    },
  );

  it.each([
    ['a code', codeExchange({ resources: [API, MCP], scope: SCOPE }, { resources: [MCP] })],
    ['a refresh token', refreshExchange({ resources: [API, MCP], scope: SCOPE }, { resources: [MCP] })],
  ])(
    'narrows to what was asked for with %s, and its scope to that API; the grant stays whole',
    async (_what, exchange) => {
      const { saved, ...issued } = await issuedFor(exchange);
      expect(issued).toEqual({ aud: MCP, scope: 'openid tools offline_access', expires_in: 60 });
      expect(saved).toMatchObject([{ resources: [API, MCP], audience: API, scope: SCOPE }]);
    },
  );

  it('for several resources lives as long as the shortest', async () => {
    const { aud, expires_in, scope } = await issuedFor(code([API, MCP]));
    expect([aud, expires_in, scope]).toEqual([[API, MCP], 60, SCOPE]);
  });

  it('ignores what was asked for where the login knows no resources', async () => {
    const exchange = codeExchange({ resources: null, audience: API, scope: 'read:notes' }, { resources: [MCP] });
    expect((await issuedFor(exchange)).aud).toBe(API);
  });

  it('is inherited by a request that a host has made without resources', async () => {
    const exchange = codeExchange({ resources: [MCP], scope: 'tools' }, { resources: undefined });
    expect((await issuedFor(exchange)).aud).toBe(MCP);
  });
});

describe('Resources are refused before anything is spent', () => {
  it('where a code was granted one that is none of apis: the host’s fault', async () => {
    expect(await refusalOf(code([MCP, 'https://gone.example/']), { apis })).toEqual(
      new TypeError(
        "The record of the code cannot be issued from: resources names 'https://gone.example/', which is none of apis. " +
          'Write the identifier of an API, and refuse any other at the authorization endpoint',
      ),
    );
  });

  it('where a host passes on one that was not granted: its fault', async () => {
    const exchange = codeExchange({ resources: [MCP], scope: 'tools' }, { resources: [MCP, API] });
    expect(await refusalOf(exchange, { apis })).toEqual(
      new TypeError(`exchange.resources names '${API}', which the record does not grant. Pass resources of the record`),
    );
  });

  it.each<[string, Partial<Api>]>([
    ['opaque', { accessToken: 'opaque' }],
    ['of another typ', { typ: 'JWT' }],
    ['of another algorithm', { alg: 'RS256' }],
  ])('where one needs an access token that is %s; each can be asked for by itself', async (_what, different) => {
    const issuer: Partial<IssuerOptions> = {
      apis: [notes, { ...mcp, ...different }],
      keys: [{ privateKey: EC.privateKey }, { privateKey: RSA.privateKey }],
      saveAccessToken() {},
    };
    expect(await refusalOf(code([API, MCP]), issuer)).toMatchObject({
      error: 'invalid_target',
      error_description: 'These resources need an access token each, ask for one of them',
      reason: 'resources_not_combinable',
    });
    for (const resource of [API, MCP]) {
      const exchange = codeExchange({ resources: [API, MCP], scope: SCOPE }, { resources: [resource] });
      expect(await issueFor(exchange, issuer)).toHaveProperty('access_token');
    }
  });

  it('where two are alike and the third is not', async () => {
    const third = api({ identifier: 'urn:third', typ: 'JWT' });
    expect(await refusalOf(code([API, MCP, 'urn:third']), { apis: [...apis, third] })).toMatchObject({
      error: 'invalid_target',
      reason: 'resources_not_combinable',
    });
  });

  it('where none of the granted scopes is of the one that was asked for: an answer without a scope would say all', async () => {
    const exchange = codeExchange({ resources: [API, MCP], scope: 'tools' }, { resources: [API] });
    expect(await refusalOf(exchange, { apis })).toMatchObject({ error: 'invalid_scope', reason: 'scope_not_allowed' });
  });

  it('where no API of the grant knows a scope of the code', async () => {
    expect(String(await refusalOf(code([API, MCP], { scope: 'delete:notes' }), { apis }))).toContain(
      `The scope delete:notes was granted, but is no scope of ${API} and ${MCP}.`,
    );
  });
});

describe('A login for several resources', () => {
  const refresh = (resources: readonly string[] = [], gone = [API, 'https://gone.example/']) =>
    refreshExchange({ resources: gone, scope: 'read:notes offline_access' }, { resources });

  it('goes on with the others where one is served no more', async () => {
    expect((await issuedFor(refresh())).aud).toBe(API);
    expect((await issuedFor(refresh([API]))).aud).toBe(API);
  });

  it.each<[string, ReturnType<typeof refresh>]>([
    ['asks for the one that is gone', refresh(['https://gone.example/'])],
    ['asks for it among others', refresh([API, 'https://gone.example/'])],
    ['has no other', refresh([], ['https://gone.example/'])],
  ])('ends where it %s, so that its client logs in anew', async (_what, exchange) => {
    expect(await refusalOf(exchange, { apis })).toMatchObject({ error: 'invalid_grant', reason: 'api_unknown' });
  });

  it('has a refresh token only if all of them allow it', async () => {
    const issuer = { apis: [notes, { ...mcp, allowOfflineAccess: false }] };
    const asked = codeExchange({ resources: [API, MCP], scope: SCOPE }, { resources: [API] });
    const { saved, scope } = await issuedFor(asked, issuer);
    expect([saved, scope]).toEqual([[], 'openid read:notes']);
    expect(await refusalOf(refreshExchange({ resources: [API, MCP], scope: SCOPE }), issuer)).toMatchObject({
      error: 'invalid_grant',
      reason: 'offline_access_withdrawn',
    });
  });
});

describe('An API with a format of its own', () => {
  const keys = [
    { kid: 'rsa', privateKey: RSA.privateKey },
    { kid: 'ec', privateKey: EC.privateKey },
  ];
  const headersFor = async (different: Partial<Api>) => {
    const { access_token, id_token } = await issueFor(codeExchange(), { keys, apis: [api(different)] });
    return [access_token, String(id_token)].map((token) => readToken(token).header);
  };
  const ID_TOKEN = { alg: 'RS256', typ: 'JWT', kid: 'rsa' };

  it.each<[Partial<Api>, object]>([
    [{}, { alg: 'RS256', typ: 'at+jwt', kid: 'rsa' }],
    [{ typ: 'JWT' }, { alg: 'RS256', typ: 'JWT', kid: 'rsa' }],
    [{ typ: 'at+jwt' }, { alg: 'RS256', typ: 'at+jwt', kid: 'rsa' }],
    [{ alg: 'ES256' }, { alg: 'ES256', typ: 'at+jwt', kid: 'ec' }],
    [
      { alg: 'ES256', typ: 'JWT' },
      { alg: 'ES256', typ: 'JWT', kid: 'ec' },
    ],
  ])('%j: its access tokens alone have it', async (different, header) => {
    expect(await headersFor(different)).toEqual([header, ID_TOKEN]);
  });

  it('has an at_hash by the algorithm of the ID token', async () => {
    const { id_token } = await issueFor(codeExchange(), { keys, apis: [api({ alg: 'ES256' })] });
    expect(String(readToken(String(id_token)).claims.at_hash)).toHaveLength(22);
  });
});

describe('The resource of a request over HTTP', () => {
  const login = (
    resources: readonly string[] | null = [API, MCP],
    issuer: Partial<IssuerOptions> = {},
    scope = SCOPE,
  ) => {
    const endpoint = createIssuerEndpoint({ code: { resources, scope }, issuer: { apis, ...issuer } });
    return {
      ...endpoint,
      redeem: (resource?: string) => endpoint.post({ ...goodForm(), ...(resource !== undefined && { resource }) }),
    };
  };
  const audienceOf = ({ body }: { body: Record<string, string> }) => readToken(String(body.access_token)).claims.aud;
  const OUTSIDE = 'https://outside.example/';

  it('is the aud, narrows with one refresh, and is whole again with the next', async () => {
    const { redeem, refresh, saved } = login();
    const first = await redeem('https://api.example');
    const second = await refresh(first.body.refresh_token, { resource: MCP });
    const third = await refresh(second.body.refresh_token);
    expect([first, second, third].map(audienceOf)).toEqual([API, MCP, [API, MCP]]);
    expect([first, second, third].map(({ body }) => body.scope)).toEqual([
      ...['openid read:notes offline_access', 'openid tools offline_access', SCOPE],
    ]);
    expect(saved.map(({ resources, scope }) => [resources, scope])).toEqual(Array(3).fill([[API, MCP], SCOPE]));
  });

  it('that was not granted is refused, and the next try with the right one works', async () => {
    const { redeem, refresh } = login([MCP], {}, 'tools offline_access');
    expect((await redeem(OUTSIDE)).body.error).toBe('invalid_target');
    const first = await redeem(MCP);
    expect((await refresh(first.body.refresh_token, { resource: OUTSIDE })).body.error).toBe('invalid_target');
    expect(audienceOf(await refresh(first.body.refresh_token, { resource: MCP }))).toBe(MCP);
  });

  it('of APIs that need an access token each: one at a time, and nothing is spent by the request for both', async () => {
    const { redeem, refresh } = login([API, MCP], {
      apis: [notes, { ...mcp, accessToken: 'opaque' }],
      saveAccessToken() {},
    });
    expect((await redeem()).body.error).toBe('invalid_target');
    const first = await redeem(API);
    expect(audienceOf(first)).toBe(API);
    expect((await refresh(first.body.refresh_token)).body.error).toBe('invalid_target');
    expect((await refresh(first.body.refresh_token, { resource: MCP })).body.access_token).toMatch(/^[\w-]{43}$/);
  });

  it('is ignored where the login knows no resources', async () => {
    const { redeem } = login(null, { apis: [api({ scopes: ['read:notes', 'tools'] }), mcp] });
    expect(audienceOf(await redeem(OUTSIDE))).toBe(API);
  });
});
