import { EventEmitter } from 'node:events';
import type { Request } from 'express';
import type { OAuthError } from '../../lib';
import { createBacklog, isAwaited } from '../../lib/tokens/backlog';

/** A request whose response is as it was set here. */
const requestOf = (state: object = {}) => {
  const res = Object.assign(new EventEmitter(), { writableEnded: false, destroyed: false }, state);
  return { res } as unknown as Request & { res: EventEmitter };
};
const keyOf = (ms: number, { isQueued = true, intervalMs = ms } = {}) => ({
  expectedMs: () => ms,
  isQueued,
  intervalMs: () => intervalMs,
  tryOut: jest.fn(),
});
const refusalOf = (promise: () => unknown): OAuthError | undefined => {
  try {
    promise();
  } catch (thrown) {
    return thrown as OAuthError;
  }
  return undefined;
};

describe('Somebody waits for the answer', () => {
  it.each<[string, boolean, unknown]>([
    ['of a request that is open', true, requestOf()],
    ['of a request that a host made without a response', true, {}],
    ['of no request', true, undefined],
    ['of a request whose client hung up: no', false, requestOf({ destroyed: true })],
    ['of a request that was answered, by a time-out or by the endpoint: no', false, requestOf({ writableEnded: true })],
  ])('%s', (_what, expected, req) => {
    expect(isAwaited(req as Request)).toBe(expected);
  });
});

describe('A backlog of signatures', () => {
  it('lets in as many as can be made in time, and refuses the next before anything is spent', () => {
    const { promise } = createBacklog();
    const key = keyOf(100, { intervalMs: 50 });
    // Each needs two signatures of 100 ms, one after the other. Two threads make those before it.
    for (let requests = 0; requests < 9; requests += 1) promise(requestOf(), [key, key], 1000);
    const refusal = refusalOf(() => promise(requestOf(), [key, key], 1000));
    expect(refusal).toMatchObject({
      error: 'temporarily_unavailable',
      error_description: 'The authorization server is not available now, try again',
      reason: 'signing_busy',
      headers: { 'Retry-After': '2' },
      cause: {
        message:
          'The signatures of this request would take up to 2 s; they have 1000 ms, signingTimeout or half of actTimeout',
      },
    });
    // A smaller one still fits; one that needs no heavy signature does always.
    expect(refusalOf(() => promise(requestOf(), [key], 1000))).toBe(undefined);
    expect(refusalOf(() => promise(requestOf(), [key], 1000))).toBeDefined();
    expect(refusalOf(() => promise(requestOf(), [keyOf(0, { isQueued: false })], 1))).toBe(undefined);
    expect(refusalOf(() => promise(requestOf(), [], 1))).toBe(undefined);
  });

  it('refuses a request whose own signatures take too long, and learns by trials alone when that is over', () => {
    const { promise } = createBacklog();
    const [slow, fast] = [keyOf(60), keyOf(10)];
    expect(refusalOf(() => promise(requestOf(), [slow, fast], 60))).toMatchObject({
      reason: 'signing_busy',
      headers: { 'Retry-After': '1' },
      cause: { message: expect.stringContaining('would take up to 1 s; they have 60 ms') },
    });
    expect([slow.tryOut.mock.calls.length, fast.tryOut.mock.calls.length]).toEqual([1, 1]);
    // Nothing of it was counted.
    expect(refusalOf(() => promise(requestOf(), [slow], 60))).toBe(undefined);
    expect(slow.tryOut).toHaveBeenCalledTimes(1);
  });

  it('asks a KMS for as much time as it takes, and lets nobody wait for it', () => {
    const { promise } = createBacklog();
    const kms = keyOf(50, { isQueued: false });
    for (let requests = 0; requests < 10; requests += 1) promise(requestOf(), [kms, kms], 100);
    expect(refusalOf(() => promise(requestOf(), [kms, kms, kms], 100))).toMatchObject({ reason: 'signing_busy' });
    expect(kms.tryOut).toHaveBeenCalled();
  });

  it('counts by the time that signatures take now', () => {
    const { promise } = createBacklog();
    let ms = 10;
    const key = { ...keyOf(0), expectedMs: () => ms, intervalMs: () => ms };
    promise(requestOf(), [key], 100);
    promise(requestOf(), [key], 100);
    ms = 50;
    expect(refusalOf(() => promise(requestOf(), [key], 100))).toBeDefined();
    ms = 1;
    expect(refusalOf(() => promise(requestOf(), [key], 100))).toBe(undefined);
  });

  it('counts the keys of all issuers together', () => {
    const { promise } = createBacklog();
    promise(requestOf(), [keyOf(60)], 100);
    expect(refusalOf(() => promise(requestOf(), [keyOf(60)], 100))).toBeDefined();
    expect(refusalOf(() => promise(requestOf(), [keyOf(30)], 100))).toBe(undefined);
  });

  it('takes a promise back once, however often it is told', () => {
    const { promise } = createBacklog();
    const key = keyOf(60);
    const takeBack = promise(requestOf(), [key], 100);
    takeBack();
    takeBack();
    promise(requestOf(), [key], 100);
    expect(refusalOf(() => promise(requestOf(), [key], 100))).toBeDefined();
  });

  it('takes a promise back when the response is closed: the request was refused after the look', () => {
    const { promise } = createBacklog();
    const key = keyOf(60);
    const req = requestOf();
    promise(req, [key], 100);
    req.res.emit('close');
    promise(requestOf(), [key], 100);
    expect(refusalOf(() => promise(requestOf(), [key], 100))).toBeDefined();
  });

  it.each([[{ writableEnded: true }], [{ destroyed: true }]])('forgets a request that is over: %j', (state) => {
    const { promise } = createBacklog();
    const key = keyOf(60);
    const req = requestOf();
    promise(req, [key], 100);
    expect(refusalOf(() => promise(requestOf(), [key], 100))).toBeDefined();
    Object.assign(req.res, state);
    expect(refusalOf(() => promise(requestOf(), [key], 100))).toBe(undefined);
  });

  it('forgets a request without a response after 10 s: no client waits longer', () => {
    const { promise } = createBacklog();
    const key = keyOf(60);
    const now = jest.spyOn(performance, 'now').mockReturnValue(1000);
    promise({} as Request, [key], 100);
    now.mockReturnValue(11_000);
    expect(refusalOf(() => promise(requestOf(), [key], 100))).toBeDefined();
    now.mockReturnValue(11_001);
    expect(refusalOf(() => promise(requestOf(), [key], 100))).toBe(undefined);
    now.mockRestore();
  });

  it('is empty again after every request has ended', () => {
    const { promise } = createBacklog();
    const key = keyOf(100, { intervalMs: 50 });
    const takeBacks = Array.from({ length: 9 }, () => promise(requestOf(), [key, key], 1000));
    for (const takeBack of takeBacks) takeBack();
    expect(refusalOf(() => promise(requestOf(), [keyOf(1000)], 1000))).toBe(undefined);
  });

  it('forgets those that are over from the oldest on, and those behind one that waits when their response ends', () => {
    const { promise } = createBacklog();
    const key = keyOf(30);
    const [first, second, third] = [requestOf(), requestOf(), requestOf()];
    for (const req of [first, second, third]) promise(req, [key], 100);
    Object.assign(first.res, { writableEnded: true });
    Object.assign(third.res, { writableEnded: true });
    expect(refusalOf(() => promise(requestOf(), [key], 100))).toBe(undefined);
    expect(refusalOf(() => promise(requestOf(), [key], 100))).toBeDefined();
    third.res.emit('close');
    expect(refusalOf(() => promise(requestOf(), [key], 100))).toBe(undefined);
  });

  it('remembers a hundred refusals, and begins again with the next', () => {
    let loaded: typeof import('../../lib/tokens/backlog') | undefined;
    jest.isolateModules(() => {
      loaded = jest.requireActual('../../lib/tokens/backlog');
    });
    const { promise } = (loaded as typeof import('../../lib/tokens/backlog')).createBacklog();
    const refusalAt = (timeoutMs: number) => refusalOf(() => promise(requestOf(), [keyOf(500)], timeoutMs));
    const refusals = Array.from({ length: 99 }, (_, index) => refusalAt(index));
    expect(refusalAt(98)).toBe(refusals[98]);
    const hundredth = refusalAt(99);
    expect(refusalAt(99)).toBe(hundredth);
    expect(refusalAt(0)).not.toBe(refusals[0]);
  });

  it('makes one refusal for all that ask for the same time, in bounded memory, and asks for a minute at most', () => {
    const { promise } = createBacklog();
    const refusalAt = (timeoutMs: number, ms = 500) => refusalOf(() => promise(requestOf(), [keyOf(ms)], timeoutMs));
    const refusal = refusalAt(100);
    expect(refusalAt(100)).toBe(refusal);
    expect(refusalAt(99)).not.toBe(refusal);
    expect(refusalAt(100, 3_600_000)).toMatchObject({ headers: { 'Retry-After': '60' } });
    for (let timeoutMs = 101; timeoutMs < 300; timeoutMs += 1) refusalAt(timeoutMs);
    expect(refusalAt(100)).not.toBe(refusal);
    expect(refusalAt(100)).toMatchObject({ reason: 'signing_busy', headers: { 'Retry-After': '1' } });
  });
});
