import fc from 'fast-check';
import { createExpiringMap } from '../../lib/stores/expiring-map';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const wait = (milliseconds: number) => jest.advanceTimersByTime(milliseconds);

describe('An expiring map', () => {
  it('finds an entry to its last millisecond, and not at its end', () => {
    const map = createExpiringMap<string>();
    map.add('a', 'value', 1500);
    wait(1499);
    expect(map.get('a')).toBe('value');
    wait(1);
    expect(map.get('a')).toBeUndefined();
  });

  it('adds nothing over an entry that lives', () => {
    const map = createExpiringMap<string>();
    expect(map.add('a', 'first', 1000)).toBe(true);
    expect(map.add('a', 'second', 1000)).toBe(false);
    expect(map.get('a')).toBe('first');
  });

  it('adds over an entry that is over and has not left yet, and keeps the new one to its own end', () => {
    const map = createExpiringMap<string>();
    map.add('a', 'first', 100);
    wait(200);
    expect(map.size()).toBe(1);
    expect(map.add('a', 'second', 5000)).toBe(true);
    wait(4900);
    expect(map.get('a')).toBe('second');
    wait(2000);
    expect([map.get('a'), map.size()]).toEqual([undefined, 0]);
  });

  it('lets an entry end later, and never earlier', () => {
    const map = createExpiringMap<string>();
    map.add('a', 'value', 5000);
    map.extend('a', 1000);
    wait(3000);
    expect(map.get('a')).toBe('value');
    map.extend('a', 10_000);
    wait(9999);
    expect(map.get('a')).toBe('value');
    wait(1);
    expect(map.get('a')).toBeUndefined();
  });

  it('returns nothing that has expired', () => {
    const map = createExpiringMap<string>();
    map.add('a', 'value', 100);
    wait(100);
    map.extend('a', 10_000);
    expect(map.get('a')).toBeUndefined();
  });

  it('removes an entry that had expired when it was added', () => {
    const map = createExpiringMap<string>();
    map.add('a', 'value', 0);
    map.add('b', 'value', -60_000);
    expect(map.get('a')).toBeUndefined();
    wait(2000);
    expect([map.get('b'), map.size()]).toEqual([undefined, 0]);
  });

  it('removes an entry at its end, where that is the end of a batch', () => {
    const map = createExpiringMap<string>();
    map.add('a', 'value', 2000 - (performance.now() % 1000));
    wait(2000 - (performance.now() % 1000));
    expect([map.get('a'), map.size()]).toEqual([undefined, 0]);
  });

  it('removes what has expired when it is swept, and nothing else', () => {
    const map = createExpiringMap<string>();
    map.add('a', 'value', 1000);
    map.add('b', 'value', 60_000);
    wait(3000);
    expect(map.size()).toBe(2);
    map.sweep();
    expect([map.size(), map.get('b')]).toEqual([1, 'value']);
  });

  it('keeps no timer', () => {
    createExpiringMap<string>().add('a', 'value', 1000);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('ignores jumps of the system time', () => {
    const map = createExpiringMap<string>();
    map.add('a', 'value', 5000);
    jest.setSystemTime(Date.now() + 3_600_000);
    expect(map.get('a')).toBe('value');
    jest.setSystemTime(Date.now() - 7_200_000);
    wait(5000);
    expect(map.get('a')).toBeUndefined();
  });

  it('is as fast after a pause of a thousand years', () => {
    const map = createExpiringMap<string>();
    map.add('a', 'value', 1500);
    map.add('b', 'value', 1000 * 365 * 86_400_000 + 1000);
    // A step a second would take minutes.
    wait(1000 * 365 * 86_400_000);
    expect([map.get('a'), map.get('b'), map.size()]).toEqual([undefined, 'value', 1]);
    wait(2000);
    expect([map.get('b'), map.size()]).toEqual([undefined, 0]);
  });

  it('holds the same as a plain list, for at most a second longer', () => {
    const key = fc.constantFrom('a', 'b', 'c', '__proto__');
    const step = fc.record({
      act: fc.constantFrom('add', 'extend', 'get'),
      key,
      lifetime: fc.integer({ min: -1000, max: 6000 }),
      pause: fc.integer({ min: 0, max: 2500 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const map = createExpiringMap<number>();
        const ends = new Map<string, number>();
        // What comes too late to live waits for its batch as well, counted from when it came.
        const leaves = new Map<string, number>();
        for (const [nth, { act, key: name, lifetime, pause }] of steps.entries()) {
          wait(pause);
          const now = performance.now();
          const end = ends.get(name) ?? Number.NEGATIVE_INFINITY;
          const lives = end > now;
          if (act === 'add') expect(map.add(name, nth, lifetime)).toBe(!lives);
          if (act === 'add' && !lives) ends.set(name, now + lifetime);
          if (act === 'extend') map.extend(name, lifetime);
          if (act === 'extend' && lives) ends.set(name, Math.max(end, now + lifetime));
          if (ends.has(name))
            leaves.set(name, Math.max(ends.get(name) ?? now, act === 'add' && !lives ? now : (leaves.get(name) ?? 0)));
          expect(map.get(name) !== undefined).toBe((ends.get(name) ?? Number.NEGATIVE_INFINITY) > now);
          const recent = [...leaves.values()].filter((each) => each >= now - 1000).length;
          expect(map.size()).toBeLessThanOrEqual(recent);
        }
      }),
    );
  });
});
