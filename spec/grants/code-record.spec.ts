import { runInNewContext } from 'node:vm';
import { codeChallengeOf } from '../../lib/grants/pkce';
import { describeValue } from '../../lib/received';
import { CODE_VERIFIER, createEndpoint, goodForm, type LiveCode, REDIRECT_URI } from '../support/endpoint';
import { expectRedeemable, expectRefusal, type Refusal } from '../support/refusals';

type Change = Record<string, string | undefined>;

const form = (change: Change = {}) =>
  Object.fromEntries(Object.entries({ ...goodForm(), ...change }).filter(([, value]) => value !== undefined));

const invalidCode = (reason: string): Refusal => ({
  error: 'invalid_grant',
  description: 'Invalid authorization code',
  reason,
});
const wrongUri = (reason: string): Refusal => ({
  error: 'invalid_grant',
  description: 'The redirect URI is wrong',
  reason,
});
const wrongVerifier = (reason: string): Refusal => ({
  error: 'invalid_grant',
  description: 'Failed to verify code verifier',
  reason,
});

const challenge = codeChallengeOf(CODE_VERIFIER);

describe('POST /oauth/token refuses, and leaves the code as it was,', () => {
  it.each<[string, Change, Partial<LiveCode>, Refusal]>([
    ['a code that nobody knows', { code: 'unknown' }, {}, invalidCode('code_unknown')],
    ['a code of another client', { client_id: 'other' }, {}, invalidCode('code_of_another_client')],
    ['a client in another letter case', { client_id: 'SPA' }, {}, invalidCode('code_of_another_client')],
    ['a code without its redirect_uri', { redirect_uri: undefined }, {}, wrongUri('redirect_uri_missing')],
    ['a code with an empty redirect_uri', { redirect_uri: '' }, {}, wrongUri('redirect_uri_missing')],
    ...[
      `${REDIRECT_URI}/`,
      `${REDIRECT_URI}?`,
      `${REDIRECT_URI}#`,
      REDIRECT_URI.toUpperCase(),
      REDIRECT_URI.slice(0, -1),
      REDIRECT_URI.replace('https', 'http'),
      REDIRECT_URI.replace('app.example', 'app.example:443'),
      REDIRECT_URI.replace('callback', 'x/../callback'),
      REDIRECT_URI.replace('callback', '%63allback'),
      ` ${REDIRECT_URI}`,
      'https://evil.example/callback',
    ].map((redirect_uri): [string, Change, Partial<LiveCode>, Refusal] => [
      `the redirect_uri ${redirect_uri}`,
      { redirect_uri },
      {},
      wrongUri('redirect_uri_mismatch'),
    ]),
    [
      'another port of the loopback address',
      { redirect_uri: 'http://127.0.0.1:5001/' },
      { redirectUri: 'http://127.0.0.1:5000/' },
      wrongUri('redirect_uri_mismatch'),
    ],
    ['a verifier of another challenge', { code_verifier: 'x'.repeat(43) }, {}, wrongVerifier('code_verifier_mismatch')],
    ['the challenge as the verifier', { code_verifier: challenge }, {}, wrongVerifier('code_verifier_mismatch')],
    ['a code without a verifier', { code_verifier: undefined }, {}, wrongVerifier('code_verifier_missing')],
    ['a code with an empty verifier', { code_verifier: '' }, {}, wrongVerifier('code_verifier_missing')],
    [
      'a code without a challenge, with a verifier',
      {},
      { codeChallenge: null },
      wrongVerifier('code_challenge_missing'),
    ],
    [
      'a code without a challenge, without a verifier',
      { code_verifier: undefined },
      { codeChallenge: null, codeChallengeMethod: null },
      wrongVerifier('code_challenge_missing'),
    ],
    ['a code with an empty challenge', {}, { codeChallenge: '' }, wrongVerifier('code_verifier_mismatch')],
    [
      'a code with the verifier as its challenge',
      {},
      { codeChallenge: CODE_VERIFIER },
      wrongVerifier('code_verifier_mismatch'),
    ],
    ['a challenge with padding', {}, { codeChallenge: `${challenge}=` }, wrongVerifier('code_verifier_mismatch')],
    ...[null, 'plain', 's256', 'S256 ', 'S512', ''].map(
      (codeChallengeMethod): [string, Change, Partial<LiveCode>, Refusal] => [
        `the challenge method ${codeChallengeMethod}`,
        {},
        { codeChallengeMethod },
        wrongVerifier('code_challenge_method_unsupported'),
      ],
    ),
    [
      'the plain method, with the verifier as its own challenge',
      {},
      { codeChallengeMethod: 'plain', codeChallenge: CODE_VERIFIER },
      wrongVerifier('code_challenge_method_unsupported'),
    ],
  ])('%s', async (_what, change, record, refusal) => {
    const endpoint = createEndpoint({ record });
    const answer = await endpoint.post(form(change));
    expectRefusal(answer, endpoint, refusal);
    expect([endpoint.calls, endpoint.isSpent()]).toEqual([['findCode'], false]);
    expect(endpoint.outcomes[0]).not.toHaveProperty('fault');
    const { redirectUri, codeChallenge } = endpoint.code;
    for (const secret of [redirectUri, codeChallenge]) if (secret) expect(answer.text).not.toContain(secret);
    if (Object.keys(record).length === 0) await expectRedeemable(endpoint);
  });

  it.each([
    ['of 42 characters', 'a'.repeat(42)],
    ['with a character that is reserved', `${'a'.repeat(43)}+`],
  ])('a verifier %s, before a code is looked for', async (_what, code_verifier) => {
    const endpoint = createEndpoint();
    expectRefusal(await endpoint.post(form({ code_verifier })), endpoint, {
      error: 'invalid_request',
      description: 'The parameter code_verifier must be 43 to 128 unreserved characters',
      reason: 'code_verifier_malformed',
    });
    expect(endpoint.calls).toEqual([]);
  });

  it.each([null, undefined])('a code for which findCode returns %p', async (found) => {
    const endpoint = createEndpoint({ findCode: () => found });
    expectRefusal(await endpoint.post(), endpoint, invalidCode('code_unknown'));
  });
});

describe('POST /oauth/token redeems', () => {
  it.each<[string, Change, Partial<LiveCode>]>([
    ['a code without a redirect_uri', { redirect_uri: undefined }, { redirectUri: null }],
    ['a code without a redirect_uri, though one is sent', {}, { redirectUri: null }],
    ['a code without a redirect_uri, whatever is sent', { redirect_uri: 'x' }, { redirectUri: null }],
    ['a redirect_uri that is no URL', { redirect_uri: 'my app' }, { redirectUri: 'my app' }],
    [
      'a redirect_uri with a query and escapes',
      { redirect_uri: `${REDIRECT_URI}?a=%20b&c=+` },
      { redirectUri: `${REDIRECT_URI}?a=%20b&c=+` },
    ],
    ['a code of an earlier login that asked for no scope', {}, { scope: null as never }],
    ['a code without a scope', {}, { scope: undefined as never }],
    ['a code whose host does no DPoP and keeps no dpopJkt', {}, { dpopJkt: undefined as never }],
    ['a code with a Date of another realm', {}, { expiresAt: runInNewContext('new Date(Date.now() + 60000)') }],
  ])('%s', async (_what, change, record) => {
    const endpoint = createEndpoint({ record });
    const answer = await endpoint.post(form(change));
    expect([answer.status, endpoint.reasons()]).toEqual([200, ['code_redeemed']]);
  });

  it('a record whose fields are those of a class', async () => {
    const endpoint = createEndpoint({
      findCode: async () => Object.create(Object.fromEntries(Object.entries(endpoint.code))) as LiveCode,
    });
    expect((await endpoint.post()).status).toBe(200);
  });
});

describe('A record that lost a field on its way is a fault of the host', () => {
  it.each<[keyof LiveCode, unknown]>([
    ['clientId', undefined],
    ['clientId', null],
    ['clientId', ''],
    ['clientId', 7],
    ['redirectUri', undefined],
    ['redirectUri', ''],
    ['redirectUri', 7],
    ['redirectUri', [REDIRECT_URI]],
    ['codeChallenge', undefined],
    ['codeChallenge', 7],
    ['codeChallenge', Buffer.from(challenge)],
    ['codeChallengeMethod', undefined],
    ['codeChallengeMethod', ['S256']],
    ['expiresAt', undefined],
    ['expiresAt', null],
    ['expiresAt', Date.now() + 60_000],
    ['expiresAt', new Date(Date.now() + 60_000).toISOString()],
    ['expiresAt', new Date(Number.NaN)],
    ['expiresAt', { getTime: () => Number.POSITIVE_INFINITY }],
    ['dpopJkt', ''],
    ['dpopJkt', 7],
    ['scope', ['openid']],
    ['scope', 7],
  ])('%s: %p', async (name, value) => {
    const endpoint = createEndpoint({ record: { [name]: value } });
    expectRefusal(await endpoint.post(), endpoint, {
      status: 500,
      error: 'server_error',
      reason: 'code_malformed',
    });
    expect([endpoint.calls, endpoint.isSpent()]).toEqual([['findCode'], false]);
    const told = `findCode returned a record whose ${name} is ${describeValue(value)}; it must be a`;
    expect(endpoint.outcomes).toMatchObject([
      { outcome: 'failed', fault: { name: 'TypeError', message: expect.stringContaining(told) } },
    ]);
  });

  it.each<[Record<string, unknown>, string]>([
    [{ expiresAt: '2026-01-01' }, "expiresAt is '2026-01-01'; it must be a valid Date"],
    [{ expiresAt: 1767225600 }, 'expiresAt is 1767225600; it must be a valid Date'],
    [{ expiresAt: null }, 'expiresAt is null; it must be a valid Date'],
    [{ clientId: 42 }, 'clientId is 42; it must be a string that is not empty'],
    [{ redirectUri: undefined }, 'redirectUri is undefined; it must be a string, or null for none'],
    [{ redirectUri: '' }, "redirectUri is ''; it must be a string, or null for none"],
    [{ codeChallenge: 7 }, 'codeChallenge is 7; it must be a string, or null for none'],
    [{ codeChallengeMethod: 7 }, 'codeChallengeMethod is 7; it must be a string, or null for none'],
    [{ dpopJkt: '' }, "dpopJkt is ''; it must be a string, or null for none"],
    [{ scope: 7 }, 'scope is 7; it must be a string, or null for none'],
    [
      { resources: 'https://api.example' },
      "resources is 'https://api.example'; it must be an array of URIs, or null for a login without resource indicators",
    ],
  ])('and the fault says what was received and what it must be: %j', async (record, told) => {
    const endpoint = createEndpoint({ record: record as Partial<LiveCode> });
    await endpoint.post();
    expect(endpoint.outcomes[0]?.fault).toEqual(new TypeError(`findCode returned a record whose ${told}`));
  });

  it('and the fault distinguishes a missing column from an undefined one', async () => {
    const { redirectUri: _lost, ...record } = createEndpoint().code;
    const endpoint = createEndpoint({ findCode: (async () => record) as never });
    await endpoint.post();
    expect(endpoint.outcomes[0]?.fault).toEqual(
      new TypeError('findCode returned a record whose redirectUri is missing; it must be a string, or null for none'),
    );
  });

  it.each([
    ['true', true],
    ['false', false],
    ['the code itself', 'SplxlOBeZQQYbYS6WxSbIA'],
    ['0', 0],
    ['an empty string', ''],
    ['the rows of a query', []],
    ['an empty record', {}],
  ])('and so is a value that is no record: %s', async (_what, found) => {
    const endpoint = createEndpoint({ findCode: (async () => found) as never });
    expectRefusal(await endpoint.post(), endpoint, {
      status: 500,
      error: 'server_error',
      reason: 'code_malformed',
    });
    if (typeof found === 'object' && !Array.isArray(found)) return;
    expect(endpoint.outcomes[0]?.fault).toEqual(
      new TypeError(`findCode returned ${describeValue(found)}; it must return the record, or null`),
    );
  });

  it('even if another check would refuse', async () => {
    const endpoint = createEndpoint({ record: { codeChallenge: undefined as never } });
    expectRefusal(await endpoint.post(form({ client_id: 'other', redirect_uri: 'x' })), endpoint, {
      status: 500,
      error: 'server_error',
      reason: 'code_malformed',
    });
  });
});

describe('The checks run in a fixed order', () => {
  it('and the first one that fails decides the answer', async () => {
    const record: Partial<LiveCode> = { codeChallenge: null, codeChallengeMethod: 'plain', expiresAt: new Date(0) };
    const endpoint = createEndpoint({ record });
    const wrong = { client_id: 'other', redirect_uri: undefined, code_verifier: undefined };
    await endpoint.post(form({ ...wrong, code: 'unknown' }));
    await endpoint.post(form(wrong));
    await endpoint.post(form({ redirect_uri: undefined, code_verifier: undefined }));
    await endpoint.post(form({ code_verifier: undefined }));
    endpoint.code.codeChallenge = challenge;
    await endpoint.post(form({ code_verifier: undefined }));
    endpoint.code.codeChallengeMethod = 'S256';
    await endpoint.post(form({ code_verifier: undefined }));
    await endpoint.post();
    await endpoint.post();
    expect(endpoint.reasons()).toEqual([
      'code_unknown',
      'code_of_another_client',
      'redirect_uri_missing',
      'code_challenge_missing',
      'code_challenge_method_unsupported',
      'code_verifier_missing',
      'code_expired',
      'code_replayed',
    ]);
  });
});

describe('A client with omitsRedirectUri', () => {
  const endpointOf = (omitsRedirectUri: boolean | 0 | 1 | null | undefined, record: Partial<LiveCode> = {}) =>
    createEndpoint({ record, authenticateClient: () => ({ clientId: 'spa', omitsRedirectUri }) });

  it.each([true, 1] as const)('may leave the redirect_uri out: %p', async (flag) => {
    expect((await endpointOf(flag).post(form({ redirect_uri: undefined }))).status).toBe(200);
  });

  it.each([true, 1] as const)('may send the right one: %p', async (flag) => {
    expect((await endpointOf(flag).post(form())).status).toBe(200);
  });

  it.each([true, 1] as const)('never passes with a wrong one: %p', async (flag) => {
    const endpoint = endpointOf(flag);
    const answer = await endpoint.post(form({ redirect_uri: `${REDIRECT_URI}/` }));
    expectRefusal(answer, endpoint, wrongUri('redirect_uri_mismatch'));
    await expectRedeemable(endpoint);
  });

  it.each([false, 0, null, undefined] as const)('must send it where the flag is %p', async (flag) => {
    const endpoint = endpointOf(flag);
    expectRefusal(await endpoint.post(form({ redirect_uri: undefined })), endpoint, wrongUri('redirect_uri_missing'));
    await expectRedeemable(endpoint);
  });
});
