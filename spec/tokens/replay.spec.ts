import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import type { AccessTokenRecord, IssuerExchange } from '../../lib/tokens';
import { createIssuerEndpoint, goodApi, type HostCode } from '../support/issuer';

type Endpoint = ReturnType<typeof createIssuerEndpoint>;
type Different = NonNullable<Parameters<typeof createIssuerEndpoint>[0]>;
type Answer = { status: number; body: Record<string, unknown> };

/** An endpoint of opaque access tokens whose stores take their steps when the scheduler says so. */
function createScheduled(scheduler: fc.Scheduler, different: Different = {}) {
  const accessTokens = new Map<string, AccessTokenRecord>();
  const step = () => scheduler.schedule(Promise.resolve());
  const endpoint: Endpoint = createIssuerEndpoint({
    ...different,
    strictReplay: true,
    step,
    // No ID token: a signature takes its time in the thread pool, where the scheduler chooses nothing.
    code: { scope: 'read:notes offline_access' },
    issuer: {
      apis: [{ ...goodApi(), accessToken: 'opaque' }],
      async saveAccessToken(accessToken, record) {
        await step();
        accessTokens.set(accessToken, record);
      },
      async isRevoked(exchange) {
        await step();
        return isRevoked(exchange);
      },
    },
  });
  const isRevoked = ({ code, refreshToken }: IssuerExchange<HostCode>): Promise<boolean> =>
    code ? endpoint.codes.isRevoked(String(code.grantId)) : endpoint.refreshTokens.isRevoked(refreshToken.grantId);

  /** What a resource server and this endpoint would still take. */
  const livingTokens = async (answers: Answer[]) => {
    const { codes, refreshTokens } = endpoint;
    const access = [...accessTokens.values()].map(({ grantId }) => codes.isRevoked(grantId));
    const refresh = answers
      .filter(({ body }) => body.refresh_token !== undefined)
      .map(({ body }) => refreshTokens.findRefreshToken(String(body.refresh_token)));
    return {
      access: (await Promise.all(access)).filter((isRevoked) => !isRevoked).length,
      refresh: (await Promise.all(refresh)).filter((found) => found !== null).length,
    };
  };
  return { endpoint, livingTokens, accessTokens };
}

/** Lets the scheduler choose every next step until all requests are answered. */
async function settle(scheduler: fc.Scheduler, requests: PromiseLike<Answer>[]): Promise<Answer[]> {
  const answers = Promise.all(requests);
  let isOver = false;
  void answers.then(() => {
    isOver = true;
  });
  while (!isOver) {
    // Every request comes as far as it can, so that there is a choice.
    await setImmediate();
    if (scheduler.count() > 0) await scheduler.waitOne();
  }
  return answers;
}

const statusesOf = (answers: Answer[]) => answers.map(({ status }) => status).sort();

describe('A code that is replayed while the winner is still issued tokens', () => {
  it('leaves no living token behind, in any order of steps', async () => {
    const endings = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 3 }), async (scheduler, requests) => {
        const { endpoint, livingTokens } = createScheduled(scheduler);
        const answers = await settle(
          scheduler,
          Array.from({ length: requests }, () => endpoint.post()),
        );
        const grantId = String((await endpoint.codes.findCode('SplxlOBeZQQYbYS6WxSbIA'))?.grantId);
        expect([await endpoint.codes.isRevoked(grantId), await endpoint.refreshTokens.isRevoked(grantId)]).toEqual([
          true,
          true,
        ]);
        expect(await livingTokens(answers)).toEqual({ access: 0, refresh: 0 });
        expect(statusesOf(answers).filter((status) => status === 200).length).toBeLessThanOrEqual(1);
        const count = (wanted: string) => endpoint.outcomes.filter(({ reason }) => reason === wanted).length;
        // A replay that comes when the grant is revoked already is refused before it is known as one.
        const [redeemed, replayed, revoked] = ['code_redeemed', 'code_replayed', 'grant_revoked'].map(count);
        expect([Number(redeemed) + Number(replayed) + Number(revoked), Number(replayed) > 0]).toEqual([requests, true]);
        endings.add(redeemed === 1 ? 'answered' : 'revoked');
      }),
      { numRuns: 60 },
    );
    // Both are met: the winner is answered before the replay is seen, and after it.
    expect([...endings].sort()).toEqual(['answered', 'revoked']);
  }, 300_000);
});

describe('A refresh token that is reused while the winner is still issued tokens', () => {
  it('leaves no living refresh token behind, in any order of steps', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 3 }), async (scheduler, requests) => {
        const { endpoint, livingTokens } = createScheduled(scheduler);
        const [first] = await settle(scheduler, [endpoint.post()]);
        const token = String(first?.body.refresh_token);
        const answers = await settle(
          scheduler,
          Array.from({ length: requests }, () => endpoint.refresh(token)),
        );
        expect(statusesOf(answers).filter((status) => status === 200).length).toBeLessThanOrEqual(1);
        expect((await livingTokens([...answers, ...(first ? [first] : [])])).refresh).toBe(0);
        for (const { body } of answers) {
          if (body.refresh_token === undefined) continue;
          const [late] = await settle(scheduler, [endpoint.refresh(String(body.refresh_token))]);
          expect(late?.status).toBe(400);
        }
      }),
      { numRuns: 40 },
    );
  }, 300_000);

  it('within the leeway: nothing is revoked, and one generation of one family lives, in any order of steps', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 3 }), async (scheduler, requests) => {
        const { endpoint } = createScheduled(scheduler, { leeway: 60_000 });
        const [first] = await settle(scheduler, [endpoint.post()]);
        const token = String(first?.body.refresh_token);
        const answers = await settle(
          scheduler,
          Array.from({ length: requests }, () => endpoint.refresh(token)),
        );
        expect(statusesOf(answers)).toEqual(Array(requests).fill(200));
        const { findRefreshToken, consumeRefreshToken } = endpoint.refreshTokens;
        const successors = await Promise.all(answers.map(({ body }) => findRefreshToken(String(body.refresh_token))));
        expect(new Set(successors.map((found) => found?.grantId)).size).toBe(1);
        const consumed = await Promise.all(successors.map((found) => found && consumeRefreshToken(found)));
        expect(consumed.filter(Boolean).length).toBe(1);
      }),
      { numRuns: 40 },
    );
  }, 300_000);
});

describe('Fifty refreshes of one token at once', () => {
  const fifty = async (leeway: number) => {
    const endpoint = createIssuerEndpoint({ leeway, step: () => sleep(2) });
    const { body } = await endpoint.post();
    const answers: Answer[] = await Promise.all(Array.from({ length: 50 }, () => endpoint.refresh(body.refresh_token)));
    const grantIds = new Set(endpoint.saved.map(({ grantId }) => grantId));
    return { endpoint, answers, grantId: String([...grantIds]), families: grantIds.size };
  };

  it('without a leeway: one 200, and the family is revoked', async () => {
    const { endpoint, answers, grantId } = await fifty(0);
    expect(statusesOf(answers)).toEqual([200, ...Array(49).fill(400)]);
    expect(endpoint.outcomes.filter(({ reason }) => reason === 'refresh_token_reused').length).toBe(49);
    expect(await endpoint.refreshTokens.isRevoked(grantId)).toBe(true);
    const successor = answers.find(({ status }) => status === 200)?.body.refresh_token;
    expect((await endpoint.refresh(String(successor))).status).toBe(400);
  });

  it('with one: no revocation, no second family, and one generation lives', async () => {
    const { endpoint, answers, grantId, families } = await fifty(60_000);
    expect([families, await endpoint.refreshTokens.isRevoked(grantId)]).toEqual([1, false]);
    const count = (reason: string) => endpoint.outcomes.filter((outcome) => outcome.reason === reason).length;
    expect([count('refresh_token_redeemed'), count('refresh_token_repeated')]).toEqual([1, 49]);
    const { findRefreshToken, consumeRefreshToken } = endpoint.refreshTokens;
    const successors = await Promise.all(answers.map(({ body }) => findRefreshToken(String(body.refresh_token))));
    const consumed = await Promise.all(successors.map((found) => found && consumeRefreshToken(found)));
    expect(consumed.filter(Boolean).length).toBe(1);
  });
});
