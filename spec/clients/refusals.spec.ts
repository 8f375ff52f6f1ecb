import { assert, createClientEndpoint, key } from './support/asserter';

describe('An assertion that cannot be read', () => {
  it.each<[string, string, string, () => string]>([
    ['no JWS', 'client_assertion_malformed', 'malformed', () => 'assertion'],
    ['too long', 'client_assertion_malformed', 'too_large', () => assert().padEnd(8193, 'A')],
    [
      'of an extension',
      'client_assertion_extension_unsupported',
      'extension_unsupported',
      () => assert({ header: { crit: ['exp'] } }),
    ],
    [
      'by an unknown algorithm',
      'client_assertion_algorithm_unsupported',
      'algorithm_unsupported',
      () => assert({ header: { alg: 'ES256K' } }),
    ],
  ])('is refused, and the operator is told what is wrong with it: %s', async (_what, reason, problem, create) => {
    const endpoint = createClientEndpoint('rp');
    expect((await endpoint.assert(create())).status).toBe(401);
    expect(endpoint.outcomes[0]).toMatchObject({ reason, cause: { problem } });
  });
});

describe('A key of a client that cannot be used', () => {
  it.each<[string, object]>([
    ['private', key.privateKey.export({ format: 'jwk' })],
    ['malformed', { ...key.jwk, x: 'AAAA' }],
    ['of another type', { kty: 'oct', k: 'AAAA' }],
    ['of a size that is not accepted', { kty: 'RSA', n: 'AQAB', e: 'AQAB' }],
  ])('counts as none: %s', async (_what, jwk) => {
    const client = { clientId: 'rp', tokenEndpointAuthMethod: 'private_key_jwt', jwks: { keys: [jwk] } };
    const endpoint = createClientEndpoint('rp', { findClient: () => client });
    expect((await endpoint.assert(assert())).status).toBe(401);
    expect(endpoint.outcomes[0]?.reason).toBe('client_assertion_key_unknown');
  });
});
