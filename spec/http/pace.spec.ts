import { createPace, type Pace } from '../../lib/http/pace';

/** Ends so many requests in each of some seconds, each after so many milliseconds. Returns the time then. */
function end(pace: Pace, { from = 1000, seconds = 1, perSecond = 100, tookMs = 50 } = {}): number {
  for (let second = 0; second < seconds; second += 1) {
    for (let each = 0; each < perSecond; each += 1)
      pace.ended(from + second * 1000 + (each * 1000) / perSecond, tookMs);
  }
  return from + seconds * 1000;
}

describe('Requests in flight', () => {
  it('are not congested where nothing has ended yet, however many there are', () => {
    expect(createPace().isCongested(0, 2000)).toBe(false);
  });

  it('are not congested where they end in time, however many there are', () => {
    const pace = createPace();
    const now = end(pace, { tookMs: 1500 });
    expect(pace.isCongested(now, 2000)).toBe(false);
  });

  it('are congested where they take long, and are more than end in a second and a half', () => {
    const pace = createPace();
    const now = end(pace, { from: end(pace), seconds: 3, perSecond: 200, tookMs: 2500 });
    expect([301, 300].map((inFlight) => pace.isCongested(now, inFlight))).toEqual([true, false]);
  });

  it('are never congested where there are a hundred', () => {
    const pace = createPace();
    const now = end(pace, { from: end(pace), seconds: 3, perSecond: 10, tookMs: 3000 });
    expect([101, 100].map((inFlight) => pace.isCongested(now, inFlight))).toEqual([true, false]);
  });

  it('are not congested where the adapters are as slow alone', () => {
    const pace = createPace();
    const now = end(pace, { seconds: 5, perSecond: 10, tookMs: 7000 });
    expect(pace.isCongested(now, 2000)).toBe(false);
  });

  it('are congested although the fast ones were before this half minute', () => {
    const pace = createPace();
    const now = end(pace, { from: end(pace) + 30_000, seconds: 3, tookMs: 2500 });
    expect(pace.isCongested(now, 2000)).toBe(true);
  });

  it('are not congested once only slow ones are remembered', () => {
    const pace = createPace();
    const later = end(pace, { from: end(pace) + 30_000, tookMs: 2500 });
    const now = end(pace, { from: later + 30_000, tookMs: 2500 });
    expect(pace.isCongested(now, 2000)).toBe(false);
  });

  it('are congested where none has ended lately', () => {
    const pace = createPace();
    const now = end(pace, { from: end(pace), seconds: 3, perSecond: 1000, tookMs: 2500 });
    expect([now, now + 2500].map((time) => pace.isCongested(time, 1000))).toEqual([false, true]);
  });

  it('are not congested any more once they end in time again', () => {
    const pace = createPace();
    const slow = end(pace, { from: end(pace), seconds: 3, tookMs: 2500 });
    expect(pace.isCongested(slow, 2000)).toBe(true);
    expect(pace.isCongested(end(pace, { from: slow }), 2000)).toBe(false);
  });
});
