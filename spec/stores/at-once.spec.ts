import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import express, { type Request } from 'express';
import { createTokenRouter, type Outcome } from '../../lib';
import { memoryStore } from '../../lib/stores/memory';
import { postgresStore } from '../../lib/stores/postgres';
import { redisStore } from '../../lib/stores/redis';
import { createTokenIssuer } from '../../lib/tokens';
import { goodForm } from '../support/endpoint';
import { goodApi, goodOptions, type HostCode, hostCode } from '../support/issuer';
import { describeWith } from '../support/servers';
import { usePostgres, useRedis } from './backends';

interface Options {
  strictReplay?: boolean;
  leeway?: number;
}
type Store = ReturnType<typeof memoryStore<HostCode>>;
type Answer = { status: number; body: Record<string, string> };

/** Lets nobody go on before so many have come, so that a slow machine does not turn "at once" into "one after another". */
function createBarrier() {
  let missing = 0;
  let open = () => {};
  let all = Promise.resolve();
  return {
    expect(requests: number) {
      missing = requests;
      all = new Promise((resolve) => {
        open = resolve;
      });
    },
    async pass() {
      missing -= 1;
      if (missing <= 0) open();
      await all;
    },
  };
}

/** The ready store, the ready issuer and the router, as a host mounts them, behind a proxy that names the client. */
async function withEndpoint(
  store: Store,
  use: (endpoint: {
    send: (form: Record<string, string>, address?: string) => Promise<Answer>;
    sendAtOnce: (requests: number, form: Record<string, string>) => Promise<Answer[]>;
    createForm: () => Promise<Record<string, string>>;
    count: (reason: string) => number;
  }) => Promise<void>,
) {
  const outcomes: Outcome[] = [];
  const barrier = createBarrier();
  const { saveRefreshToken, ...options } = goodOptions();
  const { issueTokens } = createTokenIssuer({ ...options, apis: [goodApi()], store });
  const app = express().set('trust proxy', true);
  app.use(
    createTokenRouter({
      ...store.adapters,
      async findCode(code: string, req: Request) {
        await barrier.pass();
        return store.adapters.findCode(code, req);
      },
      issueTokens,
      rateLimit: false,
      onOutcome(outcome) {
        void outcome.fault;
        outcomes.push(outcome);
      },
    }),
  );
  const server = app.listen(0);
  const { port } = server.address() as AddressInfo;
  async function send(form: Record<string, string>, address = '203.0.113.1'): Promise<Answer> {
    const answer = await fetch(`http://127.0.0.1:${port}/oauth/token`, {
      method: 'POST',
      headers: { 'X-Forwarded-For': address },
      body: new URLSearchParams(form),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, string> };
  }
  try {
    await use({
      send,
      sendAtOnce(requests, form) {
        barrier.expect(form.code === undefined ? 0 : requests);
        return Promise.all(Array.from({ length: requests }, () => send(form)));
      },
      count: (wanted) => outcomes.filter(({ reason }) => reason === wanted).length,
      async createForm() {
        const code = randomBytes(32).toString('base64url');
        await store.saveCode(code, hostCode());
        return { ...goodForm(), code };
      },
    });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** Later than that a second request is a replay. */
const AT_ONCE_MS = 2000;

const refreshForm = (refreshToken: string | undefined) => ({
  grant_type: 'refresh_token',
  client_id: 'spa',
  refresh_token: String(refreshToken),
});
const winnersOf = (answers: Answer[]) => answers.filter(({ status }) => status === 200);

/** What holds of every store, beside the ready issuer. */
function testAtOnce(createStore: (options: Options) => Promise<Store>) {
  test.each([2, 10, 50])(
    'a code that is redeemed %d times at once brings tokens once, and what it brought lives',
    async (requests) => {
      await withEndpoint(await createStore({}), async ({ createForm, send, sendAtOnce, count }) => {
        const counts = () => ['code_redeemed', 'code_replayed_at_once'].map(count);
        let answers: Answer[] = [];
        let before: number[] = [];
        // A machine that takes longer has not sent them at once.
        for (let tookMs = Number.POSITIVE_INFINITY; tookMs >= AT_ONCE_MS; ) {
          const form = await createForm();
          before = counts();
          const startedAt = Date.now();
          answers = await sendAtOnce(requests, form);
          tookMs = Date.now() - startedAt;
        }
        const [winner, ...more] = winnersOf(answers);
        expect(more).toEqual([]);
        expect(counts().map((now, index) => now - Number(before[index]))).toEqual([1, requests - 1]);

        const refreshed = await send(refreshForm(winner?.body.refresh_token));
        expect([refreshed.status, typeof refreshed.body.refresh_token]).toEqual([200, 'string']);
      });
    },
  );

  test('a code that comes again from another address ends the login, however soon', async () => {
    await withEndpoint(await createStore({}), async ({ createForm, send, count }) => {
      const form = await createForm();
      const { body } = await send(form);
      expect((await send(form, '203.0.113.2')).body.error).toBe('invalid_grant');
      expect(count('code_replayed')).toBe(1);
      expect((await send(refreshForm(body.refresh_token))).body.error).toBe('invalid_grant');
      // The next one is refused in the look: the grant is revoked already.
      expect((await send(form)).body.error).toBe('invalid_grant');
      expect(count('grant_revoked')).toBe(1);
    });
  });

  test('with strictReplay each loser ends the login, and no token of it lives', async () => {
    await withEndpoint(await createStore({ strictReplay: true }), async ({ createForm, send, sendAtOnce, count }) => {
      const answers = await sendAtOnce(10, await createForm());
      expect(winnersOf(answers).length).toBeLessThanOrEqual(1);
      expect(count('code_replayed')).toBeGreaterThan(0);
      for (const { body } of winnersOf(answers)) {
        expect((await send(refreshForm(body.refresh_token))).body.error).toBe('invalid_grant');
      }
    });
  });

  test('a refresh token that is used ten times at once within the leeway brings tokens to all, and none is logged out', async () => {
    await withEndpoint(await createStore({}), async ({ createForm, send, sendAtOnce }) => {
      const { body } = await send(await createForm());
      const answers = await sendAtOnce(10, refreshForm(body.refresh_token));
      expect(winnersOf(answers)).toHaveLength(10);
      const [one, another] = answers;
      for (const answer of [one, another]) {
        expect((await send(refreshForm(answer?.body.refresh_token))).status).toBe(200);
      }
    });
  });

  test('a refresh token that is used ten times at once without a leeway brings tokens once at most, and ends', async () => {
    await withEndpoint(await createStore({ leeway: 0 }), async ({ createForm, send, sendAtOnce, count }) => {
      const { body } = await send(await createForm());
      const answers = await sendAtOnce(10, refreshForm(body.refresh_token));
      expect(winnersOf(answers).length).toBeLessThanOrEqual(1);
      expect(count('refresh_token_reused')).toBeGreaterThan(0);
      for (const { body: won } of winnersOf(answers)) {
        expect((await send(refreshForm(won.refresh_token))).body.error).toBe('invalid_grant');
      }
    });
  });

  test('a login that this store does not know is a fault before anything is spent', async () => {
    const store = await createStore({});
    const { saveCode, ...codes } = memoryStore<HostCode>();
    const mixed = { ...store, saveCode, adapters: { ...store.adapters, ...codes.adapters } } as Store;
    await withEndpoint(mixed, async ({ createForm, send, count }) => {
      const form = await createForm();
      expect((await send(form)).status).toBe(500);
      expect(count('grant_unknown')).toBe(1);
      expect((await codes.findCode(form.code as string))?.spentAt).toBe(null);
    });
  });
}

describe('Beside the ready issuer and memoryStore', () => {
  testAtOnce(async (options) => memoryStore<HostCode>(options));
});

describeWith('redis-server', 'Beside the ready issuer and redisStore', () => {
  const { send } = useRedis();
  testAtOnce(async (options) => redisStore<HostCode>({ sendCommand: send, ...options }));
});

describeWith('postgres', 'Beside the ready issuer and postgresStore', () => {
  const { send } = usePostgres();
  testAtOnce(async (options) => postgresStore<HostCode>({ query: send, ...options }));
});
