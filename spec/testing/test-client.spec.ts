import { generateKeyPairSync } from 'node:crypto';
import { describeTokenEndpoint, type TokenEndpointHost, tokenEndpoint } from '../../lib/testing';

const { privateKey } = generateKeyPairSync('ed25519');
const listener = () => {};
const MEMBERS = 'clientId, clientSecret, privateKey, method, encodes, audience, alg, kid, lifetime, claims, header';

/** What the kit says to a client: `tokenEndpoint`, and `describeTokenEndpoint` of each of its two. */
function complaintsAt(client: unknown): unknown[] {
  const calls = [
    () => tokenEndpoint(listener, { client: client as never }),
    () => describeTokenEndpoint(listener, () => ({}) as never, { client } as TokenEndpointHost),
    () => describeTokenEndpoint(listener, () => ({}) as never, { otherClient: client } as TokenEndpointHost),
  ];
  return calls.map((call) => {
    try {
      call();
      return undefined;
    } catch (thrown) {
      return thrown;
    }
  });
}

describe('A client of the kit is taken', () => {
  it.each<[string, unknown]>([
    ['that has no credential', { clientId: 'spa' }],
    ['with an empty id, which the endpoint refuses', { clientId: '' }],
    ['with a secret', { clientId: 'web', clientSecret: 's' }],
    ['with an empty secret, which the endpoint refuses', { clientId: 'web', clientSecret: '' }],
    ['with a secret in the body', { clientId: 'web', clientSecret: 's', method: 'client_secret_post' }],
    ['with a secret in Basic', { clientId: 'web', clientSecret: 's', method: 'client_secret_basic', encodes: false }],
    ['with a key', { clientId: 'rp', privateKey, audience: 'https://auth.example' }],
    [
      'with a key and all that an assertion can have',
      { clientId: 'rp', privateKey, audience: 'a', alg: 'EdDSA', kid: 'k', lifetime: 1, claims: {}, header: {} },
    ],
    [
      'with members that are undefined',
      { clientId: 'spa', clientSecret: undefined, privateKey: undefined, method: undefined, audience: undefined },
    ],
  ])('%s', (_what, client) => {
    expect(complaintsAt(client)).toEqual([undefined, undefined, undefined]);
  });
});

describe('A mistake in a client of the kit throws a TypeError at once:', () => {
  it.each<[string, unknown, string]>([
    ['null', null, "client is null. Write { clientId: 'spa' }, and how the client authenticates."],
    [
      'the id alone',
      'web',
      "client is a string of 3 characters. Write { clientId: 'spa' }, and how the client authenticates.",
    ],
    [
      'an id that is no string',
      { clientId: 1 },
      "client is an object with clientId. Write { clientId: 'spa' }, and how the client authenticates.",
    ],
    [
      'a typing error',
      { clientId: 'web', clientSecrte: 's' },
      'client.clientSecrte does not exist. Did you mean clientSecret?',
    ],
    [
      'a member of something else',
      { clientId: 'web', secret: 's' },
      `client.secret does not exist. These exist: ${MEMBERS}.`,
    ],
    [
      'a method without a secret',
      { clientId: 'web', method: 'client_secret_post' },
      "client.method is 'client_secret_post'. Write clientSecret as well, or leave it out.",
    ],
    [
      'encodes without a secret',
      { clientId: 'web', encodes: false },
      'client.encodes is false. Write clientSecret as well, or leave it out.',
    ],
    [
      'a secret that is no string',
      { clientId: 'web', clientSecret: 12345 },
      'client.clientSecret is 12345. Write the secret as a string.',
    ],
    [
      'a secret and a key',
      { clientId: 'web', clientSecret: 'hush', privateKey, audience: 'a' },
      'client.clientSecret is a string of 4 characters. Leave it out, or leave out privateKey.',
    ],
    [
      'a method that the kit does not know',
      { clientId: 'web', clientSecret: 's', method: 'basic' },
      "client.method is 'basic'. Write 'client_secret_basic' or 'client_secret_post'.",
    ],
    [
      'an audience without a key',
      { clientId: 'rp', audience: 'https://auth.example' },
      "client.audience is 'https://auth.example'. Write privateKey as well, or leave it out.",
    ],
    [
      'a header without a key, beside a secret',
      { clientId: 'rp', clientSecret: 's', header: {} },
      'client.header is an empty object. Write privateKey as well, or leave it out.',
    ],
    [
      'a key without an audience',
      { clientId: 'rp', privateKey },
      'client.audience is undefined. Write the aud of the assertions: your issuer identifier.',
    ],
  ])('%s', (_what, client, problem) => {
    expect(complaintsAt(client)).toEqual([
      new TypeError(`tokenEndpoint: ${problem}`),
      new TypeError(`describeTokenEndpoint: ${problem}`),
      new TypeError(`describeTokenEndpoint: ${problem.replace('client', 'otherClient')}`),
    ]);
  });

  it('several of them at once', () => {
    expect(complaintsAt({ clientId: 'web', method: 'basic', kid: 'k' })[0]).toEqual(
      new TypeError(
        "tokenEndpoint:\n  client.method is 'basic'. Write clientSecret as well, or leave it out." +
          "\n  client.method is 'basic'. Write 'client_secret_basic' or 'client_secret_post'." +
          "\n  client.kid is 'k'. Write privateKey as well, or leave it out.",
      ),
    );
  });
});

it.each<[string, object, string]>([
  ['a typing error', { redirectURI: 'x' }, 'redirectURI does not exist. Did you mean redirectUri?'],
  [
    'what is no option',
    { scope: 'openid' },
    'scope does not exist. These exist: path, tokenEndpoint, client, redirectUri, prover, headers.',
  ],
])('An option of tokenEndpoint that does not exist throws a TypeError: %s', (_what, options, problem) => {
  expect(() => tokenEndpoint(listener, options)).toThrow(new TypeError(`tokenEndpoint: ${problem}`));
});
