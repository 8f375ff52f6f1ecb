import { createTokenIssuer } from '../../lib/tokens';
import { bareRequest, codeExchange, createIssuerEndpoint, goodOptions, type IssuerOptions } from '../support/issuer';

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
