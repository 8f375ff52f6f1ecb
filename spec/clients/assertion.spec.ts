import { assert, createClientEndpoint, ISSUER, TOKEN_ENDPOINT } from './support/asserter';

const NOW = 2_000_000_000;
const TEXT = 'a string that is not empty';
const NUMBER = 'a finite number';

afterEach(() => jest.restoreAllMocks());

/** How an assertion with these claims ends, and what the operator is told. */
async function present(claims: Record<string, unknown>, options: Parameters<typeof createClientEndpoint>[1] = {}) {
  const endpoint = createClientEndpoint('rp', options);
  const { status } = await endpoint.assert(assert({ claims }));
  const { reason, cause } = endpoint.outcomes[0] ?? {};
  return { status, reason, cause };
}

describe('A claim of an assertion', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['iss', { iss: 1 }, TEXT],
    ['iss', { iss: '', sub: '' }, TEXT],
    ['sub', { sub: undefined }, TEXT],
    ['sub', { sub: '' }, TEXT],
    ['exp', { exp: String(NOW) }, NUMBER],
    ['exp', { exp: true }, NUMBER],
    ['iat', { iat: null }, NUMBER],
    ['nbf', { nbf: [0] }, NUMBER],
    ['jti', { jti: 1 }, 'a string of 1 to 256 printable characters'],
  ])('that is malformed is told to the operator: %s (%#)', async (name, claims, expected) => {
    expect(await present(claims)).toMatchObject({
      status: 401,
      reason: 'client_assertion_claim_malformed',
      cause: { name: 'TypeError', message: `The claim ${name} must be ${expected}` },
    });
  });

  it.each<[string, Record<string, unknown>, string | undefined]>([
    ['an exp of 10 s ago', { exp: NOW - 10 }, 'client_assertion_expired'],
    ['an exp of 9 s ago', { exp: NOW - 9 }, undefined],
    ['an exp in an hour and 10 s', { exp: NOW + 3610 }, undefined],
    ['an exp in an hour and 11 s', { exp: NOW + 3611 }, 'client_assertion_lives_too_long'],
    ['an iat in 10 s', { iat: NOW + 10 }, undefined],
    ['an iat in 11 s', { iat: NOW + 11 }, 'client_assertion_too_new'],
    ['an nbf in 10 s', { nbf: NOW + 10 }, undefined],
    ['an nbf in 11 s', { nbf: NOW + 11 }, 'client_assertion_too_new'],
  ])('may differ from our clock by 10 s: %s', async (_what, claims, reason) => {
    jest.spyOn(Date, 'now').mockReturnValue(NOW * 1000);
    expect(await present({ iat: NOW, exp: NOW + 60, ...claims })).toMatchObject(
      reason === undefined ? { status: 200 } : { status: 401, reason },
    );
  });
});

it.each([
  ['a number', 1],
  ['null', null],
])('A kid that is %s makes an assertion malformed', async (_what, kid) => {
  const endpoint = createClientEndpoint('rp');
  expect((await endpoint.assert(assert({ header: { kid } }))).status).toBe(401);
  expect(endpoint.outcomes).toMatchObject([{ reason: 'client_assertion_malformed', cause: { problem: 'malformed' } }]);
});

it.each([
  ['whole seconds', 60, 20_001],
  ['a part of a second', 60.5, 20_501],
  ['a part of a millisecond', 60.0005, 20_001],
])(
  'A jti is kept 20 s and 1 ms longer than the assertion: 10 s for each of two clocks (%s)',
  async (_what, lifetime, ms) => {
    jest.spyOn(Date, 'now').mockReturnValue(NOW * 1000);
    const consumeJti = jest.fn((_jti: { expiresAt: Date }) => true);
    expect(await present({ iat: NOW, exp: NOW + lifetime }, { consumeJti })).toMatchObject({ status: 200 });
    expect(consumeJti.mock.calls.map(([{ expiresAt }]) => expiresAt.getTime() - (NOW + 60) * 1000)).toEqual([ms]);
  },
);

describe('The aud of an assertion', () => {
  it.each<[string, object, string]>([
    ['the issuer', {}, ISSUER],
    [
      'the issuer or the token endpoint, for compatibility',
      { assertionAudience: 'compat', tokenEndpoint: TOKEN_ENDPOINT },
      `${ISSUER} or ${TOKEN_ENDPOINT}`,
    ],
  ])('that is another is told to the operator, with what was expected: %s', async (_what, options, expected) => {
    expect(await present({ aud: 'https://other.example' }, options)).toMatchObject({
      status: 401,
      reason: 'client_assertion_audience_wrong',
      cause: { message: `The assertion must name ${expected} as its aud` },
    });
  });
});
