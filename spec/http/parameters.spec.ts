import type { Request } from 'express';
import request from 'supertest';
import { OAuthError } from '../../lib';
import { checkQuery, OWN_PARAMETERS, RESERVED_PARAMETERS, readFields } from '../../lib/http/parameters';
import { CODE, CODE_VERIFIER, createEndpoint, goodForm } from '../support/endpoint';
import { expectRedeemable, expectRefusal, type Refusal } from '../support/refusals';

type Endpoint = ReturnType<typeof createEndpoint>;
type Change = Record<string, unknown>;

const without = (name: string): Change => {
  const { [name]: _left, ...form } = goodForm();
  return form;
};
const withForm = (change: Change): Change => ({ ...goodForm(), ...change });
const asForm = (endpoint: Endpoint, body: Change) => endpoint.post(body);
const asJson = (endpoint: Endpoint, body: Change) => request(endpoint.app).post('/oauth/token').type('json').send(body);

const invalid = (reason: string, description?: string): Refusal => ({
  error: 'invalid_request',
  reason,
  ...(description !== undefined && { description }),
});
const missing = (name: string) => invalid('parameter_missing', `Missing required parameter: ${name}`);
const unsupported: Refusal = { error: 'unsupported_grant_type', reason: 'grant_type_unsupported' };

const KNOWN = ['grant_type', 'client_id', 'code', 'code_verifier', 'redirect_uri', 'client_secret', 'client_assertion'];

describe.each([
  ['a form', asForm],
  ['JSON', asJson],
])('POST /oauth/token refuses, in %s,', (_format, send) => {
  it.each<[string, Change, Refusal]>([
    ['no grant_type', without('grant_type'), missing('grant_type')],
    ['an empty grant_type', withForm({ grant_type: '' }), missing('grant_type')],
    ['a grant_type in capitals', withForm({ grant_type: 'Authorization_Code' }), unsupported],
    ['a grant_type that is not served', withForm({ grant_type: 'password' }), unsupported],
    [
      'the grant_type refresh_token, which this host does not serve',
      withForm({ grant_type: 'refresh_token' }),
      unsupported,
    ],
    ['the grant_type constructor', withForm({ grant_type: 'constructor' }), unsupported],
    ['the grant_type __proto__', withForm({ grant_type: '__proto__' }), unsupported],
    ['a grant_type with a blank', withForm({ grant_type: 'authorization_code ' }), unsupported],
    ['no code', without('code'), missing('code')],
    ['an empty code', withForm({ code: '' }), missing('code')],
    ['no client_id', without('client_id'), missing('client_id')],
    ['an empty client_id', withForm({ client_id: '' }), missing('client_id')],
    [
      'a code_verifier of 42 characters',
      withForm({ code_verifier: 'a'.repeat(42) }),
      invalid('code_verifier_malformed', 'The parameter code_verifier must be 43 to 128 unreserved characters'),
    ],
    [
      'a code_verifier of 129 characters',
      withForm({ code_verifier: 'a'.repeat(129) }),
      invalid('code_verifier_malformed'),
    ],
    [
      'a code_verifier with padding',
      withForm({ code_verifier: `${CODE_VERIFIER}=` }),
      invalid('code_verifier_malformed'),
    ],
    [
      'NUL in the code',
      withForm({ code: `${CODE}\0` }),
      invalid('parameter_characters', 'The parameter code has characters that are not allowed'),
    ],
    ['a line break in the code', withForm({ code: `${CODE}\n` }), invalid('parameter_characters')],
    ['DEL in the code', withForm({ code: `${CODE}\x7f` }), invalid('parameter_characters')],
    ['an umlaut in the client_id', withForm({ client_id: 'späh' }), invalid('parameter_characters')],
    [
      'an emoji in the redirect_uri',
      withForm({ redirect_uri: 'https://app.example/\u{1F600}' }),
      invalid('parameter_characters'),
    ],
    [
      'a fullwidth letter in the grant_type',
      withForm({ grant_type: 'ａuthorization_code' }),
      invalid('parameter_characters'),
    ],
  ])('%s', async (_what, body, refusal) => {
    const endpoint = createEndpoint();
    expectRefusal(await send(endpoint, body), endpoint, refusal);
    expect(endpoint.calls).toEqual([]);
    await expectRedeemable(endpoint);
  });
});

describe('POST /oauth/token refuses', () => {
  describe.each(KNOWN)('a repeated %s', (name) => {
    const { [name]: value = 'x' } = goodForm();

    it.each([
      ['with the same value', [value, value]],
      ['with another value', [value, 'other']],
      ['with an empty value', [value, '']],
      ['with two empty values', ['', '']],
    ])('%s', async (_what, values) => {
      const endpoint = createEndpoint();
      const form = new URLSearchParams(without(name) as Record<string, string>);
      for (const each of values) form.append(name, each);
      const answer = await request(endpoint.app).post('/oauth/token').type('form').send(form.toString());
      expectRefusal(answer, endpoint, invalid('parameter_repeated', `The parameter ${name} must be sent once`));
      expect(endpoint.calls).toEqual([]);
      await expectRedeemable(endpoint);
    });
  });

  describe.each(KNOWN)('a JSON %s', (name) => {
    it.each([
      ['number', 1],
      ['zero', 0],
      ['boolean', true],
      ['false', false],
      ['null', null],
      ['object', { a: 'b' }],
    ])('that is a %s', async (_what, value) => {
      const endpoint = createEndpoint();
      const answer = await asJson(endpoint, withForm({ [name]: value }));
      expectRefusal(answer, endpoint, invalid('parameter_no_string', `The parameter ${name} must be a string`));
      expect(endpoint.calls).toEqual([]);
      await expectRedeemable(endpoint);
    });

    it('that is an array', async () => {
      const endpoint = createEndpoint();
      const answer = await asJson(endpoint, withForm({ [name]: ['x'] }));
      expectRefusal(answer, endpoint, invalid('parameter_repeated'));
      expect(endpoint.calls).toEqual([]);
    });
  });

  it.each(['code', 'code_verifier', 'client_secret', 'client_assertion', 'client_assertion_type', 'refresh_token'])(
    'a %s in the query string, for it is in a log by now',
    async (name) => {
      const encoded = [...name].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join('');
      for (const query of [
        `${name}=x`,
        name,
        `${name}=`,
        `a=b&${encoded}=x`,
        `a&${name}=x&${name}=y`,
        `${name}[]=x`,
        `${name}%5B0%5D=x`,
        `${name}[a][b]=x`,
      ]) {
        const endpoint = createEndpoint();
        const answer = await request(endpoint.app).post(`/oauth/token?${query}`).type('form').send(goodForm());
        expectRefusal(answer, endpoint, invalid('parameter_in_query'));
        expect(endpoint.calls).toEqual([]);
        await expectRedeemable(endpoint);
      }
    },
  );

  it('a code in a query string behind a thousand other parameters', async () => {
    const endpoint = createEndpoint();
    const answer = await request(endpoint.app)
      .post(`/oauth/token?${'a&'.repeat(1500)}code=x`)
      .type('form')
      .send(goodForm());
    expectRefusal(answer, endpoint, invalid('parameter_in_query'));
  });

  it('what the query string alone holds', async () => {
    const endpoint = createEndpoint();
    const { grant_type, ...rest } = goodForm();
    const answer = await request(endpoint.app).post(`/oauth/token?grant_type=${grant_type}`).type('form').send(rest);
    expectRefusal(answer, endpoint, missing('grant_type'));
  });
});

describe('POST /oauth/token ignores', () => {
  it.each<[string, Change]>([
    ['parameters of other endpoints', { audience: 'x', scope: 'y', nonce: 'z', state: 's', login_hint: 'ü' }],
    ['a JSON number in a parameter we do not know', { max_age: 3600 }],
    ['null, arrays and objects in parameters we do not know', { a: null, b: [1, [2]], c: { d: {} } }],
    ['a refresh_token', { refresh_token: ['x'] }],
    ['names that every object has', { constructor: 'x', hasOwnProperty: 'x', toString: 1, valueOf: null }],
    ['an empty client_secret', { client_secret: '' }],
    ['an empty client_assertion and its empty type', { client_assertion: '', client_assertion_type: '' }],
  ])('%s', async (_what, change) => {
    const endpoint = createEndpoint();
    const answer = await asJson(endpoint, withForm(change));
    expect([answer.status, endpoint.reasons()]).toEqual([200, ['code_redeemed']]);
  });

  it('a __proto__ member, and pollutes nothing', async () => {
    const endpoint = createEndpoint();
    const body = JSON.stringify(goodForm()).replace('{', '{"__proto__":{"client_secret":"x","polluted":1},');
    const answer = await request(endpoint.app).post('/oauth/token').type('json').send(body);
    expect([answer.status, endpoint.reasons(), Reflect.get({}, 'polluted')]).toEqual([
      200,
      ['code_redeemed'],
      undefined,
    ]);
  });

  it('a parameter that stands in __proto__ only', async () => {
    const endpoint = createEndpoint();
    const body = `{"__proto__":${JSON.stringify(goodForm())}}`;
    const answer = await request(endpoint.app).post('/oauth/token').type('json').send(body);
    expectRefusal(answer, endpoint, missing('grant_type'));
  });

  it('a parameter we do not know, however often it comes', async () => {
    const endpoint = createEndpoint();
    const form = `${new URLSearchParams(goodForm())}&scope=a&scope=b&__proto__=c&__proto__=d`;
    const answer = await request(endpoint.app).post('/oauth/token').type('form').send(form);
    expect([answer.status, endpoint.reasons()]).toEqual([200, ['code_redeemed']]);
  });

  it('harmless parameters of the query string', async () => {
    const endpoint = createEndpoint();
    const answer = await request(endpoint.app)
      .post(
        '/oauth/token?tenant=a&client_id=other&codes=1&grant_type=password&redirect_uri=x&scope=a&resource=b&Code=1&x[code]=2&__proto__=a&%',
      )
      .type('form')
      .send(goodForm());
    expect([answer.status, endpoint.reasons()]).toEqual([200, ['code_redeemed']]);
  });

  it('all but the last of a JSON member that is repeated', async () => {
    const endpoint = createEndpoint();
    const body = JSON.stringify(goodForm()).replace('{', '{"code":"wrong",');
    const answer = await request(endpoint.app).post('/oauth/token').type('json').send(body);
    expect([answer.status, endpoint.reasons()]).toEqual([200, ['code_redeemed']]);
  });
});

it('POST /oauth/token echoes nothing of a request that it refuses', async () => {
  const marker = 'marker-7f3a';
  for (const name of KNOWN) {
    const endpoint = createEndpoint();
    const answer = await endpoint.post(withForm({ [name]: `${marker}"\\ü` }));
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(JSON.stringify([answer.text, answer.headers])).not.toContain(marker);
  }
});

/** The parameters of RFC 6749, 7636, 7521, 7523 and 8707 that this endpoint reads. */
const READ = [
  'client_assertion',
  'client_assertion_type',
  'client_id',
  'client_secret',
  'code',
  'code_verifier',
  'grant_type',
  'redirect_uri',
  'refresh_token',
  'resource',
];
/** The others of RFC 6749, 7636 and 7521 (the registry of OAuth parameters). */
const OTHERS = [
  'access_token',
  'assertion',
  'code_challenge',
  'code_challenge_method',
  'error',
  'error_description',
  'error_uri',
  'expires_in',
  'password',
  'response_type',
  'scope',
  'state',
  'token_type',
  'username',
];

describe('The parameters that a host cannot declare are', () => {
  it('for a grant of its own those that the endpoint reads', () => {
    expect([...OWN_PARAMETERS].sort()).toEqual(READ);
  });

  it('for the built-in grants all of the RFCs', () => {
    expect([...RESERVED_PARAMETERS].sort()).toEqual([...READ, ...OTHERS].sort());
  });
});

describe('checkQuery', () => {
  const requestTo = (url: string) => ({ url }) as Request;

  it('refuses the names that the host has declared as well', () => {
    expect(() => checkQuery(requestTo('/?audience=x'), ['audience'])).toThrow(OAuthError);
    expect(() => checkQuery(requestTo('/?a&audience[]=x'), ['organization', 'audience'])).toThrow(OAuthError);
    expect(() => checkQuery(requestTo('/?audience=x'), [])).not.toThrow();
    expect(() => checkQuery(requestTo('/audience=x'), ['audience'])).not.toThrow();
    expect(() => checkQuery(requestTo('/a&audience=x&code=x'), ['audience'])).not.toThrow();
  });

  it.each(['grant_type', 'client_id', 'redirect_uri', 'scope', 'resource'])(
    'lets a harmless one stand there, declared or not: %s',
    (name) => {
      expect(() => checkQuery(requestTo(`/?${name}=x`), [name])).not.toThrow();
      expect(() => checkQuery(requestTo(`/?${name}=x`), [])).not.toThrow();
    },
  );

  it('says where parameters belong', () => {
    const refusal = { error: 'invalid_request', reason: 'parameter_in_query' };
    const description = 'Parameters belong in the request body, not in the URL';
    expect(() => checkQuery(requestTo('/?code=x'), [])).toThrow(
      expect.objectContaining({ ...refusal, error_description: description }),
    );
  });
});

describe('readFields', () => {
  it('takes a request that no socket brought as its headers have it', () => {
    const req = { headers: { dpop: 'a', 'set-cookie': ['b', 'c'] } } as unknown as Request;
    expect([readFields(req, 'dpop'), readFields(req, 'set-cookie'), readFields(req, 'a')]).toEqual([
      ['a'],
      ['b', 'c'],
      [],
    ]);
  });

  it('finds nothing where a field is absent, whatever the table of all fields is', () => {
    const req = { headers: {}, rawHeaders: [], headersDistinct: { dpop: ['a'] } } as unknown as Request;
    expect(readFields(req, 'dpop')).toEqual([]);
  });

  it('takes the values of a list, although the field came once', () => {
    const req = { headers: { dpop: ['a', 'b'] }, rawHeaders: ['DPoP', 'a'] } as unknown as Request;
    expect(readFields(req, 'dpop')).toEqual(['a', 'b']);
  });

  it('takes the table of all fields where the fields as they came are unknown', () => {
    const req = { headers: { dpop: 'a, b' }, headersDistinct: { dpop: ['a', 'b'] } } as unknown as Request;
    expect(readFields(req, 'dpop')).toEqual(['a', 'b']);
  });

  it('reads one field by its own name, without the table of all fields, which costs more', () => {
    const req = {
      headers: { dpop: 'a' },
      // Another name of the same length beside it.
      rawHeaders: ['Host', 'dpop', 'DPoP', 'a'],
      get headersDistinct(): never {
        throw new Error('the table was made');
      },
    } as unknown as Request;
    expect(readFields(req, 'dpop')).toEqual(['a']);
  });

  it('reads all values of a field that is repeated, whatever stands beside it', () => {
    const req = {
      headers: { dpop: 'a' },
      rawHeaders: ['dpop', 'a', 'Host', 'x', 'DPoP', 'b'],
      headersDistinct: { dpop: ['a', 'b'] },
    } as unknown as Request;
    expect(readFields(req, 'dpop')).toEqual(['a', 'b']);
  });
});
