import { memoryRefreshTokens } from '../../lib/stores/memory';
import { createTokenIssuer } from '../../lib/tokens';
import {
  API,
  bareRequest,
  codeExchange,
  createIssuerEndpoint,
  goodApi,
  goodOptions,
  type IssuerOptions,
  readToken,
} from '../support/issuer';

describe('isConfidential', () => {
  it('must answer at once: a promise would be taken for no', () => {
    expect(() => createTokenIssuer({ ...goodOptions(), isConfidential: (async () => true) as never })).toThrow(
      'isConfidential is the async function isConfidential. Write a function that answers at once: (client) => true or false.',
    );
  });

  it.each<[string, () => unknown, string]>([
    ['a promise', () => Promise.resolve(true), 'a Promise; it must return true or false, at once. Await it'],
    ['1', () => 1, '1; it must return true or false, at once'],
    ['nothing', () => undefined, 'undefined; it must return true or false, at once'],
  ])('is asked before anything is spent: %s is a fault', async (_what, answer, received) => {
    let isBroken = true;
    const endpoint = createIssuerEndpoint({
      issuer: { isConfidential: () => (isBroken ? (answer() as never) : false) },
    });
    expect((await endpoint.post()).status).toBe(500);
    expect(String(endpoint.outcomes.at(-1)?.fault)).toBe(`TypeError: isConfidential returned ${received}`);
    isBroken = false;
    expect((await endpoint.post()).status).toBe(200);
  });

  it.each([
    [true, null],
    [false, 'a key'],
  ])('%p: the next refresh token is bound to %p', async (isConfidential, dpopJkt) => {
    const saved: unknown[] = [];
    const options: Partial<IssuerOptions> = {
      isConfidential: () => isConfidential,
      saveRefreshToken: (_token, record) => void saved.push(record.dpopJkt),
    };
    const { issueTokens } = createTokenIssuer({ ...goodOptions(), ...options });
    await issueTokens(codeExchange({}, { confirmation: { jkt: 'a key' } }), bareRequest());
    expect(saved).toEqual([dpopJkt]);
  });
});

describe('A login that asked for no API', () => {
  const OTHER = {
    identifier: 'https://other.example/',
    lifetime: 60,
    scopes: ['read:notes'],
    allowOfflineAccess: true,
  };

  it.each<[string, object]>([
    ['audience null', { audience: null }],
    ['an empty audience', { audience: '' }],
    ['no audience beside an empty list of resources', { audience: undefined, resources: [] }],
  ])('stays with the first one when apis begins with another: %s', async (_what, code) => {
    const refreshTokens = memoryRefreshTokens();
    const before = createIssuerEndpoint({ code, refreshTokens: refreshTokens as never });
    const { body } = await before.post();
    expect(readToken(body.access_token).claims.aud).toBe(API);
    const after = createIssuerEndpoint({
      code,
      refreshTokens: refreshTokens as never,
      issuer: { apis: [OTHER, goodApi()] },
    });
    const next = await after.refresh(body.refresh_token);
    expect([next.status, readToken(next.body.access_token).claims.aud]).toEqual([200, API]);
  });
});

describe('A record without a scope is served over HTTP, and the code is spent once:', () => {
  it.each([[''], [null], [undefined], ['  ']])('%p', async (scope) => {
    const endpoint = createIssuerEndpoint({ code: { scope: scope as never } });
    const { status, body } = await endpoint.post();
    expect([status, Object.keys(body).sort()]).toEqual([200, ['access_token', 'expires_in', 'token_type']]);
    expect(readToken(body.access_token).claims).not.toHaveProperty('scope');
  });
});
