import { jtiStoreConformance } from '../../lib/testing';
import { patternsOf } from '../../lib/testing/fixtures';
import { describeBrokenStores, listAdvice, NOTHING_WORKS } from './broken-stores';
import { BROKEN_JTIS, type BreakJtis, matching } from './faults/jtis';
import { createModelJtis, digest, listBroken, runRule, runSuite, type SuiteTest } from './model-stores';

const suiteOf = (breakPart?: BreakJtis) => (test: SuiteTest) =>
  jtiStoreConformance(test, () => createModelJtis(breakPart));

/** What each failure says: what to do, and where to read on. */
const ADVICE = {
  'accepts a jti once': [
    'One INSERT decides: return true if it wrote the row, and false if the primary key was there already. Return a boolean.',
    'dpop-proofs',
  ],
  'accepts a jti once for twenty callers at once': [
    'One INSERT decides: return true if it wrote the row, and false if the primary key was there already. Do not look first.',
    'dpop-proofs',
  ],
  'accepts the same jti with another key': ['Make jkt and jti the key together.', 'dpop-proofs'],
  'distinguishes where the key ends and the jti begins': [
    'File both under one digest of JSON.stringify([jkt, jti]), or in two columns. Do not join them with a separator.',
    'dpop-proofs',
  ],
  'accepts any string as a jti': ['File jkt and jti under a SHA-256: then any string will do.', 'dpop-proofs'],
  'distinguishes letter case': [
    'File jkt and jti under a SHA-256: collations that ignore case then do not matter.',
    'dpop-proofs',
  ],
  'distinguishes a jti from the patterns that match it': [
    'Compare jkt and jti with =, not with LIKE or a regular expression. File both under one SHA-256: then nothing in them is a pattern.',
    'dpop-proofs',
  ],
  'remembers a jti however many come after it': [
    'Delete a row once its expiresAt has passed, and never because there are many: no cache with a maximum, no list that is cut.',
    'dpop-proofs',
  ],
  'remembers a jti until its proof expires': [
    'Keep the row until after expiresAt: a time to live that is rounded down ends too early.',
    'dpop-proofs',
  ],
  'does not forget a jti earlier when it is used again': [
    'Insert only. A jti that comes again must not change the row that is there.',
    'dpop-proofs',
  ],
  'answers for a proof that has just expired': [
    'Return true or false also if expiresAt has passed: a time to live must not become negative.',
    'dpop-proofs',
  ],
  'remembers a jti after a restart': ['Return from consumeJti once the row is on disk.', 'dpop-proofs'],
};

test('Each rule of jtiStoreConformance says what to do, and where to read on', async () => {
  expect(await listAdvice((each) => jtiStoreConformance(each, () => NOTHING_WORKS))).toEqual(ADVICE);
});

describeBrokenStores(BROKEN_JTIS, suiteOf);

test.each(['', ':', ',', '.', '\n', '\0', '","', '|', '/', ' '])(
  'A store that joins key and jti with %j breaks the rule about it, and no other',
  async (between) => {
    const breakPart: BreakJtis = () => ({ keyOf: ({ jkt, jti }) => digest(`${jkt}${between}${jti}`) });
    const rule = 'distinguishes where the key ends and the jti begins';
    expect(await runRule(suiteOf(breakPart), rule)).toBe(
      `another key and another jti, though joined with ${JSON.stringify(between)}: expected true, got false`,
    );
    expect(await listBroken(suiteOf(breakPart))).toEqual([rule]);
  },
);

test.each(Object.keys(patternsOf('')))('A store that takes %s for a jti breaks the rule about that', async (name) => {
  const breakPart = matching((saved, text) => saved.length > 40 && patternsOf(saved)[name] === text);
  const rule = 'distinguishes a jti from the patterns that match it';
  expect(await runRule(suiteOf(breakPart), rule)).toBe(`consumeJti takes ${name} for a jti that was used`);
});

describe('With a clock of its own', () => {
  let instant = Date.UTC(2026, 10, 27);

  beforeEach(() => jest.spyOn(Date, 'now').mockImplementation(() => instant));
  afterEach(() => jest.restoreAllMocks());

  test.each([
    ['answers 2,000 calls in a second', 1000, 0.5],
    ['answers 500 calls in a second', 500, 2],
    ['answers 200 calls in a second', 250, 5],
    ['needs a second for each call', 250, 1000],
  ])('a store that %s must remember a jti when %i others came', async (_speed, count, milliseconds) => {
    const keys = new Set<string>();
    const breakPart: BreakJtis = ({ insert }) => ({
      async insert(key, expiresAt) {
        keys.add(key);
        instant += milliseconds;
        return insert(key, expiresAt);
      },
    });
    expect(await runRule(suiteOf(breakPart), 'remembers a jti however many come after it')).toBe('passed');
    // The two that must be remembered, and one that comes at once.
    expect(keys.size).toBe(3 + count);
  });

  test('a store that lets the last end count if it lies ahead breaks the rule about that', async () => {
    const breakPart: BreakJtis = ({ ends }) => ({
      async insert(key, expiresAt) {
        if (expiresAt.getTime() <= instant) return false;
        const isKnown = Number(ends.get(key)) > instant;
        ends.set(key, expiresAt.getTime());
        instant += 100;
        return !isKnown;
      },
    });
    expect(await runRule(suiteOf(breakPart), 'does not forget a jti earlier when it is used again')).toBe(
      'the first end counts: expected false, got true',
    );
  });
});

test('A store may refuse an empty jti, and an empty jkt', async () => {
  const breakPart: BreakJtis = ({ keyOf }) => ({
    keyOf(given) {
      if (given.jti === '' || given.jkt === '') throw new TypeError('an empty text');
      return keyOf(given);
    },
  });
  expect(await listBroken(suiteOf(breakPart))).toEqual([]);
});

describe('jtiStoreConformance', () => {
  test('passes a store that keeps every rule', async () => {
    expect(await listBroken(suiteOf())).toEqual([]);
  });

  test('passes a store that forgets a jti at the end of its proof', async () => {
    const breakPart: BreakJtis = ({ ends, insert }) => ({
      async insert(key, expiresAt) {
        if (Number(ends.get(key)) <= Date.now()) ends.delete(key);
        return insert(key, expiresAt);
      },
    });
    expect(await runRule(suiteOf(breakPart), 'remembers a jti until its proof expires')).toBe('passed');
  });

  test('skips the rule of the restart where there is none', async () => {
    const { broken, skipped } = await runSuite((test) =>
      jtiStoreConformance(test, () => ({ stores: createModelJtis().stores }), { without: ['restart'] }),
    );
    expect([[...broken.keys()], skipped]).toEqual([[], ['remembers a jti after a restart']]);
  });
});
