import express from 'express';
import request from 'supertest';
import { OAuthError } from '../../lib';
import { type AuthorizationAnswer, type AuthorizationTarget, authorizationResponse } from '../../lib/authorize';
import { CALLBACK, ISSUER, parse, parseGood } from './support';

const TARGET: AuthorizationTarget = { responseUri: CALLBACK, responseMode: 'query', state: 'a state', issuer: ISSUER };

type Prepare = (res: express.Response) => unknown;

/** What the browser gets. */
const answer = (
  target: Partial<AuthorizationTarget> = {},
  what: AuthorizationAnswer = { code: 'a-code' },
  prepare: Prepare = () => {},
) =>
  request(
    express().use((_req, res) => {
      prepare(res);
      authorizationResponse(res, { ...TARGET, ...target }, what);
    }),
  ).get('/authorize');

const locationOf = async (...given: Parameters<typeof answer>) => String((await answer(...given)).headers.location);

describe('authorizationResponse by query', () => {
  it('redirects with 303, so that the browser asks with GET also after a form with a password', async () => {
    const { status, text, headers } = await answer();
    expect([status, text, headers['content-length']]).toEqual([303, '', '0']);
    expect(headers).toMatchObject({
      location: `${CALLBACK}?code=a-code&state=a%20state&iss=https%3A%2F%2Fauth.example%2F`,
      'cache-control': 'no-store',
      pragma: 'no-cache',
      'referrer-policy': 'no-referrer',
    });
    expect(headers.etag).toBeUndefined();
  });

  it('has no state if the request had none', async () => {
    expect(await locationOf({ state: null })).toBe(`${CALLBACK}?code=a-code&iss=https%3A%2F%2Fauth.example%2F`);
  });

  it('has the error, its description, the state and the iss', async () => {
    const location = new URL(await locationOf({}, { error: 'access_denied', error_description: 'The user said no' }));
    expect(Object.fromEntries(location.searchParams)).toEqual({
      error: 'access_denied',
      error_description: 'The user said no',
      state: 'a state',
      iss: ISSUER,
    });
  });

  it('can have an error without a description', async () => {
    const both = [
      await locationOf({}, { error: 'a_code_of_mine' }),
      await locationOf({}, { error: 'a_code_of_mine', error_description: '' }),
    ];
    for (const location of both)
      expect(location).toBe(`${CALLBACK}?error=a_code_of_mine&state=a%20state&iss=https%3A%2F%2Fauth.example%2F`);
  });

  it('accepts an OAuthError, and sends only its error and description', async () => {
    const thrown = new OAuthError('access_denied', 'Not today', {
      reason: 'for_me',
      cause: new Error('secret'),
      members: { a: 'b' },
    });
    expect([...new URL(await locationOf({}, thrown)).searchParams.keys()]).toEqual([
      'error',
      'error_description',
      'state',
      'iss',
    ]);
  });

  it('replaces characters that a description must not have', async () => {
    const { searchParams } = new URL(await locationOf({}, { error: 'server_error', error_description: 'é "a"\r\n\\' }));
    expect(searchParams.get('error_description')).toBe('? ?a????');
  });

  it.each([
    ['https://app.example/cb?a=%7e&b', 'https://app.example/cb?a=%7e&b&code='],
    ['https://app.example/cb?', 'https://app.example/cb?code='],
    ['https://app.example/cb?a=b&', 'https://app.example/cb?a=b&code='],
    ['https://app.example/a/../cb', 'https://app.example/a/../cb?code='],
    ['https://App.example', 'https://App.example?code='],
    ['com.example.app:/cb', 'com.example.app:/cb?code='],
    ['http://[::1]:51004/cb', 'http://[::1]:51004/cb?code='],
  ])('leaves %s as it is, byte for byte', async (responseUri, begin) => {
    expect((await locationOf({ responseUri })).startsWith(`${begin}a-code&state=`)).toBe(true);
  });

  it.each(['&error=x', '#fragment', '"><script>alert(1)</script>', '+ %20', '=;,/?:@', '%0d%0aSet-Cookie: a=b', "'"])(
    'returns the state %s unchanged, and escapes it',
    async (state) => {
      const location = await locationOf({ state });
      expect(location).toMatch(/^[\w\-.~!*'()%/:?&=]+$/);
      const { searchParams, hash } = new URL(location);
      expect([searchParams.getAll('state'), [...searchParams.keys()], hash]).toEqual([
        [state],
        ['code', 'state', 'iss'],
        '',
      ]);
      // Clients that know no plus sign read the same.
      const [, raw] = /state=([^&]*)/.exec(location) ?? [];
      expect(decodeURIComponent(String(raw))).toBe(state);
    },
  );
});

describe('authorizationResponse by form_post', () => {
  it('is a page that posts the answer to the callback URL, and cannot be framed', async () => {
    const { status, text, headers } = await answer({ responseMode: 'form_post' });
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-length': String(Buffer.byteLength(text)),
      'cache-control': 'no-store',
      pragma: 'no-cache',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'sha256-[\w+/]{43}='; base-uri 'none'; frame-ancestors 'none'$/,
    );
    expect(headers.location).toBeUndefined();
    expect(text).toContain('<form method="post" action="https://app.example/callback">');
  });

  it('also sends errors', async () => {
    const { text } = await answer({ responseMode: 'form_post' }, { error: 'login_required' });
    expect(text).toContain('<input type="hidden" name="error" value="login_required">');
    expect(text).not.toContain('name="code"');
  });
});

describe('authorizationResponse by web_message', () => {
  it('is a page for a frame or a popup of the origin of the callback URL alone', async () => {
    const { status, text, headers } = await answer({ responseMode: 'web_message' });
    expect(status).toBe(200);
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'sha256-[\w+/]{43}='; base-uri 'none'; frame-ancestors https:\/\/app\.example$/,
    );
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
    expect(text).toContain('data-origin="https://app.example"');
  });

  it('removes headers of the host that would block frames or the opener', async () => {
    const helmet: Prepare = (res) =>
      res.set({
        'Content-Security-Policy': "default-src 'self'",
        'X-Frame-Options': 'SAMEORIGIN',
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Referrer-Policy': 'unsafe-url',
        'Cache-Control': 'public',
      });
    const { headers } = await answer({ responseMode: 'web_message' }, { code: 'a-code' }, helmet);
    expect(headers['x-frame-options']).toBeUndefined();
    expect(headers['cross-origin-opener-policy']).toBe('unsafe-none');
    expect(headers['content-security-policy']).toContain('frame-ancestors https://app.example');
    expect([headers['referrer-policy'], headers['cache-control']]).toEqual(['no-referrer', 'no-store']);

    const { headers: framed } = await answer({ responseMode: 'form_post' }, { code: 'a-code' }, helmet);
    expect([framed['x-frame-options'], framed['cross-origin-opener-policy']]).toEqual(['SAMEORIGIN', 'same-origin']);
  });
});

describe('authorizationResponse', () => {
  it.each(['query', 'form_post', 'web_message'] as const)(
    'does nothing where the host has answered already: %s',
    async (responseMode) => {
      const thrown: unknown[] = [];
      const app = express().use((_req, res) => {
        res.status(503).send('too late');
        try {
          authorizationResponse(res, { ...TARGET, responseMode }, { code: 'a-code' });
        } catch (error) {
          thrown.push(error);
        }
      });
      const { status, text } = await request(app).get('/authorize');
      expect([status, text, thrown]).toEqual([503, 'too late', []]);
    },
  );

  it('sends what the parser brought, a request and an error alike', async () => {
    const good = await parseGood();
    const bad = await parse({ response_type: 'token', response_mode: 'form_post' });
    if (bad.kind !== 'redirect') throw new Error(bad.kind);
    expect(await locationOf(good)).toContain('?code=a-code&state=a%20state&iss=');
    expect((await answer(bad.request, bad.error)).text).toContain('name="error" value="unsupported_response_type"');
  });

  const call = (target: unknown, what: unknown) => () => {
    const written: string[] = [];
    const note = (name: string) => () => written.push(name);
    const res = { headersSent: false, writeHead: note('writeHead'), end: note('end'), setHeader: note('setHeader') };
    try {
      authorizationResponse(res as never, target as never, what as never);
    } finally {
      expect(written).toEqual([]);
    }
  };

  it.each<[string, unknown, string]>([
    [
      'a page has no request',
      undefined,
      'responseUri is undefined. Pass the request of parseAuthorizationRequest; a result of the kind page has none',
    ],
    ['a raw query', { redirect_uri: CALLBACK, state: 'a' }, 'responseUri is undefined'],
    ['a script to go to', { ...TARGET, responseUri: 'javascript:alert(1)' }, "responseUri is 'javascript:alert(1)'"],
    ['a line break in the URL', { ...TARGET, responseUri: `${CALLBACK}\r\n` }, 'responseUri is'],
    ['a relative URL', { ...TARGET, responseUri: '/callback' }, "responseUri is '/callback'"],
    ['another response_mode', { ...TARGET, responseMode: 'fragment' }, "responseMode is 'fragment'"],
    ['a response_mode with more behind it', { ...TARGET, responseMode: 'query.jwt' }, "responseMode is 'query.jwt'"],
    ['a response_mode with more before it', { ...TARGET, responseMode: 'no_query' }, "responseMode is 'no_query'"],
    ['a state that got lost', { ...TARGET, state: undefined }, 'state is undefined'],
    ['a state with a line break', { ...TARGET, state: 'a\n' }, "state is 'a\\n'"],
    ['a state with a line break in front', { ...TARGET, state: '\na' }, "state is '\\na'"],
    ['an issuer that got lost', { ...TARGET, issuer: undefined }, 'issuer is undefined'],
  ])('throws a TypeError for what is no request: %s', (_title, target, message) => {
    expect(call(target, { code: 'a-code' })).toThrow(TypeError);
    expect(call(target, { code: 'a-code' })).toThrow(`authorizationResponse: the request: `);
    expect(call(target, { code: 'a-code' })).toThrow(message);
  });

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'has the members []'],
    ['a code alone', 'a-code', "the answer has the members [ '0'"],
    ['an empty code', { code: '' }, "has the members [ 'code' ]. Write { code: 'a string' }"],
    ['a code that is no string', { code: 7 }, "[ 'code' ]"],
    ['a code with a line break', { code: 'a\n' }, "[ 'code' ]"],
    ['a code with a line break in front', { code: '\na' }, "[ 'code' ]"],
    ['a code and an error', { code: 'a-code', error: 'access_denied' }, "[ 'code', 'error' ]"],
    ['an error that is no string', { error: 7 }, "[ 'error' ]"],
    ['an error that is none', { error: 'é' }, "[ 'error' ]"],
    ['an error with a quote in front', { error: '"a' }, "[ 'error' ]"],
    ['an error with a quote behind', { error: 'a"' }, "[ 'error' ]"],
    ['a description that is no string', { error: 'a', error_description: 7 }, "[ 'error', 'error_description' ]"],
  ])('throws a TypeError for what is no answer, without its values: %s', (_title, what, message) => {
    expect(call(TARGET, what)).toThrow(TypeError);
    expect(call(TARGET, what)).toThrow(message);
    expect(call(TARGET, what)).not.toThrow(/a-code/);
  });
});
