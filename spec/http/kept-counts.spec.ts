import { setTimeout as sleep } from 'node:timers/promises';
import { createKeptCounts } from '../../lib/http/kept-counts';
import type { Count } from '../../lib/http/rate-limit-store';
import { untilTrue } from '../support/until';

const gone = new Error('OOM command not allowed');
const KEY = '203.0.113.9';

/** A store that counts, and can be told to fail or to hang. */
function createStore() {
  const counts = new Map<string, number>();
  const hanging: (() => void)[] = [];
  let mode: 'works' | 'fails' | 'hangs' = 'works';
  let asked = 0;
  const count = (key: string): Count => {
    counts.set(key, (counts.get(key) ?? 0) + 1);
    return { failures: Number(counts.get(key)), resetTime: undefined };
  };
  return {
    counts,
    hanging,
    asked: () => asked,
    set: (to: typeof mode) => {
      mode = to;
    },
    async increment(key: string): Promise<Count> {
      asked += 1;
      if (mode === 'fails') throw gone;
      if (mode === 'hangs') await new Promise<void>((resolve) => hanging.push(resolve));
      return count(key);
    },
  };
}

/** The clock of the retries, ahead of the real one. */
function advance(milliseconds: number): void {
  const now = performance.now() + milliseconds;
  jest.spyOn(performance, 'now').mockReturnValue(now);
}

const refusal = { error: 'temporarily_unavailable', reason: 'rate_limit_store_failed', cause: gone };

describe('A count that the store cannot write', () => {
  afterEach(() => jest.restoreAllMocks());

  it('is kept, one number an address', async () => {
    const store = createStore();
    const kept = createKeptCounts(store.increment);
    expect(kept.checkWritable()).toBeUndefined();
    await expect(kept.write(KEY)).resolves.toMatchObject({ failures: 1 });
    expect(kept.checkWritable()).toBeUndefined();
    store.set('fails');
    for (const key of [KEY, KEY, 'another']) await expect(kept.write(key)).rejects.toBe(gone);
    expect([kept.of(KEY), kept.of('another'), kept.of('a third')]).toEqual([2, 1, 0]);
  });

  it('refuses until a write succeeds; one request a second tries, and once it succeeds the rest is written', async () => {
    const store = createStore();
    const kept = createKeptCounts(store.increment);
    store.set('fails');
    for (const key of [KEY, KEY, KEY, 'another']) await expect(kept.write(key)).rejects.toBe(gone);
    expect(store.asked()).toBe(4);

    await expect(kept.checkWritable()).rejects.toMatchObject(refusal);
    expect(store.asked()).toBe(5);
    expect(() => kept.checkWritable()).toThrow(expect.objectContaining(refusal));
    expect(store.asked()).toBe(5);

    advance(1100);
    await expect(kept.checkWritable()).rejects.toMatchObject(refusal);
    expect([store.asked(), kept.of(KEY), kept.of('another')]).toEqual([6, 3, 1]);

    store.set('works');
    advance(1100);
    await kept.checkWritable();
    expect(kept.checkWritable()).toBeUndefined();
    await untilTrue(() => kept.of(KEY) + kept.of('another') === 0);
    expect(Object.fromEntries(store.counts)).toEqual({ [KEY]: 3, another: 1 });
  });

  it('is written as soon as another write succeeds', async () => {
    const store = createStore();
    const kept = createKeptCounts(store.increment);
    store.set('fails');
    await expect(kept.write(KEY)).rejects.toBe(gone);
    store.set('works');
    await kept.write('another');
    expect(kept.checkWritable()).toBeUndefined();
    await untilTrue(() => store.counts.get(KEY) === 1);
    expect(kept.of(KEY)).toBe(0);
  });

  it('is kept again where the store fails while the rest is written', async () => {
    let asked = 0;
    const kept = createKeptCounts(async () => {
      asked += 1;
      if (asked === 3) return { failures: 1, resetTime: undefined };
      throw gone;
    });
    for (const key of [KEY, 'another']) await expect(kept.write(key)).rejects.toBe(gone);
    await kept.checkWritable();
    await untilTrue(() => asked === 4);
    await sleep(0);
    expect(kept.of(KEY) + kept.of('another')).toBe(1);
    expect(() => kept.checkWritable()).toThrow(expect.objectContaining(refusal));
  });

  it('is none where the write takes a while', async () => {
    const kept = createKeptCounts(() => sleep(100, { failures: 1, resetTime: undefined }));
    await expect(kept.write(KEY)).resolves.toMatchObject({ failures: 1 });
    expect(kept.of(KEY)).toBe(0);
  });

  it('is written after a second outage as well', async () => {
    const store = createStore();
    const kept = createKeptCounts(store.increment);
    for (const outage of [1, 2]) {
      store.set('fails');
      for (const key of [KEY, KEY]) await expect(kept.write(key)).rejects.toBe(gone);
      store.set('works');
      await kept.write('another');
      await untilTrue(() => store.counts.get(KEY) === 2 * outage);
      expect(kept.of(KEY)).toBe(0);
    }
  });

  it('is written by one write at a time, whoever succeeds meanwhile', async () => {
    let running = 0;
    let most = 0;
    let isBroken = true;
    const kept = createKeptCounts(async (key) => {
      if (isBroken) throw gone;
      if (key === 'another') return { failures: 1, resetTime: undefined };
      running += 1;
      most = Math.max(most, running);
      await sleep(10);
      running -= 1;
      return { failures: 1, resetTime: undefined };
    });
    for (const key of [KEY, KEY, 'a third']) await expect(kept.write(key)).rejects.toBe(gone);
    isBroken = false;
    for (let each = 0; each < 3; each += 1) await kept.write('another');
    await untilTrue(() => kept.of(KEY) + kept.of('a third') === 0);
    expect(most).toBe(1);
  });

  it('is tried again a second later, and no sooner', async () => {
    const store = createStore();
    const kept = createKeptCounts(store.increment);
    store.set('fails');
    const clock = jest.spyOn(performance, 'now').mockReturnValue(5000);
    await expect(kept.write(KEY)).rejects.toBe(gone);
    await expect(kept.checkWritable()).rejects.toMatchObject(refusal);
    clock.mockReturnValue(5999);
    expect(() => kept.checkWritable()).toThrow(expect.objectContaining(refusal));
    clock.mockReturnValue(6000);
    await expect(kept.checkWritable()).rejects.toMatchObject(refusal);
    expect(store.asked()).toBe(3);
  });

  it('counts once where it is pending for 4 s and written then', async () => {
    const store = createStore();
    const kept = createKeptCounts(store.increment);
    store.set('hangs');
    const writing = kept.write(KEY);
    const failed = expect(writing).rejects.toThrow('did not write a count within 4000 ms');
    advance(4100);
    await failed;
    expect(kept.of(KEY)).toBe(1);
    store.hanging[0]?.();
    await untilTrue(() => kept.of(KEY) === 0);
    expect(kept.checkWritable()).toBeUndefined();
    await sleep(20);
    expect(store.counts.get(KEY)).toBe(1);
  });

  it('that hangs may be written yet: nobody repeats it for a minute, and it is not taken back twice', async () => {
    const store = createStore();
    const kept = createKeptCounts(store.increment);
    store.set('hangs');
    const clock = jest.spyOn(performance, 'now').mockReturnValue(1000);
    const failed = expect(kept.write(KEY)).rejects.toThrow('4000 ms');
    clock.mockReturnValue(5100);
    await failed;
    store.set('works');
    clock.mockReturnValue(65_099);
    expect(() => kept.checkWritable()).toThrow(expect.objectContaining({ reason: 'rate_limit_store_failed' }));
    expect(store.asked()).toBe(1);
    clock.mockReturnValue(65_100);
    await kept.checkWritable();
    expect([store.counts.get(KEY), kept.of(KEY)]).toEqual([1, 0]);
    store.hanging[0]?.();
    await untilTrue(() => store.counts.get(KEY) === 2);
    expect(kept.of(KEY)).toBe(0);
  });

  it('is tried by nobody else while the one that tries hangs', async () => {
    const store = createStore();
    const kept = createKeptCounts(store.increment);
    store.set('fails');
    await expect(kept.write(KEY)).rejects.toBe(gone);
    store.set('hangs');
    const trying = kept.checkWritable();
    advance(1100);
    expect(() => kept.checkWritable()).toThrow(expect.objectContaining({ reason: 'rate_limit_store_failed' }));
    store.hanging[0]?.();
    await trying;
    expect([store.counts.get(KEY), kept.of(KEY)]).toEqual([1, 0]);
  });

  it('is kept for at most 10,000 addresses', async () => {
    const store = createStore();
    const kept = createKeptCounts(store.increment);
    store.set('fails');
    await Promise.allSettled(Array.from({ length: 10_001 }, (_, index) => kept.write(String(index))));
    await expect(kept.write('0')).rejects.toBe(gone);
    expect([kept.of('0'), kept.of('9999'), kept.of('10000')]).toEqual([2, 1, 0]);
  });
});
