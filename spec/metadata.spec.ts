import { createTokenRouter, type TokenRouterOptions } from '../lib';

const adapters = {
  findCode: () => null,
  consumeCode: () => false,
  issueTokens: () => ({ access_token: 'an access token', expires_in: 60 }),
};
const metadataOf = (options: object = {}) =>
  createTokenRouter({ ...adapters, ...options } as unknown as TokenRouterOptions).metadata;

describe('The metadata of a router', () => {
  it('say what it serves without options', () => {
    expect(metadataOf()).toEqual({
      path: '/oauth/token',
      tokenEndpoint: undefined,
      grantTypes: ['authorization_code'],
      clientAuthenticationMethods: ['none'],
      clientAuthenticationAlgorithms: [],
      codeChallengeMethods: ['S256'],
      dpopAlgorithms: [],
    });
  });

  it('say what its adapters tell of themselves', () => {
    const authenticateClient = Object.assign(() => null, { methods: ['none', 7], signingAlgorithms: ['ES256'] });
    const verifyDpop = Object.assign(async () => ({ jkt: 'a key' }), { algorithms: ['EdDSA'] });
    const metadata = metadataOf({
      path: '/token',
      tokenEndpoint: 'https://auth.example/token',
      authenticateClient,
      verifyDpop,
      refresh: { findRefreshToken: () => null, consumeRefreshToken: () => false },
      grants: { 'urn:x': { issueTokens: adapters.issueTokens } },
    });
    expect(metadata).toEqual({
      path: '/token',
      tokenEndpoint: 'https://auth.example/token',
      grantTypes: ['authorization_code', 'refresh_token', 'urn:x'],
      clientAuthenticationMethods: ['none', '7'],
      clientAuthenticationAlgorithms: ['ES256'],
      codeChallengeMethods: ['S256'],
      dpopAlgorithms: ['EdDSA'],
    });
  });

  it('do not say what an adapter does not tell', () => {
    const metadata = metadataOf({
      authenticateClient: Object.assign(() => null, { methods: 'none' }),
      verifyDpop: async () => ({ jkt: 'a key' }),
      tokenEndpoint: () => 'https://auth.example/token',
    });
    expect(metadata).toMatchObject({
      tokenEndpoint: undefined,
      clientAuthenticationMethods: undefined,
      clientAuthenticationAlgorithms: undefined,
      dpopAlgorithms: undefined,
    });
  });

  it('cannot be changed, and do not change with the lists of an adapter', () => {
    const methods = ['none'];
    const metadata = metadataOf({ authenticateClient: Object.assign(() => null, { methods }) });
    methods.push('tls_client_auth');
    expect(metadata.clientAuthenticationMethods).toEqual(['none']);
    for (const metadataOfOne of [metadata, metadataOf()]) {
      const lists = Object.values(metadataOfOne).filter(Array.isArray);
      expect([metadataOfOne, ...lists].every(Object.isFrozen)).toBe(true);
    }
  });
});
