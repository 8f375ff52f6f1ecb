import express from 'express';
import fc from 'fast-check';
import request from 'supertest';
import { OAuthError } from '../../lib';
import { authorizationResponse, parseAuthorizationRequest } from '../../lib/authorize';
import { CALLBACK, CLIENT, CODE_CHALLENGE, GOOD, ISSUER, JKT, parse, parseGood, refusalOf } from './support';

jest.setTimeout(120_000);

const ONE = { clientId: 'spa', redirectUris: [CALLBACK] };
const options = { findClient: (clientId: string) => (clientId === 'spa' ? CLIENT : null), issuer: ISSUER };

describe('parseAuthorizationRequest', () => {
  it('brings a request with every field, and the client', async () => {
    const before = Date.now();
    const parsed = await parse(
      {
        response_mode: 'web_message',
        nonce: 'a nonce',
        prompt: 'login consent',
        max_age: '60',
        login_hint: 'ann@example.com',
        dpop_jkt: JKT,
        resource: ['https://api.example/', 'urn:other'],
        audience: 'https://api.example/',
        acr_values: 'gold',
        unknown: 'ignored',
      },
      { parameters: ['acr_values', 'ui_locales'] },
    );
    const { receivedAt, ...rest } = parsed.kind === 'request' ? parsed.request : { receivedAt: 0 };
    expect(rest).toStrictEqual({
      responseUri: CALLBACK,
      responseMode: 'web_message',
      state: 'a state',
      issuer: ISSUER,
      clientId: 'spa',
      redirectUri: CALLBACK,
      codeChallenge: CODE_CHALLENGE,
      codeChallengeMethod: 'S256',
      scope: 'openid profile',
      nonce: 'a nonce',
      prompt: ['login', 'consent'],
      maxAge: 60,
      loginHint: 'ann@example.com',
      dpopJkt: JKT,
      resources: ['https://api.example/', 'urn:other'],
      audience: 'https://api.example/',
      parameters: { acr_values: 'gold' },
    });
    expect(receivedAt).toBeGreaterThanOrEqual(before);
    expect(receivedAt).toBeLessThanOrEqual(Date.now());
    expect(parsed.client).toBe(CLIENT);
    expect(Object.keys(parsed).sort()).toEqual(['client', 'kind', 'request']);
  });

  it('says null, and an empty list, of what the request does not have', async () => {
    const { receivedAt: _, ...rest } = await parseGood({ scope: undefined, state: undefined });
    expect(rest).toStrictEqual({
      responseUri: CALLBACK,
      responseMode: 'query',
      state: null,
      issuer: ISSUER,
      clientId: 'spa',
      redirectUri: CALLBACK,
      codeChallenge: CODE_CHALLENGE,
      codeChallengeMethod: 'S256',
      scope: null,
      nonce: null,
      prompt: [],
      maxAge: null,
      loginHint: null,
      dpopJkt: null,
      resources: [],
      audience: null,
      parameters: {},
    });
  });

  it('brings plain data, which a session can keep as JSON', async () => {
    const good = await parseGood({ resource: 'https://api.example/', prompt: 'login' });
    expect(JSON.parse(JSON.stringify(good))).toEqual(good);
  });

  it('asks for the client once, by the client_id as it was sent, and waits for it', async () => {
    const asked: string[] = [];
    const findClient = async (clientId: string) => {
      asked.push(clientId);
      return { ...CLIENT, clientId };
    };
    expect((await parse({ client_id: 'A Client+%' }, { findClient })).kind).toBe('request');
    expect(asked).toEqual(['A Client+%']);
  });
});

describe('parseAuthorizationRequest never redirects', () => {
  it.each<[string, Record<string, unknown>, string, string]>([
    ['without a client_id', { client_id: undefined }, 'invalid_request', 'parameter_missing'],
    ['with an empty client_id', { client_id: '' }, 'invalid_request', 'parameter_missing'],
    ['an unknown client', { client_id: 'unknown' }, 'invalid_client', 'client_unknown'],
    ['a client in another case', { client_id: 'SPA' }, 'invalid_client', 'client_unknown'],
    ['two clients', { client_id: ['spa', 'spa'] }, 'invalid_request', 'parameter_repeated'],
    ['an empty client_id beside a good one', { client_id: ['', 'spa'] }, 'invalid_request', 'parameter_repeated'],
    ['a client_id that is an object', { client_id: { a: 'spa' } }, 'invalid_request', 'parameter_no_string'],
    ['a client_id with a NUL', { client_id: 'spa\0' }, 'invalid_request', 'parameter_characters'],
    ['to a foreign URL', { redirect_uri: 'https://evil.example/' }, 'invalid_request', 'redirect_uri_unregistered'],
    ['to a script', { redirect_uri: 'javascript:alert(1)' }, 'invalid_request', 'redirect_uri_unregistered'],
    [
      'to one of two URLs',
      { redirect_uri: [CALLBACK, 'https://evil.example/'] },
      'invalid_request',
      'parameter_repeated',
    ],
    ['to the same URL twice', { redirect_uri: [CALLBACK, CALLBACK] }, 'invalid_request', 'parameter_repeated'],
    ['to a list of one URL', { redirect_uri: [CALLBACK] }, 'invalid_request', 'parameter_repeated'],
    ['to an object', { redirect_uri: { 0: CALLBACK } }, 'invalid_request', 'parameter_no_string'],
    ['to a URL with a line break', { redirect_uri: `${CALLBACK}\r\n` }, 'invalid_request', 'parameter_characters'],
    [
      'without a redirect_uri where several are registered',
      { redirect_uri: undefined },
      'invalid_request',
      'parameter_missing',
    ],
  ])('%s', async (_title, change, error, reason) => {
    const parsed = await parse(change);
    expect([parsed.kind, parsed.error?.error, parsed.error?.reason, parsed.status]).toEqual([
      'page',
      error,
      reason,
      400,
    ]);
    expect(Object.keys(parsed).sort()).toEqual(['error', 'kind', 'status']);
    // All that a page could show: nothing of the request is in it.
    expect(parsed.error?.error_description).toMatch(/^[\w :]+$/);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['no client_id', { client_id: undefined }, 'Missing required parameter: client_id'],
    ['an unknown client', { client_id: 'unknown' }, 'The client is unknown'],
    ['a foreign URL', { redirect_uri: 'https://evil.example/' }, 'The redirect_uri is not registered for this client'],
    ['no redirect_uri', { redirect_uri: undefined }, 'Missing required parameter: redirect_uri'],
  ])('and says what is wrong: %s', async (_title, change, description) => {
    const { error } = await parse(change);
    expect(error?.error_description).toBe(description);
  });

  it.each(['response_type', 'code_challenge', 'scope', 'state', 'response_mode', 'prompt', 'request'])(
    'an unknown client or a foreign URL because %s is wrong as well',
    async (name) => {
      const wrong = { [name]: ['a', 'b'] };
      expect((await parse({ client_id: 'unknown', ...wrong })).kind).toBe('page');
      expect((await parse({ redirect_uri: 'https://evil.example/', ...wrong })).kind).toBe('page');
      expect((await parse(wrong)).kind).toBe('redirect');
    },
  );

  it.each([null, undefined])('where findClient finds %s', async (found) => {
    await expect(refusalOf({}, { findClient: () => found })).resolves.toMatchObject({
      kind: 'page',
      reason: 'client_unknown',
    });
  });

  it('to a URL that is registered for another client', async () => {
    const clients = [ONE, { clientId: 'other', redirectUris: ['https://other.example/cb'] }];
    const findClient = (clientId: string) => clients.find((client) => client.clientId === clientId);
    const wrong = { client_id: 'spa', redirect_uri: 'https://other.example/cb' };
    await expect(refusalOf(wrong, { findClient })).resolves.toMatchObject({
      kind: 'page',
      reason: 'redirect_uri_unregistered',
    });
  });

  it('where findClient finds the client of another client_id, as a database that ignores case does', async () => {
    await expect(refusalOf({ client_id: 'SPA' }, { findClient: () => CLIENT })).resolves.toMatchObject({
      kind: 'page',
      reason: 'client_unknown',
    });
  });

  it.each([
    [new OAuthError('invalid_client', 'The metadata document is malformed', { reason: 'metadata' }), 401],
    [new OAuthError('invalid_client', 'The metadata document is malformed', { reason: 'metadata', status: 404 }), 404],
    [new OAuthError('temporarily_unavailable', 'Try again', { reason: 'metadata' }), 503],
    [Object.assign(new OAuthError('invalid_client', 'x', { reason: 'metadata' }), { error: 'of_another_copy' }), 400],
  ])('where findClient refuses with an OAuthError: %s', async (thrown, status) => {
    const findClient = () => Promise.reject(thrown);
    await expect(parse({}, { findClient })).resolves.toEqual({ kind: 'page', error: thrown, status });
  });
});

describe('parseAuthorizationRequest without a redirect_uri', () => {
  const change = { redirect_uri: undefined, scope: 'read:notes' };

  it('takes the only registered URL, and the record will say that there was none', async () => {
    const good = await parseGood(change, { client: ONE });
    expect([good.redirectUri, good.responseUri]).toEqual([null, CALLBACK]);
  });

  it('treats an empty one in the same way', async () => {
    await expect(parseGood({ ...change, redirect_uri: '' }, { client: ONE })).resolves.toMatchObject({
      redirectUri: null,
    });
  });

  it('sends errors there', async () => {
    const parsed = await parse({ ...change, response_type: 'token' }, { client: ONE });
    expect([parsed.kind, parsed.request?.responseUri]).toEqual(['redirect', CALLBACK]);
  });

  it.each<[string, string[], unknown?]>([
    ['several are registered', [CALLBACK, 'https://app.example/other']],
    ['none is registered', []],
    ['a wildcard is registered', ['https://*.app.example/callback']],
    ['the port of the registered one may differ', ['http://127.0.0.1/callback']],
    ['what is registered is no callback URL', ['javascript:alert(1)']],
    ['the scope has openid', [CALLBACK], 'profile openid'],
    ['one of several scopes has openid', [CALLBACK], ['profile', { toString: 1 }, 'openid']],
  ])('shows a page where %s', async (_title, redirectUris, scope = 'read:notes') => {
    await expect(refusalOf({ ...change, scope }, { client: { clientId: 'spa', redirectUris } })).resolves.toMatchObject(
      {
        kind: 'page',
        error: 'invalid_request',
        reason: 'parameter_missing',
      },
    );
  });

  it('takes the only registered one whose host begins as a loopback address does', async () => {
    const client = { clientId: 'spa', redirectUris: ['http://127.0.0.1.app.example/cb'] };
    expect((await parse(change, { client })).kind).toBe('request');
  });

  it('takes the only registered one on localhost, whose port may not differ, and not that of a native app', async () => {
    const client = { clientId: 'spa', redirectUris: ['http://localhost:3000/cb'] };
    expect((await parse(change, { client })).kind).toBe('request');
    expect((await parse(change, { client: { ...client, applicationType: 'native' } })).kind).toBe('page');
  });
});

describe('parseAuthorizationRequest lets a client have', () => {
  it.each<[string, string, object, object]>([
    ['a label for the *', 'https://pr-1.app.example/cb', { redirectUris: ['https://*.app.example/cb'] }, {}],
    ['any port on 127.0.0.1', 'http://127.0.0.1:5000/cb', { redirectUris: ['http://127.0.0.1/cb'] }, {}],
    [
      'any port on localhost as a native app',
      'http://localhost:5000/cb',
      { redirectUris: ['http://localhost/cb'], applicationType: 'native' },
      { redirectUris: ['http://localhost/cb'] },
    ],
  ])('%s', async (_title, redirect_uri, differences, refused) => {
    const good = await parseGood({ redirect_uri }, { client: { ...CLIENT, ...differences } });
    expect([good.redirectUri, good.responseUri]).toEqual([redirect_uri, redirect_uri]);
    expect((await parse({ redirect_uri }, { client: { ...CLIENT, ...refused } })).kind).toBe('page');
  });
});

describe('parseAuthorizationRequest leaves to the host', () => {
  it('what findClient throws', async () => {
    const gone = new Error('database gone');
    await expect(parse({}, { findClient: () => Promise.reject(gone) })).rejects.toBe(gone);
    await expect(
      parse(
        {},
        {
          findClient: () => {
            throw gone;
          },
        },
      ),
    ).rejects.toBe(gone);
  });

  it('and asks for no client before there is a client_id', async () => {
    const findClient = jest.fn();
    await parse({ client_id: ['spa', 'spa'] }, { findClient });
    expect(findClient).not.toHaveBeenCalled();
  });
});

/** A host's endpoint as the guide has it, by what the request is read from. */
const endpoint = (from: 'query' | 'body' | 'url', prepare: (app: express.Express) => unknown = () => {}) => {
  const app = express();
  prepare(app);
  app.all('/authorize', (req, res, next) => {
    const query = from === 'url' ? new URL(req.url, 'http://host').searchParams : req[from];
    parseAuthorizationRequest(query, options)
      .then((parsed) => {
        if (parsed.kind === 'page') return void res.status(parsed.status).send(parsed.error.error_description);
        return authorizationResponse(res, parsed.request, parsed.error ?? { code: 'a-code' });
      })
      .catch(next);
  });
  return app;
};
const extended = (app: express.Express) => app.set('query parser', 'extended');
const simple = (app: express.Express) => app.set('query parser', 'simple');

describe.each<[string, express.Express]>([
  ['req.query, parsed simply', endpoint('query', simple)],
  ['req.query, parsed by qs', endpoint('query', extended)],
  ['a URLSearchParams', endpoint('url')],
])('A request over HTTP, read from %s,', (_title, app) => {
  const get = (more: string) => request(app).get(`/authorize?${new URLSearchParams(GOOD)}${more}`);

  it('brings the code to the callback URL', async () => {
    const { status, headers } = await get('');
    expect([status, headers.location]).toEqual([
      303,
      `${CALLBACK}?code=a-code&state=a%20state&iss=https%3A%2F%2Fauth.example%2F`,
    ]);
  });

  it.each([
    ['&client_id=spa', 'The parameter client_id must be sent once'],
    ['&client_id=evil', 'The parameter client_id must be sent once'],
    ['&redirect_uri=https://evil.example/', 'The parameter redirect_uri must be sent once'],
    ['&redirect_uri=', 'The parameter redirect_uri must be sent once'],
    [`&redirect_uri=${CALLBACK}`, 'The parameter redirect_uri must be sent once'],
  ])('shows a page for one more %s', async (more, description) => {
    const { status, text, headers } = await get(more);
    expect([status, text, headers.location]).toEqual([400, description, undefined]);
  });

  it.each([
    'state=b',
    'state=',
    'scope=openid',
    'nonce=a&nonce=a',
    'response_type=code',
    'code_challenge=',
    'prompt=none&prompt=login',
  ])('redirects with invalid_request for one more %s', async (more) => {
    const { headers } = await get(`&${more}`);
    const location = new URL(String(headers.location));
    expect(location.origin + location.pathname).toBe(CALLBACK);
    expect(location.searchParams.get('error')).toBe('invalid_request');
    // Which of two is the client's own is not known.
    expect(location.searchParams.get('state')).toBe(more.startsWith('state') ? null : 'a state');
    expect(location.searchParams.get('iss')).toBe(ISSUER);
  });

  it.each([
    '__proto__[state]=x',
    '__proto__=x',
    'constructor[prototype][scope]=x',
    'hasOwnProperty=x',
    'toString=x',
    'unknown=a&unknown=b',
  ])('is not changed by %s', async (more) => {
    expect((await get(`&${more}`)).headers.location).toContain('code=a-code&state=a%20state');
    expect(({} as Record<string, unknown>).state).toBeUndefined();
  });

  it('is refused without a prototype’s help: an inherited parameter is none', async () => {
    Object.defineProperty(Object.prototype, 'client_id', { value: 'spa', configurable: true });
    try {
      expect((await request(app).get('/authorize')).text).toBe('Missing required parameter: client_id');
    } finally {
      Reflect.deleteProperty(Object.prototype, 'client_id');
    }
  });
});

describe('Brackets in names, which qs makes arrays and objects of,', () => {
  const app = endpoint('query', extended);
  const without = (name: string) =>
    new URLSearchParams(Object.entries(GOOD).filter(([each]) => each !== name)).toString();

  it.each([
    ['client_id', 'client_id[]=spa', 'The parameter client_id must be sent once'],
    ['client_id', 'client_id[a]=spa', 'The parameter client_id must be a string'],
    ['redirect_uri', `redirect_uri[]=${CALLBACK}`, 'The parameter redirect_uri must be sent once'],
    ['redirect_uri', `redirect_uri[toString]=${CALLBACK}`, 'The parameter redirect_uri must be a string'],
  ])('show a page: %s as %s', async (name, as, description) => {
    const { status, text } = await request(app).get(`/authorize?${without(name)}&${as}`);
    expect([status, text]).toEqual([400, description]);
  });

  it.each([
    ['state', 'state[]=x'],
    ['state', 'state[a]=b'],
    ['scope', 'scope[]=openid'],
    ['response_type', 'response_type[]=code'],
    ['code_challenge', 'code_challenge[length]=43'],
    ['code_challenge_method', 'code_challenge_method[]=S256'],
  ])('redirect with invalid_request: %s as %s', async (name, as) => {
    const { headers } = await request(app).get(`/authorize?${without(name)}&${as}`);
    expect(new URL(String(headers.location)).searchParams.get('error')).toBe('invalid_request');
  });

  it('are fine for resource', async () => {
    const { headers } = await request(app).get(
      `/authorize?${without('')}&resource[]=https://api.example/&resource[]=urn:b`,
    );
    expect(headers.location).toContain('code=a-code');
  });
});

describe('A POSTed request', () => {
  const app = endpoint('body', (host) =>
    host.use(express.urlencoded({ extended: true }), express.json({ strict: false })),
  );

  it('is read from the body of a form', async () => {
    const { headers } = await request(app).post('/authorize').type('form').send(GOOD);
    expect(headers.location).toContain('code=a-code');
  });

  it.each(['"a string"', '7', 'null', 'true', '[]', '[["client_id","spa"]]', '{}', '{"client_id":{"toString":1}}'])(
    'is no fault whatever JSON it has: %s',
    async (text) => {
      const { status } = await request(app).post('/authorize').type('json').send(text);
      expect(status).toBe(400);
    },
  );

  it('without a parser that reads it is an empty request', async () => {
    const { status, text } = await request(app).post('/authorize').type('text').send('client_id=spa');
    expect([status, text]).toEqual([400, 'Missing required parameter: client_id']);
  });
});

describe('parseAuthorizationRequest, whatever the request,', () => {
  const text = fc.oneof(
    fc.constantFrom(
      ...Object.values(GOOD),
      'https://evil.example/',
      'javascript:alert(1)',
      'none login',
      '',
      '\0',
      'S256',
      JKT,
    ),
    fc.string({ unit: 'binary', maxLength: 12 }),
  );
  const value = fc.oneof({ weight: 4, arbitrary: text }, fc.array(text, { maxLength: 3 }), fc.jsonValue());
  const name = fc.oneof(
    fc.constantFrom(
      ...Object.keys(GOOD),
      'response_mode',
      'nonce',
      'prompt',
      'max_age',
      'login_hint',
      'dpop_jkt',
      'resource',
    ),
    fc.constantFrom('audience', 'request', 'request_uri', '__proto__', 'constructor', 'toString', 'acr_values'),
  );
  const change = fc.array(fc.tuple(name, value), { maxLength: 5 });
  const query = fc.oneof(
    change.map((pairs): unknown => ({ ...GOOD, ...Object.fromEntries(pairs) })),
    change.map((pairs): unknown => Object.fromEntries(pairs)),
    fc
      .tuple(fc.boolean(), fc.array(fc.tuple(name, text), { maxLength: 5 }))
      .map(([isGood, pairs]): unknown =>
        new URLSearchParams([...(isGood ? Object.entries(GOOD) : []), ...pairs]).toString(),
      ),
    fc.anything(),
  );

  it('answers to a registered callback URL or shows a page, and says nothing of the request', async () => {
    await fc.assert(
      fc.asyncProperty(query, async (given) => {
        const parsed = await parseAuthorizationRequest(given, { ...options, parameters: ['acr_values'] });
        expect(['request', 'redirect', 'page']).toContain(parsed.kind);
        if (parsed.kind === 'page') expect(parsed).not.toHaveProperty('request');
        else {
          expect(CLIENT.redirectUris).toContain(parsed.request.responseUri);
          expect(parsed.request.issuer).toBe(ISSUER);
          expect(parsed.request.state ?? '').toMatch(/^[\x20-\x7E]*$/);
        }
        if (parsed.kind !== 'request') {
          expect(parsed.error.error_description).toMatch(/^[\w :,.-]+$/);
        } else {
          const { request: good } = parsed;
          expect([good.codeChallengeMethod, good.clientId]).toEqual(['S256', 'spa']);
          expect(good.codeChallenge).toMatch(/^[\w-]{43}$/);
          expect(JSON.parse(JSON.stringify(good))).toEqual(good);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('reads the same from an object, from its query string and from a URLSearchParams', async () => {
    const pairs = fc.uniqueArray(fc.tuple(name, fc.string({ maxLength: 12 })), {
      selector: ([each]) => each,
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(pairs, async (changed) => {
        const all = new Map<string, string>([...Object.entries(GOOD), ...changed]);
        const search = new URLSearchParams([...all]);
        const seen = await Promise.all(
          [Object.fromEntries(all), search, search.toString(), `?${search}`].map(async (given) => {
            const { kind, error, request: target } = await parseAuthorizationRequest(given, options);
            return { kind, error: error?.reason, target: { ...target, receivedAt: 0 } };
          }),
        );
        for (const each of seen) expect(each).toEqual(seen[0]);
      }),
      { numRuns: 300 },
    );
  });
});
