import { assert, createClientEndpoint, ISSUER, TOKEN_ENDPOINT } from './support/asserter';

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
