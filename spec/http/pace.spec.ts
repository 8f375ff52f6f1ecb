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

  /** A pace whose requests took so long, the last half of a minute included. */
  const paceOf = (...tookMs: readonly number[]) => {
    const pace = createPace();
    for (const each of tookMs) pace.ended(1000, each);
    return pace;
  };

  // The average moves by a fifth of the difference each time, from 0.
  it('are congested where the average is above 1.5 s, and not at it', () => {
    expect(paceOf(0, 7500).isCongested(1500, 2000)).toBe(false);
    expect(paceOf(0, 7501).isCongested(1500, 2000)).toBe(true);
    expect(paceOf(0, 500, 500).isCongested(1500, 2000)).toBe(false);
  });

  it('are congested where the average is above three times the fastest, and not at it', () => {
    expect(paceOf(1000, 14_200).isCongested(1500, 2000)).toBe(false);
    expect(paceOf(1000, 14_201).isCongested(1500, 2000)).toBe(true);
  });

  it('are measured by the seconds in which they ended: this one, and the one before', () => {
    const pace = paceOf(10);
    for (let each = 0; each < 400; each += 1) pace.ended(2000 + each, 2500);
    expect([601, 600].map((inFlight) => pace.isCongested(2900, inFlight))).toEqual([true, false]);
    // A second later they are those of the second before, and two seconds later of none.
    expect([601, 600].map((inFlight) => pace.isCongested(3999, inFlight))).toEqual([true, false]);
    expect(pace.isCongested(6000, 101)).toBe(true);
    const another = paceOf(10);
    for (let each = 0; each < 400; each += 1) another.ended(2000, 2500);
    expect(another.isCongested(4000, 101)).toBe(true);
  });

  it('are fast for half a minute from the first one, and for another', () => {
    const pace = paceOf(10);
    for (const now of [30_000, 60_000]) for (let each = 0; each < 40; each += 1) pace.ended(now, 2500);
    expect(pace.isCongested(60_000, 2000)).toBe(false);
  });

  it('are fast by the fastest of the last half minute, and of the one before', () => {
    const slow = (pace: Pace, from: number) => {
      for (let each = 0; each < 40; each += 1) pace.ended(from, 2500);
    };
    const pace = createPace();
    pace.ended(30_000, 10);
    slow(pace, 59_999);
    expect(pace.isCongested(59_999, 2000)).toBe(true);
    slow(pace, 60_000);
    expect(pace.isCongested(89_999, 2000)).toBe(true);
    slow(pace, 90_000);
    expect(pace.isCongested(90_000, 2000)).toBe(false);
  });
});
