import { createKnownFailures } from '../../lib/http/known-failures';
import type { Count } from '../../lib/http/rate-limit-store';

const KEY = '203.0.113.9';
const count = (failures: number, ms = 60_000): Count => ({ failures, resetTime: new Date(Date.now() + ms) });
const none: Count = { failures: 0, resetTime: undefined };
const createKnown = () => {
  const known = createKnownFailures(60_000);
  return { ...known, number: (key = KEY) => known.of(key).failures };
};

describe('The failures that this process knows of', () => {
  afterEach(() => jest.useRealTimers());

  it('are none of an address that did not fail', () => {
    const known = createKnown();
    expect(known.of(KEY)).toEqual({ failures: 0, resetTime: undefined });
    known.begin(KEY, none);
    expect(known.number('another')).toBe(0);
  });

  it('count from the moment of the verdict, on top of what the store said', () => {
    const known = createKnown();
    const ends = [known.begin(KEY, count(7)), known.begin(KEY, count(7))];
    expect(known.number()).toBe(9);
    ends[0]?.(count(8));
    expect(known.number()).toBe(9);
    ends[1]?.(count(20));
    expect(known.number()).toBe(20);
  });

  it('end with a window of the options, until the store has told of its own', () => {
    jest.useFakeTimers();
    const known = createKnown();
    const end = known.begin(KEY, none);
    expect(known.of(KEY)).toEqual(count(1, 60_000));
    const total = count(1, 30_000);
    end(total);
    expect(known.of(KEY)).toEqual(total);
  });

  it('begin with what the store said, where those of the window before are still on their way', () => {
    jest.useFakeTimers();
    const known = createKnown();
    known.begin(KEY, none)(count(5, 1000));
    known.begin(KEY, none);
    jest.advanceTimersByTime(2000);
    known.begin(KEY, count(3));
    expect(known.number()).toBe(3 + 2);
  });

  it('begin with more where the store has said so meanwhile', () => {
    const known = createKnown();
    known.begin(KEY, none)(count(5));
    known.begin(KEY, count(7));
    expect(known.number()).toBe(7 + 1);
  });

  it('begin with what the store said, where those of the window before are over', () => {
    jest.useFakeTimers();
    const known = createKnown();
    known.begin(KEY, none)(count(5, 1000));
    jest.advanceTimersByTime(2000);
    known.begin(KEY, count(3));
    expect(known.number()).toBe(3 + 1);
  });

  it.each([
    ['fewer', 3],
    ['more', 7],
  ])('are not ended by %s that a slow request has seen in the window before', (_what, failures) => {
    jest.useFakeTimers();
    const known = createKnown();
    known.begin(KEY, none)(count(5));
    for (const ago of [-1000, 0]) known.begin(KEY, count(failures, ago));
    expect(known.number()).toBe(5 + 2);
  });

  it('end with the window that an earlier request has seen', () => {
    const known = createKnown();
    const seen = count(7);
    known.begin(KEY, seen);
    expect(known.of(KEY)).toEqual({ failures: 8, resetTime: seen.resetTime });
  });

  it('do not become fewer by totals that come in another order', () => {
    const known = createKnown();
    const ends = [known.begin(KEY, none), known.begin(KEY, none)];
    ends[1]?.(count(2));
    ends[0]?.(count(1));
    expect(known.number()).toBe(2);
  });

  it('are taken back where they were not counted', () => {
    const known = createKnown();
    const end = known.begin(KEY, none);
    expect(known.number()).toBe(1);
    end();
    expect(known.number()).toBe(0);
  });

  it('are over with the window of the store, or with that of the options', () => {
    jest.useFakeTimers();
    const known = createKnown();
    known.begin(KEY, none)(count(5, 1000));
    known.begin('another', none)({ failures: 5, resetTime: undefined });
    jest.setSystemTime(Date.now() + 2000);
    expect([known.number(), known.number('another')]).toEqual([0, 5]);
    jest.setSystemTime(Date.now() + 60_000);
    expect(known.number('another')).toBe(0);
    known.begin(KEY, none)(count(1));
    expect(known.number()).toBe(1);
  });

  it('are over at the very end of the window', () => {
    jest.useFakeTimers();
    const known = createKnown();
    known.begin(KEY, none)(count(5, 1000));
    jest.advanceTimersByTime(999);
    expect(known.number()).toBe(5);
    known.begin('pending', none)(count(5, 1));
    known.begin('pending', none);
    jest.advanceTimersByTime(1);
    expect([known.of(KEY), known.of('pending')]).toEqual([none, { failures: 1, resetTime: undefined }]);
  });

  it('of a window that ends now are not those of the next', () => {
    jest.useFakeTimers();
    const known = createKnown();
    known.begin(KEY, none)(count(90, 1000));
    const end = known.begin(KEY, none);
    jest.advanceTimersByTime(1000);
    end(count(1, 500));
    expect(known.number()).toBe(1);
  });

  it.each([
    ['the same window where the end moves by a second', 1000, 90],
    ['another window where it moves by more', 1001, 1],
  ])('are those of %s', (_what, by, expected) => {
    jest.useFakeTimers();
    const known = createKnown();
    known.begin(KEY, none)(count(90, 5000));
    known.begin(KEY, none)(count(1, 5000 + by));
    expect(known.number()).toBe(expected);
  });

  it('keep what is on its way over the end of a window', () => {
    jest.useFakeTimers();
    const known = createKnown();
    known.begin(KEY, none)(count(5, 1000));
    known.begin(KEY, none);
    jest.setSystemTime(Date.now() + 2000);
    expect(known.number()).toBe(1);
  });

  it('are those of the next window where the clock of the store is ahead', () => {
    const known = createKnown();
    known.begin(KEY, none)(count(90, 5000));
    known.begin(KEY, none)(count(1, 65_000));
    expect(known.number()).toBe(1);
  });

  it('of a store that names no end of the window are over with the window', () => {
    jest.useFakeTimers();
    const known = createKnown();
    for (const failures of [1, 2]) {
      known.begin(KEY, none)({ failures, resetTime: undefined });
      jest.setSystemTime(Date.now() + 40_000);
    }
    expect(known.number()).toBe(0);
  });

  it('are what the store says, also where it says less: somebody took an address off', async () => {
    const known = createKnown();
    known.begin(KEY, none)(count(9));
    await expect(known.refresh(KEY, async () => count(0))).resolves.toMatchObject({ failures: 0 });
    expect(known.number()).toBe(0);
    await expect(known.refresh(KEY, async () => count(3))).resolves.toMatchObject({ failures: 3 });
  });

  it('are not what the store said before the last failure', async () => {
    const known = createKnown();
    known.begin(KEY, none)(count(9));
    const stale = known.refresh(KEY, async () => {
      known.begin(KEY, none)(count(10));
      return count(9);
    });
    await expect(stale).resolves.toMatchObject({ failures: 10 });
    const pending = known.refresh(KEY, async () => {
      known.begin(KEY, none);
      return count(10);
    });
    await expect(pending).resolves.toMatchObject({ failures: 11 });
    // That one is still on its way, and the store has not counted it.
    await expect(known.refresh(KEY, async () => count(3))).resolves.toMatchObject({ failures: 11 });
  });

  it('are read from the store where none are known', async () => {
    await expect(createKnown().refresh(KEY, async () => count(4))).resolves.toMatchObject({ failures: 4 });
  });

  it('are forgotten beyond 10,000 addresses, the oldest first', () => {
    const known = createKnown();
    for (let i = 0; i <= 10_000; i += 1) known.begin(String(i), none)(count(1));
    expect([known.number('0'), known.number('1'), known.number('10000')]).toEqual([0, 1, 1]);
  });
});
