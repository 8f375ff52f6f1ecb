import timers from 'node:timers';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEventLoopWatch } from '../../lib/http/event-loop';

const uptime = process.uptime;

/** Keeps the thread busy, so that nothing else runs. */
function block(seconds: number): void {
  const until = uptime() + seconds;
  while (uptime() < until);
}

/** One long turn of the event loop after another. */
async function blockTurns(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) {
    await new Promise(setImmediate);
    block(0.65);
  }
  await new Promise(setImmediate);
}

describe('The watch of the event loop', () => {
  it('sees that it is late, turn after turn, and that it is in time again', async () => {
    const watch = createEventLoopWatch(() => false);
    watch.start();
    watch.start();
    expect(watch.isLate()).toBe(false);
    await blockTurns(4);
    expect(watch.isLate()).toBe(true);
    const until = uptime() + 10;
    while (watch.isLate() && uptime() < until) await sleep(20);
    expect(watch.isLate()).toBe(false);
  });

  it('does not look while it is idle', async () => {
    let looks = 0;
    const watch = createEventLoopWatch(() => {
      looks += 1;
      return true;
    });
    watch.start();
    await blockTurns(4);
    expect([watch.isLate(), looks]).toEqual([false, 1]);
    watch.start();
    await sleep(200);
    expect(looks).toBe(2);
  });

  describe('where a test fakes the clocks', () => {
    afterEach(() => jest.useRealTimers());

    it('sees no lateness when they jump', async () => {
      const watch = createEventLoopWatch(() => false);
      watch.start();
      jest.useFakeTimers();
      for (let jump = 0; jump < 5; jump += 1) {
        const before = uptime();
        jest.advanceTimersByTime(60_000);
        await sleep(60);
        // Unless it was late: a machine may be busy.
        if (uptime() - before < 0.5) expect(watch.isLate()).toBe(false);
      }
    });
  });
});

describe('By a clock of its own, the watch', () => {
  afterEach(() => jest.restoreAllMocks());

  /** A watch that was loaded with a clock and a timer of this spec: `tickAfter` lets so many seconds pass, and then the timer ends. */
  function createWatch(isIdle = () => false) {
    let now = 100;
    const timer = { unref: jest.fn() };
    const armed: [(...args: unknown[]) => void, number, unknown][] = [];
    jest.spyOn(process, 'uptime').mockImplementation(() => now);
    jest.spyOn(timers, 'setTimeout').mockImplementation(((...call: (typeof armed)[0]) => {
      armed.push(call);
      return timer;
    }) as never);
    let watch = createEventLoopWatch(isIdle);
    jest.isolateModules(() => {
      watch = require('../../lib/http/event-loop').createEventLoopWatch(isIdle);
    });
    return {
      watch,
      armed,
      timer,
      pass: (seconds: number) => {
        now += seconds;
      },
      tickAfter(seconds: number) {
        now += seconds;
        const [tick, , dueAt] = armed.shift() as (typeof armed)[0];
        tick(dueAt);
      },
    };
  }

  it('ticks each 50 ms while there is work, by one timer that keeps no process alive', () => {
    const { watch, armed, timer, tickAfter } = createWatch();
    watch.start();
    watch.start();
    expect([armed.length, armed[0]?.[1], timer.unref.mock.calls.length]).toEqual([1, 50, 1]);
    tickAfter(0.05);
    watch.start();
    expect([armed.length, armed[0]?.[1], timer.unref.mock.calls.length]).toEqual([1, 50, 2]);
  });

  it.each<[string, number[], boolean]>([
    ['no tick was late', [0.05, 0.05], false],
    ['one tick was late, as after one long block', [3], false],
    ['two ticks in a row were late', [0.6, 0.6], true],
    ['two ticks were half a second late, and no more', [0.55, 0.55], false],
    ['one of three was in time', [0.6, 0.05, 0.6], false],
    ['the last one was in time', [0.6, 0.6, 0.05], false],
  ])('sees whether the loop is late: %s', (_what, ticks, isLate) => {
    const { watch, tickAfter } = createWatch();
    watch.start();
    for (const seconds of ticks) tickAfter(seconds);
    expect(watch.isLate()).toBe(isLate);
  });

  it('forgets a late tick after 5 s without another', () => {
    const { watch, tickAfter, pass } = createWatch();
    watch.start();
    tickAfter(1);
    tickAfter(1);
    pass(4.5);
    expect(watch.isLate()).toBe(true);
    pass(0.5);
    expect(watch.isLate()).toBe(false);
  });

  it('ends its ticks when there is no more work, and forgets how late they were', () => {
    let isIdle = false;
    const { watch, armed, tickAfter } = createWatch(() => isIdle);
    watch.start();
    tickAfter(1);
    isIdle = true;
    tickAfter(1);
    expect([watch.isLate(), armed.length]).toEqual([false, 0]);
    isIdle = false;
    watch.start();
    tickAfter(1);
    expect([watch.isLate(), armed.length]).toEqual([false, 1]);
  });
});
