import { memoryStore } from '../../lib/stores/memory';
import { codeStoreConformance, refreshTokenStoreConformance } from '../../lib/testing';
import { createStandstill } from '../../lib/testing/standstill';

const OTHERS = [
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'setInterval',
  'setTimeout',
  'clearImmediate',
  'clearInterval',
  'clearTimeout',
] as const;
const freezeDate = () => jest.useFakeTimers({ doNotFake: [...OTHERS] });
const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

describe('The standstill of Date is', () => {
  it('the time since then, where Date is frozen', async () => {
    freezeDate();
    const standstill = createStandstill();
    await wait(300);
    expect(standstill()).toBeGreaterThanOrEqual(290);
  });

  it('nothing, where it goes on', async () => {
    const standstill = createStandstill();
    await wait(300);
    expect(standstill()).toBe(0);
  });

  it.each([
    [99, 0],
    [100, 100],
  ])('counted from a tenth of a second: %i ms are %i', (milliseconds, expected) => {
    jest.spyOn(Date, 'now').mockReturnValue(1000);
    const now = jest.spyOn(performance, 'now').mockReturnValue(0);
    const standstill = createStandstill();
    now.mockReturnValue(milliseconds);
    expect(standstill()).toBe(expected);
  });

  it('nothing, where it is set ahead', () => {
    freezeDate();
    const standstill = createStandstill();
    jest.setSystemTime(Date.now() + 60_000);
    expect(standstill()).toBe(0);
  });
});

it.each([
  ['says when a code was spent and by whom, or leaves both out', codeStoreConformance],
  ['says when a token was spent, and does not change that', refreshTokenStoreConformance],
])('A sound store passes the rule "%s" while Date is frozen', async (name, suite) => {
  const rules = new Map<string, () => Promise<void>>();
  suite(
    (title, body) => rules.set(title, body),
    () => ({ stores: [memoryStore()] }),
  );
  freezeDate();
  await expect(rules.get(name)?.()).resolves.toBeUndefined();
  expect(rules.has(name)).toBe(true);
});
