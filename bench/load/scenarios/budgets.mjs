import { setTimeout as sleep } from 'node:timers/promises';
import { HONEST } from '../traffic.mjs';
import { success } from './limiter.mjs';

/** Adapters that are slow, and clients that do not wait: what is spent, and for whom. */
export const budgets = [
  {
    name: 'refresh-hang-ups',
    row: '9',
    title: '50 clients hang up during `findRefreshToken` (300 ms) and send the same token again',
    host: { storeMs: 300 },
    async drive({ traffic, refreshTokens }) {
      const given = await refreshTokens(50);
      await Promise.all(
        given.map(async (one, index) => {
          const address = HONEST[index];
          await traffic.hangUp(one, { address, afterMs: 100 });
          await sleep(900);
          await traffic.redeem(one, { address, retries: 3 });
        }),
      );
    },
    check: ({ honest }) => [success(honest, 1, 0.8), faults(honest)],
  },
  {
    name: 'slow-store',
    row: '10',
    title: "every store call takes 1.8 s, the limiter's and the issuer's as well: 40 codes and 40 refresh tokens",
    host: { storeMs: 1800, limiterStoreMs: 1800, savesTokens: true },
    async drive({ traffic, codes, refreshTokens }) {
      const given = [...(await codes(40)), ...(await refreshTokens(40))];
      await traffic.offerHonest(given, { rate: 20, seconds: 4, retries: 3 });
    },
    check: ({ honest }) => [success(honest, 1, 0.8), faults(honest)],
  },
  {
    name: 'rsa-4096',
    row: '11',
    title: '150 redemptions at once, access token and ID token signed with RSA-4096; look and act have 300 ms each',
    host: { signing: 'rs256', modulusLength: 4096, router: { adapterTimeout: 300, actTimeout: 300 } },
    async drive({ traffic, codes, note }) {
      const given = await codes(150);
      await Promise.all(given.map((one, index) => traffic.redeem(one, { address: HONEST[index], retries: 20 })));
      note('tries, at most', traffic.honest.triesAtMost());
    },
    // A server that gets a third of its core cannot keep what it promised by the time that signatures took before.
    check: ({ honest }) => [success(honest, 1, 0.4), faults(honest, 90)],
    keptWidely: 90,
  },
];

const faults = (honest, widelyAtMost = 5) => ({ what: '500s', is: honest.count(500), atMost: 0, widelyAtMost });
