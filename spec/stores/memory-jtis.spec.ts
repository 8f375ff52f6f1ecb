import fc from 'fast-check';
import { memoryJtis } from '../../lib/stores/memory';
import { travel } from '../dpop/support/clock';

afterEach(() => jest.restoreAllMocks());

const at = (ms: number) => new Date(Date.now() + ms);

describe('memoryJtis', () => {
  it('accepts a jti once for its key until its end and the margin for other clocks, then anew', () => {
    const { consumeJti } = memoryJtis();
    const jti = { jti: 'one', jkt: 'key', expiresAt: at(1000) };
    expect([consumeJti(jti), consumeJti(jti), consumeJti({ ...jti, jkt: 'other' })]).toEqual([true, false, true]);
    travel(60_900);
    expect(consumeJti(jti)).toBe(false);
    travel(61_100);
    expect(consumeJti({ ...jti, expiresAt: at(1000) })).toBe(true);
  });

  it('lets one of many callers at once pass', async () => {
    const { consumeJti } = memoryJtis();
    const jti = { jti: 'one', jkt: 'key', expiresAt: at(1000) };
    const answers = await Promise.all(Array.from({ length: 100 }, async () => consumeJti(jti)));
    expect(answers.filter((isFirst) => isFirst)).toHaveLength(1);
  });

  it('shares nothing with another one', () => {
    const jti = { jti: 'one', jkt: 'key', expiresAt: at(1000) };
    expect([memoryJtis().consumeJti(jti), memoryJtis().consumeJti(jti)]).toEqual([true, true]);
  });

  it('refuses an end that is no date, because it would never expire', () => {
    const { consumeJti } = memoryJtis();
    const jti = { jti: 'one', jkt: 'key', expiresAt: new Date(Number.NaN) };
    expect(() => consumeJti(jti)).toThrow(TypeError);
  });

  it('answers like a list that is searched from end to end', () => {
    const step = fc.record({
      jti: fc.constantFrom('a', 'b', '["a"', '', 'x'.repeat(10_000)),
      jkt: fc.constantFrom('k', 'l', '"k"'),
      life: fc.integer({ min: 0, max: 5000 }),
      pause: fc.integer({ min: 0, max: 40_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let now = 1_800_000_000_000;
        jest.restoreAllMocks();
        jest.spyOn(Date, 'now').mockImplementation(() => now);
        jest.spyOn(performance, 'now').mockImplementation(() => now);
        const { consumeJti } = memoryJtis();
        const list: { jti: string; jkt: string; end: number }[] = [];
        for (const { jti, jkt, life, pause } of steps) {
          const isUsed = list.some((used) => used.jti === jti && used.jkt === jkt && used.end > now);
          expect(consumeJti({ jti, jkt, expiresAt: new Date(now + life) })).toBe(!isUsed);
          if (!isUsed) list.push({ jti, jkt, end: now + life + 60_000 });
          now += pause;
        }
      }),
    );
  });
});
