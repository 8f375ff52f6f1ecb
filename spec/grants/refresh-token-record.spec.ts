import { createRefreshEndpoint, type LiveToken } from '../support/refresh';

describe('A fault about the record of a refresh token says what was received and what it must be', () => {
  const TEXT = 'a string that is not empty';
  const TEXT_OR_NULL = 'a string, or null for none';
  const DATE = 'a valid Date';
  const DATE_OR_NULL = 'a valid Date, or null for none';
  const FLAG = 'true or false, or null for none';
  const KIND = "'at_once', 'late' or 'sibling', or null for none";
  const URIS = 'an array of URIs, or null for a login without resource indicators';
  it.each<[keyof LiveToken, unknown, string, string]>([
    ['clientId', undefined, 'undefined', TEXT],
    ['clientId', '', "''", TEXT],
    ['scope', undefined, 'undefined', TEXT_OR_NULL],
    ['scope', 7, '7', TEXT_OR_NULL],
    ['expiresAt', null, 'null', DATE],
    ['expiresAt', '2026-01-01', "'2026-01-01'", DATE],
    ['dpopJkt', '', "''", TEXT_OR_NULL],
    ['dpopJkt', 7, '7', TEXT_OR_NULL],
    ['spentAt', 0, '0', DATE_OR_NULL],
    ['spentAt', new Date(Number.NaN), 'an invalid Date', DATE_OR_NULL],
    ['isRepeatable', 1, '1', FLAG],
    ['isRepeatable', 'true', "'true'", FLAG],
    ['resources', 'https://api.example', "'https://api.example'", URIS],
    ['resources', [''], 'an array of 1', URIS],
    ['repeatedAs', true, 'true', KIND],
    ['repeatedAs', 'once', "'once'", KIND],
  ])('%s: %p', async (name, value, received, wanted) => {
    const endpoint = createRefreshEndpoint({ token: { [name]: value } });
    const answer = await endpoint.post();
    expect([answer.status, endpoint.reasons(), endpoint.calls]).toEqual([
      500,
      ['refresh_token_malformed'],
      ['findRefreshToken'],
    ]);
    expect(endpoint.outcomes[0]?.fault).toEqual(
      new TypeError(`findRefreshToken returned a record whose ${name} is ${received}; it must be ${wanted}`),
    );
  });

  it('and where a record without its fields was found', async () => {
    const endpoint = createRefreshEndpoint({ refresh: { findRefreshToken: async () => 'a record' as never } });
    await endpoint.post();
    expect(endpoint.outcomes[0]?.fault).toEqual(
      new TypeError("findRefreshToken returned 'a record'; it must return the record, or null"),
    );
  });
});

describe('The record of a refresh token may have', () => {
  it.each<[string, Partial<LiveToken>]>([
    ['isRepeatable: true', { isRepeatable: true }],
    ['isRepeatable: false', { isRepeatable: false }],
    ['isRepeatable: null', { isRepeatable: null }],
    ...(['at_once', 'late', 'sibling', null] as const).map((repeatedAs): [string, Partial<LiveToken>] => [
      `repeatedAs: ${repeatedAs}`,
      { repeatedAs },
    ]),
    ['resources: null', { resources: null }],
    ['no resources', { resources: [] }],
    ['an empty scope', { scope: '' }],
    ['no scope', { scope: null }],
  ])('%s', async (_what, token) => {
    expect((await createRefreshEndpoint({ token }).post()).status).toBe(200);
  });
});
