import { once } from 'node:events';
import { connect } from 'node:net';
import type { Request, Response } from 'express';
import { OAuthError } from '../../lib';
import { createDeadlines } from '../../lib/http/deadline';
import { createEndpoint, goodForm, type Options } from '../support/endpoint';
import { rawPost, withServer } from '../support/raw';
import { expectRedeemable, expectRefusal } from '../support/refusals';

const TOKENS = { access_token: 'an access token that came too late', expires_in: 60 };
const never = () => new Promise<never>(() => {});
const afterMs = <T>(ms: number, value: T) => new Promise<T>((resolve) => setTimeout(resolve, ms, value));
/** What query builders return instead of a promise. */
const thenable = (then: PropertyDescriptor) => Object.defineProperty({}, 'then', then) as never;
const DPOP = { tokenEndpoint: 'https://auth.example/oauth/token', verifyDpop: async () => ({ jkt: 'a key' }) };

const unavailable = { status: 503, error: 'temporarily_unavailable', reason: 'adapter_timeout' };
const failed = { status: 500, error: 'server_error', reason: 'adapter_timeout_after_consumption' };

/** Adapters of one request: what runs out of time, and what it must not reach. */
const LOOKS: [string, () => Partial<Options>][] = [
  ['rateLimit', () => ({ rateLimit: { store: { increment: never, decrement() {}, resetKey() {} } } })],
  ['allowedOrigins', () => ({ allowedOrigins: never })],
  ['authenticateClient', () => ({ authenticateClient: never })],
  ['findCode', () => ({ findCode: never })],
  ['verifyDpop', () => ({ ...DPOP, verifyDpop: never })],
];
const ACTS: [string, Partial<Options>][] = [
  ['consumeCode', { consumeCode: never }],
  ['issueTokens', { issueTokens: never }],
];

const post = (endpoint: ReturnType<typeof createEndpoint>) =>
  endpoint.post().set({ Origin: 'https://app.example', DPoP: 'a.proof.here' });

describe('An adapter that hangs before the code is spent', () => {
  it.each(LOOKS)('%s: 503, and the client may come again', async (name, options) => {
    const endpoint = createEndpoint({ adapterTimeout: 30, ...options() });
    const answer = await post(endpoint);
    expectRefusal(answer, endpoint, unavailable);
    expect(answer.headers['retry-after']).toBe('1');
    expect(endpoint.outcomes).toMatchObject([
      {
        outcome: 'failed',
        fault: { message: `${name} did not answer: the adapters of a request have 30 ms together` },
      },
    ]);
    expect(endpoint.outcomes[0]?.durationMs).toBeGreaterThan(25);
    expect([endpoint.isSpent(), endpoint.calls.includes('issueTokens')]).toEqual([false, false]);
  });

  it.each(LOOKS)('%s: holds up no other request', async (_name, options) => {
    const endpoint = createEndpoint({ adapterTimeout: 30, ...options() });
    const answers = await Promise.all([post(endpoint), post(endpoint), post(endpoint)]);
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
    expect(endpoint.outcomes).toHaveLength(3);
  });

  it('leaves the code to be redeemed', async () => {
    let isHanging = true;
    const endpoint = createEndpoint({
      adapterTimeout: 30,
      authenticateClient: ({ clientId = '' }) => (isHanging ? never() : { clientId }),
    });
    expectRefusal(await endpoint.post(), endpoint, unavailable);
    isHanging = false;
    await expectRedeemable(endpoint);
  });
});

describe('An adapter that blocks the thread for longer than there is', () => {
  const block = (milliseconds: number) => {
    for (const until = performance.now() + milliseconds; performance.now() < until; );
  };

  it.each<[string, (code: object) => unknown]>([
    ['and returns', (code) => code],
    ['and returns a promise', async (code) => code],
  ])('%s: 503, and the code is not spent', async (_how, answer) => {
    let isBusy = true;
    const endpoint = createEndpoint({
      adapterTimeout: 600,
      findCode() {
        if (isBusy) block(650);
        return answer(endpoint.code) as never;
      },
    });
    const refused = await endpoint.post();
    expectRefusal(refused, endpoint, unavailable);
    expect([refused.headers['retry-after'], endpoint.calls]).toEqual(['1', []]);
    isBusy = false;
    await expectRedeemable(endpoint);
  });

  it('while it issues: the tokens that are there are answered', async () => {
    const endpoint = createEndpoint({
      actTimeout: 600,
      issueTokens() {
        block(650);
        return { access_token: 'a', expires_in: 60 };
      },
    });
    expect((await endpoint.post()).status).toBe(200);
  });
});

describe('An adapter that hangs once the code may be spent', () => {
  it.each(ACTS)('%s: 500 without Retry-After, for a resend would be a replay', async (name, options) => {
    const endpoint = createEndpoint({ actTimeout: 30, ...options });
    const answer = await endpoint.post();
    expectRefusal(answer, endpoint, failed);
    expect(answer.headers).not.toHaveProperty('retry-after');
    expect(endpoint.outcomes).toMatchObject([
      {
        outcome: 'failed',
        fault: { message: `${name} did not answer: spending and issuing have 30 ms together` },
      },
    ]);
  });
});

describe('The budget before anything is spent', () => {
  it('is one for all adapters together', async () => {
    const slow = <T>(value: T) => afterMs(40, value);
    const endpoint = createEndpoint({
      adapterTimeout: 100,
      allowedOrigins: () => slow(true),
      authenticateClient: ({ clientId = '' }) => slow({ clientId }),
      findCode: () => slow(endpoint.code),
    });
    expectRefusal(await post(endpoint), endpoint, unavailable);
    expect(endpoint.calls).toEqual([]);
  });

  it('counts the adapters’ time only, not the time in which the body comes', async () => {
    const endpoint = createEndpoint({ adapterTimeout: 1000, allowedOrigins: () => afterMs(1, true) });
    const body = new URLSearchParams(goodForm()).toString();
    const head = [`Content-Type: application/x-www-form-urlencoded`, 'Origin: https://app.example'];
    const bytes = rawPost(head, body);
    const status = await withServer(endpoint.app, async (port) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(bytes.subarray(0, -10)));
      await afterMs(1200, null);
      socket.write(bytes.subarray(-10));
      const [answer] = await once(socket, 'data');
      return String(answer).split(' ')[1];
    });
    expect([status, endpoint.reasons()]).toEqual(['200', ['code_redeemed']]);
  });

  it('leaves the budget for spending and issuing whole', async () => {
    const endpoint = createEndpoint({
      adapterTimeout: 1500,
      actTimeout: 2500,
      findCode: () => afterMs(900, endpoint.code),
      consumeCode: () => afterMs(900, true),
      issueTokens: () => afterMs(900, TOKENS),
    });
    expect((await endpoint.post()).status).toBe(200);
  });

  it('is one for each request', async () => {
    const endpoint = createEndpoint({ adapterTimeout: 1500, findCode: () => afterMs(600, endpoint.code) });
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await endpoint.post()).status);
    expect(statuses).toEqual([200, 400, 400]);
    expect(endpoint.reasons()).toEqual(['code_redeemed', 'code_replayed', 'code_replayed']);
  });
});

describe('What an adapter brings too late', () => {
  it.each<[string, (release: Promise<void>) => Promise<typeof TOKENS>]>([
    ['tokens', (release) => release.then(() => TOKENS)],
    ['an error', (release) => release.then(() => Promise.reject(new Error('too late')))],
    ['a refusal', (release) => release.then(() => Promise.reject(new OAuthError('invalid_grant', 'too late')))],
  ])('is never sent and never reported: %s', async (_what, bring) => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const endpoint = createEndpoint({ actTimeout: 30, issueTokens: () => bring(released) });
    const answer = await endpoint.post();
    expectRefusal(answer, endpoint, failed);
    expect(answer.text).not.toContain('too late');
    release();
    // Long enough for a rejection that nobody handles to end the test.
    await afterMs(20, null);
    expect(endpoint.reasons()).toEqual([failed.reason]);
  });

  it('is not looked at: a code that was found too late is not spent', async () => {
    const endpoint = createEndpoint({ adapterTimeout: 30, findCode: () => afterMs(60, endpoint.code) });
    expectRefusal(await endpoint.post(), endpoint, unavailable);
    await afterMs(60, null);
    expect([endpoint.calls, endpoint.isSpent(), endpoint.outcomes.length]).toEqual([[], false, 1]);
  });
});

describe('An adapter may answer', () => {
  it('with a thenable that is no promise, which is asked once', async () => {
    let asked = 0;
    const endpoint = createEndpoint({
      findCode: () =>
        thenable({
          value(resolve: (code: unknown) => void) {
            asked += 1;
            resolve(endpoint.code);
          },
        }),
    });
    expect([(await endpoint.post()).status, asked]).toEqual([200, 1]);
  });

  it('with a thenable that throws, which is a fault like any other', async () => {
    const endpoint = createEndpoint({
      findCode: () =>
        thenable({
          get() {
            throw new Error('no driver');
          },
        }),
    });
    expectRefusal(await endpoint.post(), endpoint, { status: 500, error: 'server_error', reason: 'find_code_failed' });
  });

  it('at once, without a promise', async () => {
    const endpoint = createEndpoint({
      adapterTimeout: 500,
      findCode: () => endpoint.code,
      consumeCode: () => true,
      issueTokens: () => TOKENS,
    });
    expect((await endpoint.post(goodForm())).status).toBe(200);
  });
});

describe('A verdict that comes after the answer', () => {
  it.each<[string, (late: <T>(value: T) => Promise<T>) => Partial<Options>]>([
    ['authenticateClient says no', (late) => ({ authenticateClient: () => late(null) })],
    ['findCode knows no such code', (late) => ({ findCode: () => late(null) })],
  ])('is neither answered nor reported again: %s', async (_what, options) => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const endpoint = createEndpoint({
      adapterTimeout: 30,
      ...options(async (value) => {
        await released;
        return value;
      }),
    });
    expectRefusal(await endpoint.post(), endpoint, unavailable);
    release();
    await afterMs(20, null);
    expect(endpoint.reasons()).toEqual(['adapter_timeout']);
  });

  it('calls no adapter that is still to come', async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const endpoint = createEndpoint({
      adapterTimeout: 30,
      authenticateClient: ({ clientId = '' }) => released.then(() => ({ clientId })),
    });
    expectRefusal(await endpoint.post(), endpoint, unavailable);
    release();
    await afterMs(20, null);
    expect(endpoint.calls).toEqual([]);
  });
});

describe('A code whose spending is known too late', () => {
  it.each([
    ['spent by this request: no tokens are issued', true, ['findCode']],
    ['spent by another request: what it brought is revoked', false, ['findCode', 'revokeTokens']],
  ])('%s', async (_what, isConsumed, calls) => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const endpoint = createEndpoint({ actTimeout: 30, consumeCode: () => released.then(() => isConsumed) });
    expectRefusal(await endpoint.post(), endpoint, failed);
    release();
    await afterMs(20, null);
    expect([endpoint.calls, endpoint.reasons()]).toEqual([calls, [failed.reason]]);
  });
});

describe('The time that is left for a last step', () => {
  afterEach(() => jest.restoreAllMocks());

  /** A deadline by a clock of this spec. */
  function createDeadline() {
    let now = 1000;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    const hooks = { answer: jest.fn(), checkStanding: jest.fn() };
    const deadlines = createDeadlines({ adapterTimeout: 4000, actTimeout: 2000 }, hooks);
    const req = {} as Request;
    deadlines.begin(req, {} as Response);
    const pass = (milliseconds: number) => {
      now += milliseconds;
    };
    return { deadline: deadlines.of(req), pass };
  }
  /** Long enough for whoever looks at the clock. */
  const untilSeen = () => afterMs(60, null);

  it('is what the look has left, or the act, and at least half a second', async () => {
    const { deadline, pass } = createDeadline();
    expect(deadline.leftMs()).toBe(4000);
    await deadline.look('findCode', () => pass(1000));
    expect(deadline.leftMs()).toBe(3000);
    await deadline.look('findCode', () => pass(2900));
    expect(deadline.leftMs()).toBe(500);
    deadline.beginAct({ isRepeatable: false });
    pass(500);
    expect(deadline.leftMs()).toBe(1500);
    pass(1400);
    expect(deadline.leftMs()).toBe(500);
  });

  it.each([
    ['all of it', undefined, 4000],
    ['a half of it', 0.5, 2000],
  ])('may be taken: %s', async (_what, share, milliseconds) => {
    const { deadline, pass } = createDeadline();
    const ends: unknown[] = [];
    const step = deadline.settle('revokeTokens', never, share).catch((thrown) => ends.push(thrown));
    pass(milliseconds - 1);
    await untilSeen();
    expect(ends).toEqual([]);
    pass(1);
    await step;
    expect(ends).toEqual([new Error('revokeTokens did not answer in time')]);
  });

  it('is enough for a step that answers', async () => {
    const { deadline } = createDeadline();
    await expect(deadline.settle('findCode', () => 'a record')).resolves.toBe('a record');
  });
});
