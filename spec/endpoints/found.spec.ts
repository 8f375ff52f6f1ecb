import { runInNewContext } from 'node:vm';
import { API, createServer, OPAQUE_API } from './support';

const later = () => new Date(Date.now() + 60_000);
const claims = { aud: OPAQUE_API, sub: 'ann', client_id: 'spa', iss: 'https://auth.example' };

describe('An access token that the host has found', () => {
  it.each<[string, () => Date]>([
    ['of this realm', later],
    ['of another realm, as test runners and workers have it', () => runInNewContext('new Date(Date.now() + 60000)')],
  ])('is live until its Date %s', async (_which, expiresAt) => {
    const findAccessToken = async () => ({ grantId: null, expiresAt: expiresAt(), claims });
    const server = createServer({ introspection: { findAccessToken } });
    expect((await server.introspect('x'.repeat(43), 'opaque')).body).toMatchObject({ active: true, sub: 'ann' });
  });

  it.each<[string, unknown, string]>([
    [
      'a row of a driver',
      [{ grantId: null, expiresAt: later(), claims }],
      'findAccessToken returned an array of 1; it must return the record, or null',
    ],
    [
      'an end as text',
      { grantId: null, expiresAt: '2030-01-01', claims },
      "expiresAt is '2030-01-01'; it must be a valid Date",
    ],
    ['an invalid end', { grantId: null, expiresAt: new Date(''), claims }, 'expiresAt is an invalid Date'],
    [
      'claims as a list',
      { grantId: null, expiresAt: later(), claims: [claims] },
      'claims is an array of 1; it must be an object',
    ],
    [
      'claims as a Map',
      { grantId: null, expiresAt: later(), claims: new Map() },
      'claims is a Map; it must be an object',
    ],
    [
      'claims as the text of a column',
      { grantId: null, expiresAt: later(), claims: JSON.stringify(claims) },
      'claims is \'{"aud":"https://opaque.example/","sub":"ann","client_id":"sp…\'; it must be an object',
    ],
    ['null for claims', { grantId: null, expiresAt: later(), claims: null }, 'claims is null; it must be an object'],
    [
      'an nbf that is text',
      { grantId: null, expiresAt: later(), claims: { ...claims, nbf: '1' } },
      'claims is an object with aud, sub, client_id, iss, nbf; it must be an object whose nbf is a number of seconds',
    ],
    ['no claims', { grantId: null, expiresAt: later() }, 'claims is missing; it must be an object'],
    [
      'an empty grantId',
      { grantId: '', expiresAt: later(), claims },
      "grantId is ''; it must be a string that is not empty",
    ],
  ])('is a fault, and not inactive: %s', async (_what, found, message) => {
    const server = createServer({ introspection: { findAccessToken: async () => found as never } });
    expect((await server.introspect('x'.repeat(43), 'opaque')).status).toBe(500);
    const { reason, fault } = server.outcomes.at(-1) ?? {};
    expect([reason, String(fault)]).toEqual(['access_token_malformed', expect.stringContaining(message)]);
  });
});

describe('The access token of a client itself, from an issuer with a store,', () => {
  it('is live: it belongs to no grant that could be unknown', async () => {
    const server = createServer();
    const token = await server.issueForClient('job', { scope: 'read:notes', audience: API });
    expect((await server.introspect(token)).body).toMatchObject({ active: true, sub: 'job', client_id: 'job' });
  });
});
