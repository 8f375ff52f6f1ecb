import type { TokenEndpointHost } from '../suite-host';
import { type Answer, forwardedFor, type Rule, type Stage } from '../suite-stage';
import type { TestClient } from '../test-client';
import type { Redemption } from '../token-endpoint';
import { section } from './section';

export function limits({ rateLimit = 100, proxies = 0, client }: TokenEndpointHost): Rule[] {
  const rule = section('proxies-and-limits');
  const lacks = rateLimit === false && 'without rateLimit';
  /** Fails as often as the limit allows, and once more. Returns the last answer. */
  async function fail(stage: Stage, differencesOf: (index: number) => Partial<Redemption>): Promise<Answer> {
    const guess = (index: number) =>
      stage.endpoint.redeem({ code: 'a-guess', codeVerifier: 'x'.repeat(43), ...differencesOf(index) });
    for (let index = 0; index < Number(rateLimit); index += 1) await guess(index);
    return guess(Number(rateLimit));
  }
  return [
    rule(
      'limits the failures of an address, whatever it writes into X-Forwarded-For',
      "set 'trust proxy' to the number of your proxies, never to true.",
      async (stage) => {
        const own = forwardedFor('2001:db8:1::1', proxies)['X-Forwarded-For'];
        const response = await fail(stage, (index) => ({
          headers: { 'X-Forwarded-For': [`198.51.100.${index % 250}`, ...(own === undefined ? [] : [own])].join(', ') },
        }));
        stage.expectRefusal(response, ['too_many_requests', 429]);
      },
      lacks,
    ),
    rule(
      'limits the guesses of a secret, whatever else changes between them',
      'count by address: leave rateLimit.keyGenerator out. A key of what a request says of itself, such as Authorization, is a new one for each guess.',
      async (stage) => {
        const attack = forwardedFor('2001:db8:4::1', proxies);
        const response = await fail(stage, (index) => ({
          client: { clientId: 'spa', ...client, clientSecret: `a-guess-${index}` } as TestClient,
          headers: { ...attack, 'User-Agent': `guess/${index}`, Cookie: `guess=${index}` },
        }));
        stage.expectRefusal(response, ['too_many_requests', 429]);
      },
      lacks,
    ),
    rule(
      'limits only the address that failed',
      "the app counts all clients as one: set 'trust proxy' to the number of your proxies.",
      async (stage) => {
        const attack = forwardedFor('2001:db8:2::1', proxies);
        stage.expectRefusal(await fail(stage, () => ({ headers: attack })), ['too_many_requests', 429]);
        const headers = forwardedFor('2001:db8:3::1', proxies);
        stage.expectTokens(await stage.endpoint.redeem({ ...(await stage.login()), headers }), stage.granted());
      },
      lacks,
      proxies === 0 && 'without proxies',
    ),
  ];
}
