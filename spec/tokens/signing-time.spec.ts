import { createSigningTime } from '../../lib/tokens/signing-time';

/** A clock that stands still but for what a spec says: timers of other files read the real one. */
function stopClock() {
  let clock = 1000;
  jest.spyOn(performance, 'now').mockImplementation(() => clock);
  return {
    advance(ms: number) {
      clock += ms;
    },
  };
}

/** A signature that is made when the spec says so. */
function createSignature() {
  let resolve = (_signature: string) => {};
  let reject = (_thrown: Error) => {};
  const promise = new Promise<string>((made, failed) => {
    resolve = made;
    reject = failed;
  });
  return { sign: () => promise, make: () => resolve('a signature'), fail: () => reject(new Error('no signature')) };
}

const never = () => new Promise<never>(() => {});

afterEach(() => jest.restoreAllMocks());

describe('The time that signatures take', () => {
  it('is what was guessed until one is measured, and goes slowly up and quickly down', async () => {
    const clock = stopClock();
    const { expectedMs, measure } = createSigningTime(4);
    expect(expectedMs()).toBe(4);
    const take = async (ms: number) => {
      await measure(async () => clock.advance(ms));
      return expectedMs();
    };
    expect(await take(101)).toBeCloseTo(33.1);
    expect(await take(1)).toBeCloseTo(17.05);
  });

  it('is as long at least as one has been waited for', async () => {
    const clock = stopClock();
    const { expectedMs, measure } = createSigningTime(4);
    const signature = createSignature();
    const made = measure(signature.sign);
    clock.advance(3);
    expect(expectedMs()).toBe(4);
    clock.advance(297);
    expect(expectedMs()).toBe(300);
    signature.make();
    expect(await made).toBe('a signature');
    expect(expectedMs()).toBeCloseTo(92.8);
  });

  it('is not told by one that hangs, once another that was begun later is made', async () => {
    const clock = stopClock();
    const { expectedMs, measure } = createSigningTime(4);
    void measure(never);
    clock.advance(10_000);
    expect(expectedMs()).toBe(10_000);
    await measure(async () => clock.advance(4));
    expect(expectedMs()).toBe(4);
    void measure(never);
    clock.advance(50);
    expect(expectedMs()).toBe(50);
  });

  it('is told by one that hangs, where another of the same moment is made', async () => {
    const clock = stopClock();
    const { expectedMs, measure } = createSigningTime(4);
    const made = createSignature();
    void measure(never);
    const measured = measure(made.sign);
    clock.advance(4);
    made.make();
    await measured;
    clock.advance(96);
    expect(expectedMs()).toBe(4);
  });

  it('is told by one that was begun later than one that is made', async () => {
    const clock = stopClock();
    const { expectedMs, measure } = createSigningTime(4);
    const first = createSignature();
    const made = measure(first.sign);
    clock.advance(10);
    void measure(never);
    clock.advance(90);
    first.make();
    await made;
    expect(expectedMs()).toBe(90);
  });

  it('is not learnt from one that fails, which is waited for no more', async () => {
    const clock = stopClock();
    const { expectedMs, measure } = createSigningTime(4);
    const signature = createSignature();
    const failed = measure(signature.sign);
    clock.advance(5000);
    signature.fail();
    await expect(failed).rejects.toThrow('no signature');
    expect(expectedMs()).toBe(4);
  });

  it('is found out in bounded memory, however many hang', () => {
    const clock = stopClock();
    const { expectedMs, measure } = createSigningTime(4);
    for (let count = 0; count < 200; count += 1) {
      void measure(never);
      clock.advance(10);
    }
    // Of the 200 the last 100 are known.
    expect(expectedMs()).toBe(1000);
  });

  it('is tried out once a second at most, and a trial that fails is told to nobody', () => {
    const clock = stopClock();
    const { tryOut } = createSigningTime(4);
    const trial = jest.fn(() => Promise.reject(new Error('no signature')));
    tryOut(trial);
    clock.advance(999);
    tryOut(trial);
    expect(trial).toHaveBeenCalledTimes(1);
    clock.advance(1);
    tryOut(trial);
    expect(trial).toHaveBeenCalledTimes(2);
  });

  it('is one interval after the other while several are made, whatever each of them took', async () => {
    const clock = stopClock();
    const { intervalMs, measure } = createSigningTime(4);
    expect(intervalMs()).toBe(4);
    // Eight at once on threads: two of them end every 2 ms, in one turn of the event loop.
    for (let round = 0; round < 60; round += 1) {
      const signatures = Array.from({ length: 8 }, createSignature);
      const made = signatures.map(({ sign }) => measure(sign));
      for (let index = 0; index < 8; index += 2) {
        clock.advance(2);
        for (const signature of signatures.slice(index, index + 2)) signature.make();
        await Promise.all(made.slice(index, index + 2));
      }
    }
    expect(intervalMs()).toBeGreaterThan(0.9);
    expect(intervalMs()).toBeLessThan(1.1);
  });

  it('does not count as an interval what passes while none is made', async () => {
    const clock = stopClock();
    const { intervalMs, measure } = createSigningTime(4);
    for (let count = 0; count < 10; count += 1) {
      clock.advance(10_000);
      await measure(async () => clock.advance(4));
    }
    expect(intervalMs()).toBeCloseTo(4);
  });

  it('has intervals whose mean the newest one changes most, and one of ten times the mean at most', async () => {
    const clock = stopClock();
    const { intervalMs, measure } = createSigningTime(4);
    const meanAfter = async (ms: number) => {
      await measure(async () => clock.advance(ms));
      return intervalMs();
    };
    // The guess weighs 0.97 beside the first measurement: 4 + (8 - 4) / 1.97.
    expect(await meanAfter(8)).toBeCloseTo(6.0305, 3);
    // 10 times 6.0305 counts: 6.0305 + (60.305 - 6.0305) / (0.97 * 1.97 + 1).
    expect(await meanAfter(100)).toBeCloseTo(24.6756, 3);
  });

  it('has intervals that grow by no more than a third with each signature, after a machine that slept', async () => {
    const clock = stopClock();
    const { intervalMs, measure } = createSigningTime(4);
    for (let count = 0; count < 200; count += 1) await measure(async () => clock.advance(4));
    await measure(async () => clock.advance(3_600_000));
    expect(intervalMs()).toBeGreaterThan(4);
    expect(intervalMs()).toBeLessThan(5.3);
  });
});
