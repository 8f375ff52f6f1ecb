import { setTimeout as sleep } from 'node:timers/promises';
import express from 'express';
import request from 'supertest';
import { createTokenRouter, type OAuthError, type Outcome } from '../../lib';
import { memoryStore } from '../../lib/stores/memory';
import { createTokenIssuer } from '../../lib/tokens';
import { checkStorePace, countStoreCalls } from '../../lib/tokens/store-pace';
import { CODE, goodForm } from '../support/endpoint';
import { goodApi, goodOptions, hostCode } from '../support/issuer';

interface Different {
  callMs?: number;
  actTimeout?: number;
  isOpaque?: boolean;
  scope?: string;
  /** Comes before the refresh token is saved. */
  beforeSaving?: (store: ReturnType<typeof memoryStore>, grantId: string) => Promise<void>;
}

/** A host with a ready store of which every call takes its time. */
async function createHost({
  callMs = 0,
  actTimeout = 5000,
  isOpaque = false,
  scope = 'openid read:notes offline_access',
  beforeSaving = async () => {},
}: Different = {}) {
  const memory = memoryStore();
  const calls: string[] = [];
  const outcomes: Outcome[] = [];
  const slow = <Given extends unknown[], T>(name: string, call: (...given: Given) => Promise<T>) =>
    Object.assign(async (...given: Given): Promise<T> => {
      calls.push(name);
      await sleep(callMs);
      return call(...given);
    }, call);
  const store = {
    ...memory,
    findGrant: slow('findGrant', memory.findGrant),
    saveRefreshToken: slow('saveRefreshToken', async (...given: Parameters<typeof memory.saveRefreshToken>) => {
      await beforeSaving(memory, given[1].grantId);
      return memory.saveRefreshToken(...given);
    }),
  };
  const { saveRefreshToken: _own, ...options } = goodOptions();
  const { issueTokens } = createTokenIssuer({
    ...options,
    store: store as never,
    apis: [{ ...goodApi(), accessToken: isOpaque ? 'opaque' : 'jwt' }],
    ...(isOpaque && { saveAccessToken: slow('saveAccessToken', async () => {}) }),
  } as never);
  const { findCode, consumeCode, revokeTokens } = memory.adapters;
  const app = express().use(
    createTokenRouter({
      findCode: slow('findCode', findCode),
      consumeCode: slow('consumeCode', consumeCode),
      revokeTokens,
      issueTokens: issueTokens as never,
      refresh: memory.adapters.refresh,
      adapterTimeout: 4000,
      actTimeout,
      onOutcome(outcome: Outcome) {
        // Taken, so that it is not written to console.error.
        void outcome.fault;
        outcomes.push(outcome);
      },
    } as never),
  );
  await memory.saveCode(CODE, hostCode({ scope }) as never);
  const isSpent = async () => (await memory.findCode(CODE))?.spentAt !== null;
  return { calls, outcomes, isSpent, post: () => request(app).post('/oauth/token').type('form').send(goodForm()) };
}

describe('A store that looks at the grant as it saves', () => {
  it.each<[string, Different, string[]]>([
    ['is not asked once more', {}, ['findCode', 'findGrant', 'consumeCode', 'saveRefreshToken']],
    [
      'neither for an opaque access token',
      { isOpaque: true },
      ['findCode', 'findGrant', 'consumeCode', 'saveAccessToken', 'saveRefreshToken'],
    ],
    ['is asked where nothing is saved', { scope: 'read:notes' }, ['findCode', 'findGrant', 'consumeCode', 'findGrant']],
  ])('%s', async (_what, different, expected) => {
    const host = await createHost(different);
    expect((await host.post()).status).toBe(200);
    expect(host.calls).toEqual(expected);
  });

  it('lets no tokens leave whose grant was revoked while they were made', async () => {
    const host = await createHost({ beforeSaving: (store, grantId) => store.revokeGrant(grantId) });
    const { status, body } = await host.post();
    expect([status, body.error, host.outcomes.at(-1)?.reason]).toEqual([400, 'invalid_grant', 'grant_revoked']);
  });
});

describe('A store of which every call takes its time', () => {
  it('brings tokens where the act has the time, in which it asks twice', async () => {
    const host = await createHost({ callMs: 600, actTimeout: 1700 });
    let answer = await host.post();
    // On a busy machine a call may take longer than it should.
    for (let tries = 0; answer.status === 503 && tries < 10; tries += 1) answer = await host.post();
    expect(answer.status).toBe(200);
  });

  it('spends nothing where it would not end in time', async () => {
    const host = await createHost({ callMs: 600, actTimeout: 1700, isOpaque: true });
    const { status, body, headers } = await host.post();
    expect([status, body.error, headers['retry-after']]).toEqual([503, 'temporarily_unavailable', '1']);
    expect([host.outcomes.at(-1)?.reason, await host.isSpent()]).toEqual(['no_time_left', false]);
    expect(String(host.outcomes.at(-1)?.fault)).toMatch(
      /^Error: isRevoked took \d{3,4} ms: 3 calls of the store like that would take longer than actTimeout, 1700 ms$/,
    );
  });
});

describe('The calls of a store in the act', () => {
  const granted = (accessToken: string, isOffline: boolean) => ({ apis: [{ accessToken }], isOffline }) as never;

  it.each<[string, boolean, boolean, number]>([
    ['jwt', false, true, 2],
    ['jwt', true, false, 2],
    ['jwt', true, true, 3],
    ['opaque', true, false, 3],
    ['opaque', false, true, 3],
  ])('%s, a refresh token: %p, another look: %p', (accessToken, isOffline, looksAgain, expected) => {
    expect(countStoreCalls(granted(accessToken, isOffline), looksAgain)).toBe(expected);
  });

  it.each<[number, number, { actTimeout?: number }, boolean]>([
    [1000, 3, { actTimeout: 3000 }, true],
    [1001, 3, { actTimeout: 3000 }, false],
    [60_000, 3, {}, true],
    [0, 3, { actTimeout: 1 }, true],
  ])('%d ms, %d times, in %j', (callMs, calls, exchange, isInTime) => {
    const refused: OAuthError[] = [];
    try {
      checkStorePace(callMs, calls, exchange);
    } catch (thrown) {
      refused.push(thrown as OAuthError);
    }
    expect(refused.map(({ reason }) => reason)).toEqual(isInTime ? [] : ['no_time_left']);
  });
});
