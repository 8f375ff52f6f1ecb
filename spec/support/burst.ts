import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from 'express-rate-limit';
import { CODE, createEndpoint, goodForm, type Options } from './endpoint';
import { rawPost, sendBytes, withServer } from './raw';

export const FORM = 'application/x-www-form-urlencoded';
/** Long enough for a machine on which much else runs. */
export const PATIENT = { adapterTimeout: 7000, actTimeout: 2500 };

const formOf = (form: Record<string, string>) => new URLSearchParams(form).toString();
export const good = () => formOf(goodForm());
export const bad = () => formOf({ ...goodForm(), code: 'unknown' });
export const guess = () => formOf({ ...goodForm(), client_secret: 'a guess' });

/** Sends forms to one server from one address, each over a connection of its own, and brings the status. */
export function createClient(port: number, address?: string) {
  const fields = [`Content-Type: ${FORM}`, ...(address === undefined ? [] : [`X-Forwarded-For: ${address}`])];
  return async (body: string) => (await sendBytes(port, rawPost(fields, body))).status;
}

/** How often each status came. */
export function countOf(statuses: readonly number[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** What must hold for many requests of one address at once, on any store. */
export function describeBurst(where: string, createStore: () => Store): void {
  describe(`A burst from one address, counted ${where}:`, () => {
    const slow = (ms = 100): Partial<Options> => ({
      ...PATIENT,
      rateLimit: { store: createStore() },
      async findCode(code) {
        await sleep(ms);
        return code === CODE ? createEndpoint().code : null;
      },
      consumeCode: async () => true,
    });

    it('300 valid requests bring 300 tokens', async () => {
      await withServer(createEndpoint(slow()).app, async (port) => {
        const post = createClient(port);
        expect(countOf(await Promise.all(Array.from({ length: 300 }, () => post(good()))))).toEqual({ 200: 300 });
      });
    });

    it('of 1,000 wrong guesses 100 verdicts leave, and the rest is 429', async () => {
      await withServer(createEndpoint(slow()).app, async (port) => {
        const post = createClient(port);
        const statuses = await Promise.all(Array.from({ length: 1000 }, () => post(bad())));
        expect(countOf(statuses)).toEqual({ 400: 100, 429: 900 });
        expect(await post(good())).toBe(429);
      });
    });

    it('of wrong guesses whose verdicts come in the same moment as many leave', async () => {
      let begin = () => {};
      const gate = new Promise<void>((resolve) => {
        begin = resolve;
      });
      let asked = 0;
      const endpoint = createEndpoint({
        ...slow(),
        rateLimit: { limit: 5, store: createStore() },
        async findCode() {
          asked += 1;
          if (asked === 40) begin();
          await gate;
          return null;
        },
      });
      await withServer(endpoint.app, async (port) => {
        const post = createClient(port);
        const statuses = await Promise.all(Array.from({ length: 40 }, () => post(bad())));
        expect(countOf(statuses)).toEqual({ 400: 5, 429: 35 });
      });
    });

    it('a valid request that was on its way spends nothing once the others have failed too often', async () => {
      let find = () => {};
      const found = new Promise<void>((resolve) => {
        find = resolve;
      });
      const endpoint = createEndpoint({
        ...PATIENT,
        rateLimit: { limit: 3, store: createStore() },
        async findCode(code) {
          if (code !== CODE) return null;
          await found;
          return endpoint.code;
        },
      });
      await withServer(endpoint.app, async (port) => {
        const post = createClient(port);
        const valid = post(good());
        for (let i = 0; i < 3; i += 1) expect(await post(bad())).toBe(400);
        find();
        expect(await valid).toBe(429);
        expect([endpoint.isSpent(), endpoint.outcomes.at(-1)?.reason]).toEqual([false, 'rate_limited']);
      });
    });
  });
}
