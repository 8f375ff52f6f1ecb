import { decode } from 'jsonwebtoken';
import { codeExchange, createIssuerEndpoint, type IssuerOptions, issueFor, refusalOf } from '../support/issuer';

const OWN = ['iss', 'sub', 'aud', 'iat', 'exp', 'at_hash'];

/** The user's claims of an ID token, and those that were left out. */
const profileOf = async (user: unknown) => {
  const refused: unknown[] = [];
  const tokens = await issueFor(codeExchange({ scope: 'openid profile email address phone' }), {
    users: () => user as never,
    onClaimRefused: ({ claim, token, reason }, req) => refused.push([claim, token, reason, req.method]),
  });
  const claims = Object.entries(decode(String(tokens.id_token)) as object).filter(([name]) => !OWN.includes(name));
  return { claims: Object.fromEntries(claims), refused };
};

describe('A claim of the user that has a plain meaning goes into the ID token in its type:', () => {
  it.each<[string, unknown, unknown]>([
    ['name', 'Ada', 'Ada'],
    ['name', 42, '42'],
    ['preferred_username', 7n, '7'],
    ['picture', new URL('https://user.example/a.png'), 'https://user.example/a.png'],
    ['updated_at', 1_700_000_000, 1_700_000_000],
    ['updated_at', 0, 0],
    ['updated_at', new Date(1_700_000_000_999), 1_700_000_000],
    ['updated_at', 1_700_000_000_999, 1_700_000_000],
    ['updated_at', '1700000000', 1_700_000_000],
    ['updated_at', '2023-11-14T22:13:20Z', 1_700_000_000],
    ...[true, 1, 1n, '1', 'true', 'TRUE'].map((value): [string, unknown, unknown] => ['email_verified', value, true]),
    ...[false, 0, 0n, '0', 'false', 'False'].map((value): [string, unknown, unknown] => [
      'phone_number_verified',
      value,
      false,
    ]),
    ['phone_number', '+44 20 7946 0000', '+44 20 7946 0000'],
    ['birthdate', '1815-12-10', '1815-12-10'],
    ['birthdate', '0000-12-10', '0000-12-10'],
    ['birthdate', '1815', '1815'],
    ['address', { country: 'UK', postal_code: 12345 }, { country: 'UK', postal_code: '12345' }],
    ['address', { locality: 'London', region: null, id: 7, userId: 8 }, { locality: 'London' }],
    ['address', '12 St James Square, London', { formatted: '12 St James Square, London' }],
    ['address', 'St James Square [rear] {2}', { formatted: 'St James Square [rear] {2}' }],
  ])('%s: %p', async (name, value, expected) => {
    expect(await profileOf({ [name]: value })).toEqual({ claims: { [name]: expected }, refused: [] });
  });

  it('also where the user is a row that inherits it', async () => {
    class Row {
      get email_verified() {
        return 1;
      }
    }
    expect((await profileOf(new Row())).claims).toEqual({ email_verified: true });
  });
});

describe('A claim of the user is left out', () => {
  it.each<[string, unknown]>([
    ...['name', 'email', 'updated_at', 'email_verified', 'address'].flatMap((name) =>
      [null, undefined, ''].map((value): [string, unknown] => [name, value]),
    ),
    ['address', { country: '', region: null }],
  ])('without a word where it is empty: %s, %p', async (name, value) => {
    expect(await profileOf({ [name]: value })).toEqual({ claims: {}, refused: [] });
  });

  it.each<[string, unknown]>([
    ['name', { first: 'Ada' }],
    ['name', ['Ada']],
    ['name', true],
    ['name', 1.5],
    ['name', Number.NaN],
    ['email', new Date(0)],
    ['phone_number', 442079460000],
    ['birthdate', new Date(0)],
    ['birthdate', '10.12.1815'],
    ['birthdate', 1815],
    ['birthdate', 'about 1815'],
    ['birthdate', '1815-12'],
    ['birthdate', '1815-12-10T00:00'],
    ['updated_at', new Date(Number.NaN)],
    ['updated_at', '2023-11-14'],
    ['updated_at', 'yesterday'],
    ['updated_at', -1],
    ['updated_at', ' 1700000000'],
    ['updated_at', '1700000000 '],
    ['updated_at', '1e9'],
    ['updated_at', '1700000000000000'],
    ['updated_at', 1_700_000_000n],
    ['updated_at', true],
    ['email_verified', new Date(0)],
    ['email_verified', 'yes'],
    ['email_verified', 't'],
    ['email_verified', 2],
    ['email_verified', []],
    ['email_verified', Buffer.of(1)],
    ['address', '{"country":"UK"}'],
    ['address', ' ["UK"]'],
    ['address', ['UK']],
    ['address', 7],
    ['address', new Map([['country', 'UK']])],
    ['address', { land: 'UK' }],
  ])('and reported where it has another meaning than its type: %s, %p', async (name, value) => {
    expect(await profileOf({ [name]: value })).toEqual({
      claims: {},
      refused: [[name, 'id_token', 'claim_malformed', 'POST']],
    });
  });

  it('and reported by itself where it is one of an address', async () => {
    expect(await profileOf({ address: { country: 'UK', region: ['x'] } })).toEqual({
      claims: { address: { country: 'UK' } },
      refused: [['address.region', 'id_token', 'claim_malformed', 'POST']],
    });
  });
});

describe('users', () => {
  it('is asked once a request, with the exchange and the request, also where there is no ID token', async () => {
    const seen: unknown[] = [];
    const users: IssuerOptions['users'] = (exchange, req) => {
      seen.push([exchange.code?.userId, req.method]);
      return { name: { malformed: true } };
    };
    const onClaimRefused = () => seen.push('refused');
    await issueFor(codeExchange({ scope: 'read:notes' }), { users, onClaimRefused });
    expect(seen).toEqual([['user 1', 'POST']]);
  });

  it.each([[null], [undefined]])('that returns %s refuses: the user is gone', async (user) => {
    expect(await refusalOf(codeExchange(), { users: () => user })).toMatchObject({
      error: 'invalid_grant',
      error_description: 'The user is not known any more',
      reason: 'user_unknown',
    });
  });

  it('that finds no user refuses over HTTP', async () => {
    const endpoint = createIssuerEndpoint({ issuer: { users: () => null } });
    const { status, body } = await endpoint.post();
    expect([status, body.error, endpoint.outcomes.at(-1)?.reason]).toEqual([400, 'invalid_grant', 'user_unknown']);
    expect(endpoint.saved).toEqual([]);
  });

  it.each([
    ['Ada', 'a string of 3 characters'],
    [7, '7'],
    [true, 'true'],
    [false, 'false'],
    // Rows of a database: none says that there is no such user.
    [[], 'an empty array'],
    [[{ name: 'Ada' }], 'an array of 1'],
    [new Map(), 'a Map'],
    [new Set(), 'a Set'],
  ])('that returns %p is a fault', async (user, received) => {
    expect(await refusalOf(codeExchange(), { users: () => user as never })).toEqual(
      new TypeError(`users returned ${received}. Return an object of the user's standard claims, or null`),
    );
  });

  it('that returns a row whose column cannot be read is a fault before anything is spent', async () => {
    const user = {
      get email() {
        throw new Error('not loaded');
      },
    };
    const refusal = await refusalOf(codeExchange({ scope: 'openid email' }), { users: () => user });
    expect(refusal).toEqual(new Error('not loaded'));
  });
});
