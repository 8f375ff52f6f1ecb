import { assert, createClientEndpoint, ISSUER, key, TOKEN_ENDPOINT } from './support/asserter';

/** A function of the host's that a proxy or a wrapper has made something else of. */
const WRONG: [string, () => unknown, string][] = [
  ['a promise', () => Promise.resolve(ISSUER), 'a Promise; it must return a URL, at once. Await it'],
  ['nothing', () => undefined, 'undefined; it must return a URL, at once'],
  ['an empty text', () => '', "''; it must return a URL, at once"],
  ['a URL object', () => new URL(ISSUER), 'a URL; it must return a URL, at once'],
];

describe('The audience of an assertion, given by a function', () => {
  it.each(WRONG)('audience: %s is a fault, and no refusal of the client', async (_what, audience, received) => {
    const endpoint = createClientEndpoint('rp', { audience: (() => audience()) as () => string });
    expect((await endpoint.assert(assert())).status).toBe(500);
    expect(endpoint.outcomes.map(({ reason, fault }) => [reason, String(fault)])).toEqual([
      ['authenticate_client_failed', `TypeError: audience returned ${received}`],
    ]);
  });

  it.each(WRONG)('tokenEndpoint, with compat: %s is a fault', async (_what, tokenEndpoint, received) => {
    const options = { assertionAudience: 'compat' as const, tokenEndpoint: (() => tokenEndpoint()) as () => string };
    const endpoint = createClientEndpoint('rp', options);
    expect((await endpoint.assert(assert())).status).toBe(500);
    expect(String(endpoint.outcomes.at(-1)?.fault)).toBe(`TypeError: tokenEndpoint returned ${received}`);
  });

  it('is accepted if it is a text', async () => {
    const options = {
      audience: () => ISSUER,
      assertionAudience: 'compat' as const,
      tokenEndpoint: () => TOKEN_ENDPOINT,
    };
    expect((await createClientEndpoint('rp', options).assert(assert())).status).toBe(200);
  });
});

describe('What the host returns for a client with private_key_jwt', () => {
  const NEITHER = 'without jwks, and without a jwksUri that is an https URL. Return one of the two';

  it.each<[string, object, string]>([
    ['no keys', {}, NEITHER],
    ['nulls', { jwks: null, jwksUri: null }, NEITHER],
    ['a jwksUri by http', { jwksUri: 'http://rp.example/jwks' }, NEITHER],
    ['keys that are no set', { jwks: [key.jwk] }, 'whose jwks is an array of 1. Return a JWK set, { keys: [...] }'],
    [
      'keys as text',
      { jwks: '{"keys":[]}' },
      'whose jwks is a string of 11 characters. Return a JWK set, { keys: [...] }',
    ],
  ])('is a fault that says what to return: %s', async (_what, keys, message) => {
    const client = { clientId: 'rp', tokenEndpointAuthMethod: 'private_key_jwt', ...keys } as never;
    const endpoint = createClientEndpoint('rp', { findClient: () => client });
    expect((await endpoint.assert(assert())).status).toBe(500);
    expect(endpoint.outcomes.map(({ reason, fault }) => [reason, String(fault)])).toEqual([
      ['client_malformed', `TypeError: findClient returned a client with private_key_jwt ${message}`],
    ]);
  });

  it.each<[unknown, string]>([
    [1, '1; it must return true or false'],
    [undefined, 'undefined; it must return true or false'],
  ])('of consumeJti is true or false, and nothing else: %p', async (consumed, message) => {
    const endpoint = createClientEndpoint('rp', { consumeJti: () => consumed as boolean });
    expect((await endpoint.assert(assert())).status).toBe(500);
    expect(endpoint.outcomes.map(({ reason, fault }) => [reason, String(fault)])).toEqual([
      ['consume_jti_no_boolean', `TypeError: consumeJti returned ${message}`],
    ]);
  });
});
