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

  it('forgives one long block', async () => {
    const watch = createEventLoopWatch(() => false);
    watch.start();
    await new Promise(setImmediate);
    block(1.5);
    await new Promise(setImmediate);
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
