import { createIntrospectionRouter, createRevocationRouter } from '../../lib/endpoints';
import { memoryStore } from '../../lib/stores/memory';
import { createTokenIssuer } from '../../lib/tokens';
import { ISSUER } from './support';

const ISSUER_HINT = "Write the issuer of your tokens, such as 'https://auth.example', or an array of them.";
const FIND_ACCESS_TOKEN = 'Write a function: (accessToken, req) => { grantId, expiresAt, claims }, or null.';
const JWKS = 'Write a function: () => { keys }, at once, as createTokenIssuer returns it.';
const fn = () => null;

const REVOCATION = { findRefreshToken: fn, revokeGrant: fn };
const INTROSPECTION = {
  authenticateClient: fn,
  resourceServer: fn,
  isRevoked: fn,
  issuer: ISSUER,
  jwks: () => ({ keys: [] }),
};

const without = (name: string) =>
  Object.fromEntries(Object.entries(INTROSPECTION).filter(([option]) => option !== name));

describe('createRevocationRouter', () => {
  it.each([
    [undefined, 'options is undefined. Pass an object with findRefreshToken and revokeGrant.'],
    [
      { findRefreshToken: fn },
      'revokeGrant is missing. Write a function: (grantId, req) => ends the grant with all its tokens.',
    ],
    [{ ...REVOCATION, revokeGrant: Promise.resolve() }, 'revokeGrant is a Promise. Await it.'],
    [{ revokeGrant: fn }, 'findRefreshToken is missing, and no token would be found. Pick it of your store.'],
    [
      { ...REVOCATION, findRefreshToken: 'x' },
      'findRefreshToken is a string of 1 characters. Write a function: (refreshToken, req) => the record, or null.',
    ],
    [{ ...REVOCATION, findAccessToken: {} }, `findAccessToken is an empty object. ${FIND_ACCESS_TOKEN}`],
    [{ ...REVOCATION, issuer: ISSUER, jwks: { keys: [] } }, `jwks is an object with keys. ${JWKS}`],
    [{ ...REVOCATION, issuer: ISSUER, jwks: async () => ({ keys: [] }) }, `jwks is the async function jwks. ${JWKS}`],
    [
      { ...REVOCATION, store: memoryStore() },
      'store is a member of a store, not an option. Pick { findRefreshToken, revokeGrant } of it.',
    ],
    [{ ...REVOCATION, jwks: fn }, `issuer is undefined. jwks needs it. ${ISSUER_HINT}`],
    [{ ...REVOCATION, issuer: [] }, `issuer is an empty array. ${ISSUER_HINT}`],
    [{ ...REVOCATION, issuer: [ISSUER, 'auth.example'] }, `issuer is an array of 2. ${ISSUER_HINT}`],
    [{ ...REVOCATION, issuer: 'auth.example' }, `issuer is 'auth.example'. ${ISSUER_HINT}`],
    [{ ...REVOCATION, issuer: 'http://[' }, `issuer is 'http://['. ${ISSUER_HINT}`],
    [{ ...REVOCATION, revokeGrants: fn }, 'revokeGrants does not exist. Did you mean revokeGrant?'],
    [
      { ...REVOCATION, adapterTimeout: 9501 },
      'adapterTimeout is 9501 ms. Write 9500 at most, because clients give up after 10 s.',
    ],
  ])('refuses wrong options, and says what to write: %#', (options, message) => {
    const create = () => createRevocationRouter(options as never);
    expect(create).toThrow(TypeError);
    expect(create).toThrow(new TypeError(`createRevocationRouter: ${message}`));
  });

  it.each([
    ['findRefreshToken', { findRefreshToken: fn }],
    ['findAccessToken', { findAccessToken: fn }],
    ['jwks and issuer', { jwks: fn, issuer: ISSUER }],
    ['jwks and several issuers', { jwks: fn, issuer: [ISSUER, `${ISSUER}/t/one`] }],
  ])('needs %s alone to find tokens', (_which, options) => {
    const create = () => createRevocationRouter({ revokeGrant() {}, ...options } as never);
    expect(create).not.toThrow();
    expect(create().metadata.path).toBe('/oauth/revoke');
  });

  it('lists every option if one is none at all', () => {
    const create = () => createRevocationRouter({ ...REVOCATION, tenant: 'one' } as never);
    expect(create).toThrow(
      /^createRevocationRouter: tenant does not exist\. These exist: .*, findAccessToken, jwks, issuer, findRefreshToken, revokeGrant\.$/,
    );
  });
});

describe('createIntrospectionRouter', () => {
  it.each([
    [
      undefined,
      'options is undefined. Pass an object with authenticateClient, resourceServer, isRevoked, issuer and jwks.',
    ],
    [
      without('authenticateClient'),
      'authenticateClient is missing. Write a function: (credentials, req) => the client, or null.',
    ],
    [
      without('resourceServer'),
      'resourceServer is missing. Write a function: (client, req) => the audiences of this resource server, an array.',
    ],
    [without('isRevoked'), 'isRevoked is missing. Write a function: (grantId, req) => true or false.'],
    [
      { ...INTROSPECTION, jwks: undefined },
      'jwks is missing, and no token would be found. Pass jwks of createTokenIssuer, and issuer.',
    ],
    [
      { ...INTROSPECTION, jwks: createTokenIssuer },
      'jwks is the function createTokenIssuer. Call it: jwks: createTokenIssuer({ … }).jwks.',
    ],
    [{ ...INTROSPECTION, findAccessToken: 1 }, `findAccessToken is 1. ${FIND_ACCESS_TOKEN}`],
    [{ ...INTROSPECTION, jwks: 1 }, `jwks is 1. ${JWKS}`],
    [{ ...INTROSPECTION, issuer: undefined }, `issuer is undefined. jwks needs it. ${ISSUER_HINT}`],
    [{ ...INTROSPECTION, issuer: 'auth.example' }, `issuer is 'auth.example'. ${ISSUER_HINT}`],
    [{ ...INTROSPECTION, adapters: {} }, 'adapters is a member of a store, not an option. Pick { isRevoked } of it.'],
    [{ ...INTROSPECTION, isRevokd: fn }, 'isRevokd does not exist. Did you mean isRevoked?'],
  ])('refuses wrong options, and says what to write: %#', (options, message) => {
    const create = () => createIntrospectionRouter(options as never);
    expect(create).toThrow(TypeError);
    expect(create).toThrow(new TypeError(`createIntrospectionRouter: ${message}`));
  });

  it('has no allowedOrigins: it is closed to pages', () => {
    const create = () => createIntrospectionRouter({ ...INTROSPECTION, allowedOrigins: [] } as never);
    expect(create).toThrow(
      /^createIntrospectionRouter: allowedOrigins does not exist\. These exist: .*, findAccessToken, jwks, issuer, resourceServer, isRevoked\.$/,
    );
  });

  it.each([
    ['findAccessToken', { findAccessToken: fn, jwks: undefined, issuer: undefined }],
    ['jwks and issuer', {}],
  ])('needs %s alone to find tokens', (_which, options) => {
    const create = () => createIntrospectionRouter({ ...INTROSPECTION, ...options } as never);
    expect(create).not.toThrow();
    expect(create().metadata.path).toBe('/oauth/introspect');
  });
});
