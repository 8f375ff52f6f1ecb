import { assert, createClientEndpoint, createKey, key } from './support/asserter';

describe('An assertion is good', () => {
  it('by the last of the eight keys that are tried, but not by a ninth', async () => {
    const statusOf = async (others: number) => {
      const keys = [...Array.from({ length: others }, () => createKey('ES256').jwk), key.jwk];
      const endpoint = createClientEndpoint('rp', {
        clients: { rp: { clientId: 'rp', tokenEndpointAuthMethod: 'private_key_jwt', jwks: { keys } } },
      });
      return (await endpoint.assert(assert({ header: { kid: undefined } }))).status;
    };
    expect([await statusOf(7), await statusOf(8)]).toEqual([200, 401]);
  });

  it('by the hundredth key of its name, and not by the next', async () => {
    const statusOf = async (others: number) => {
      const keys = [...Array.from({ length: others }, (_, i) => ({ ...key.jwk, kid: `other ${i}` })), key.jwk];
      const endpoint = createClientEndpoint('rp', {
        clients: { rp: { clientId: 'rp', tokenEndpointAuthMethod: 'private_key_jwt', jwks: { keys } } },
      });
      return (await endpoint.assert(assert())).status;
    };
    expect([await statusOf(99), await statusOf(100)]).toEqual([200, 401]);
  });
});
