import { decode } from 'jsonwebtoken';
import { describeValue } from '../../lib/received';
import {
  API,
  codeExchange,
  createIssuerEndpoint,
  goodApi,
  issueFor,
  refreshExchange,
  refusalOf,
} from '../support/issuer';

const claimsOf = async (code: object) => {
  const tokens = await issueFor(codeExchange(code));
  return { access: decode(tokens.access_token) as object, id: decode(String(tokens.id_token)) as object };
};

describe('A record whose meaning is plain is issued from:', () => {
  const SIGNED_IN = 1_700_000_000;

  it.each<[string, object, object]>([
    ['a userId that is a number', { userId: 42 }, { sub: '42' }],
    ['a userId of 0', { userId: 0 }, { sub: '0' }],
    ['a userId that is a bigint', { userId: 2n ** 60n }, { sub: '1152921504606846976' }],
    ['a userId that looks like a number', { userId: '007' }, { sub: '007' }],
    ['authTime as a Date', { authTime: new Date(SIGNED_IN * 1000 + 999) }, { auth_time: SIGNED_IN }],
    ['authTime in seconds', { authTime: SIGNED_IN }, { auth_time: SIGNED_IN }],
    ['authTime in seconds with a fraction', { authTime: SIGNED_IN + 0.9 }, { auth_time: SIGNED_IN }],
    ['authTime in milliseconds', { authTime: SIGNED_IN * 1000 }, { auth_time: SIGNED_IN }],
    ['authTime in the last second that is no millisecond', { authTime: 99_999_999_999 }, { auth_time: 99_999_999_999 }],
    ['authTime in the first millisecond', { authTime: 100_000_000_000 }, { auth_time: 100_000_000 }],
    ['authTime as text', { authTime: '2023-11-14T22:13:20Z' }, { auth_time: SIGNED_IN }],
    ['authTime as text without seconds', { authTime: '2023-11-14T22:13Z' }, { auth_time: SIGNED_IN - 20 }],
    ['authTime as text with an offset', { authTime: '2023-11-14T23:13:20.5+01:00' }, { auth_time: SIGNED_IN }],
    ['authTime as a database prints it', { authTime: '2023-11-14 22:13:20.123+0000' }, { auth_time: SIGNED_IN }],
  ])('%s', async (_what, code, expected) => {
    const { access, id } = await claimsOf(code);
    expect(access).toMatchObject(expected);
    expect(id).toMatchObject(expected);
  });

  it.each<[string, object]>([
    ['nonce', { nonce: '' }],
    ['acr', { acr: '' }],
    ['acr', { acr: null }],
    ['amr', { amr: '' }],
    ['amr', { amr: [] }],
    ['auth_time', { authTime: '' }],
    ['auth_time', { authTime: null }],
  ])('without %s where it is empty: %j', async (claim, code) => {
    const { access, id } = await claimsOf(code);
    expect(access).not.toHaveProperty(claim);
    expect(id).not.toHaveProperty(claim);
  });

  it.each([[''], [null]])('with the first API where the audience is %j', async (audience) => {
    expect((await claimsOf({ audience })).access).toMatchObject({ aud: API });
  });

  it.each([[''], [null], [undefined]])('without a scope where it is %j', async (scope) => {
    expect(await issueFor(codeExchange({ scope }))).toMatchObject({ scope: undefined, id_token: undefined });
  });
});

describe('A record that cannot be issued from', () => {
  const HINTS: Readonly<Record<string, string>> = {
    clientId: 'the id of the client, a string',
    userId: 'the id of the user, a string or a whole number',
    scope: 'the granted scope as one string with spaces, or null',
    audience: 'the identifier of one of apis, or null for the first of them',
    resources: 'the granted resources, an array of strings, or null',
    nonce: 'the nonce of the authorization request, or null if it had none',
    authTime: 'a Date, or null if it is not known',
    acr: 'a string, or null if it is not known',
    amr: "an array of strings such as ['pwd'], or null if it is not known",
    grantId: 'a string: tokens that are saved are revoked by it',
    grantExpiresAt: 'the Date that was saved with the refresh token',
  };
  const messageFor = (name: string, value: unknown) => {
    const received = value === undefined ? 'is missing' : `is ${describeValue(value)}`;
    return `The record of the exchange cannot be issued from: ${name} ${received}. Write ${HINTS[name]}`;
  };

  const rows: [string, unknown][] = [
    ...[undefined, null, '', 7].map((value): [string, unknown] => ['clientId', value]),
    ...[undefined, null, '', 1.5, Number.NaN, 2 ** 60, true, {}].map((value): [string, unknown] => ['userId', value]),
    ...[7, ['openid'], {}].map((value): [string, unknown] => ['scope', value]),
    ...[undefined, 7, [API]].map((value): [string, unknown] => ['audience', value]),
    ...[API, [7], [''], {}].map((value): [string, unknown] => ['resources', value]),
    ...[7, {}].map((value): [string, unknown] => ['nonce', value]),
    ...[new Date(Number.NaN), '2026', '2026-01-01', '2026-01-01T00:00:00', 'yesterday', '2026-99-01T00:00:00Z'].map(
      (value): [string, unknown] => ['authTime', value],
    ),
    ...['+002023-11-14T22:13:20Z', ['2023-11-14T22:13:20Z']].map((value): [string, unknown] => ['authTime', value]),
    ...[-1, Number.NaN, Number.POSITIVE_INFINITY, true, {}, 1_700_000_000_000n].map((value): [string, unknown] => [
      'authTime',
      value,
    ]),
    ...[7, ['high']].map((value): [string, unknown] => ['acr', value]),
    ...['pwd', [''], ['pwd', 7], {}].map((value): [string, unknown] => ['amr', value]),
    ...[undefined, null, '', 42, {}].map((value): [string, unknown] => ['grantId', value]),
  ];

  it.each(rows)('is found before anything is spent, and named with what was received: %s, %p', async (name, value) => {
    expect(await refusalOf(codeExchange({ [name]: value }))).toEqual(new TypeError(messageFor(name, value)));
  });

  it.each([[undefined], [null], [new Date(Number.NaN)], [7], ['2026-01-01T00:00:00Z']])(
    'has lost the end of its grant, or the refresh token would live for ever: %p',
    async (grantExpiresAt) => {
      expect(await refusalOf(refreshExchange({ grantExpiresAt }))).toEqual(
        new TypeError(messageFor('grantExpiresAt', grantExpiresAt)),
      );
    },
  );

  it('has lost the nonce, where there is an ID token', async () => {
    expect(await refusalOf(codeExchange({ nonce: undefined }))).toEqual(
      new TypeError('The record of the code has no nonce. Write null if the authorization request had none'),
    );
    expect(await issueFor(codeExchange({ nonce: undefined, scope: 'read:notes' }))).toHaveProperty('access_token');
    expect(await issueFor(refreshExchange({ nonce: undefined }))).toHaveProperty('id_token');
  });

  it('has no grantId, where a token is saved: and only there', async () => {
    const code = { grantId: undefined, scope: 'read:notes' };
    expect(await issueFor(codeExchange(code))).toHaveProperty('access_token');
    const opaque = { apis: [{ ...goodApi(), accessToken: 'opaque' as const }], saveAccessToken() {} };
    expect(await refusalOf(codeExchange(code), opaque)).toEqual(new TypeError(messageFor('grantId', undefined)));
  });

  it.each([[undefined], [null], [7], ['a code']])('is no record at all: %p', async (code) => {
    const exchange = Object.assign(codeExchange(), { code }) as never;
    expect(await refusalOf(exchange)).toEqual(new TypeError(messageFor('clientId', undefined)));
  });

  it('is the fault of the host over HTTP', async () => {
    const endpoint = createIssuerEndpoint({ code: { userId: undefined as never } });
    const { status } = await endpoint.post();
    expect([status, endpoint.outcomes.at(-1)?.fault]).toEqual([500, new TypeError(messageFor('userId', undefined))]);
  });
});
