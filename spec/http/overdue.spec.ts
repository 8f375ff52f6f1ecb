import timers from 'node:timers';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { createOverdueWatch } from '../../lib/http/overdue';

// A mock of this file's own: watches that other files of the same worker have left behind tick as well.
jest.mock('node:timers', () => {
  const actual = jest.requireActual<typeof timers>('node:timers');
  return { ...actual, setTimeout: jest.fn(actual.setTimeout) };
});

const late = () => new Error('too late');
const never = new Promise<never>(() => {});
const inMs = (milliseconds: number) => performance.now() + milliseconds;

describe('A watch', () => {
  it('brings what a promise brings in time', async () => {
    const { until } = createOverdueWatch();
    await expect(until(inMs(1000), Promise.resolve('an answer'), late)).resolves.toBe('an answer');
  });

  it('throws what a promise throws in time', async () => {
    const { until } = createOverdueWatch();
    await expect(until(inMs(1000), Promise.reject(new Error('a fault')), late)).rejects.toThrow('a fault');
  });

  it('gives up on each once its time has come, whichever was asked for first', async () => {
    const { until } = createOverdueWatch();
    const wait = async (milliseconds: number) => {
      const dueAt = inMs(milliseconds);
      await expect(until(dueAt, never, late)).rejects.toThrow('too late');
      return performance.now() - dueAt;
    };
    const lateBy = await Promise.all([wait(90), wait(20), wait(55)]);
    expect(Math.min(...lateBy)).toBeGreaterThanOrEqual(0);
  });

  it('gives up on one that is over while another is not', async () => {
    const { until } = createOverdueWatch();
    let isOver = false;
    const other = until(inMs(60_000), sleep(200, 'in time'), late).finally(() => {
      isOver = true;
    });
    await expect(until(inMs(10), never, late)).rejects.toThrow('too late');
    expect(isOver).toBe(false);
    await expect(other).resolves.toBe('in time');
  });

  it('watches the remaining ones, in whatever order the others end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 0 }), async (inTime) => {
        const { until } = createOverdueWatch();
        const settles = new Map<number, () => void>();
        const dueAt = inMs(15);
        const ends = [0, 1, 2, 3, 4, 5].map((name) =>
          until(dueAt, new Promise<number>((resolve) => settles.set(name, () => resolve(name))), late).catch(
            () => 'late',
          ),
        );
        for (const name of inTime) settles.get(name)?.();
        const expected = [0, 1, 2, 3, 4, 5].map((name) => (inTime.includes(name) ? name : 'late'));
        await expect(Promise.all(ends)).resolves.toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it('does not give up too early', async () => {
    const { until } = createOverdueWatch();
    const startedAt = performance.now();
    await expect(until(startedAt + 50, never, late)).rejects.toThrow('too late');
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(50);
  });

  it('makes no error for what came in time', async () => {
    const { until } = createOverdueWatch();
    const tooLate = jest.fn(late);
    await until(inMs(15), Promise.resolve(), tooLate);
    await sleep(40);
    expect(tooLate).not.toHaveBeenCalled();
  });

  it('ignores what comes later, a rejection included', async () => {
    const { until } = createOverdueWatch();
    const answer = sleep(60).then(() => Promise.reject(new Error('a fault that came too late')));
    await expect(until(inMs(10), answer, late)).rejects.toThrow('too late');
    await expect(answer).rejects.toThrow('a fault that came too late');
  });

  it('gives up on the others as well after one that it gave up on has answered', async () => {
    const { until } = createOverdueWatch();
    let answer = () => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const others = [until(inMs(80), never, late), until(inMs(80), never, late)];
    const ends = Promise.all(others.map((other) => expect(other).rejects.toThrow('too late')));
    await expect(until(inMs(10), answered, late)).rejects.toThrow('too late');
    answer();
    await ends;
  });

  it.each([
    ['the first ended first', [0, 1, 2]],
    ['the last ended first', [2, 1, 0]],
  ])('stops its timer if nothing is left: %s', async (_, order) => {
    const { until } = createOverdueWatch();
    const settles: (() => void)[] = [];
    const waits = [0, 1, 2].map(() => until(inMs(1000), new Promise<void>((resolve) => settles.push(resolve)), late));
    for (const each of order) settles[each]?.();
    await Promise.all(waits);
    await sleep(40);
    const ticks = jest.mocked(timers.setTimeout).mockClear();
    await sleep(40);
    expect(ticks).not.toHaveBeenCalled();
    const another = until(inMs(1000), Promise.resolve(), late);
    expect(ticks).toHaveBeenCalledTimes(1);
    await another;
  });

  it('goes on after it had nothing to wait for', async () => {
    const { until } = createOverdueWatch();
    await expect(until(inMs(10), never, late)).rejects.toThrow('too late');
    await sleep(40);
    await expect(until(inMs(10), never, late)).rejects.toThrow('too late');
  });

  it('goes on where tests of a host have faked the timers in between', async () => {
    const { until } = createOverdueWatch();
    jest.useFakeTimers();
    const faked = until(performance.now() + 5000, never, late);
    jest.advanceTimersByTime(5000);
    await expect(faked).rejects.toThrow('too late');
    const atTheSwitch = until(0, never, late);
    jest.useRealTimers();
    await expect(atTheSwitch).rejects.toThrow('too late');
    await expect(until(inMs(10), never, late)).rejects.toThrow('too late');
  });
});
