import { jtiStoreConformance } from '../../lib/testing';
import { createModelJtis, digest, listBroken, type ModelJtiParts, runSuite, turn } from './model-stores';

const broken = (breakPart?: (parts: ModelJtiParts) => Partial<ModelJtiParts>) =>
  listBroken((test) => jtiStoreConformance(test, () => createModelJtis(breakPart)));

const ROWS: [string, (parts: ModelJtiParts) => Partial<ModelJtiParts>, string[]][] = [
  [
    'looks a jti up and then saves it',
    ({ ends }) => ({
      async insert(key, expiresAt) {
        const isKnown = ends.has(key);
        await turn();
        ends.set(key, expiresAt.getTime());
        return !isKnown;
      },
    }),
    ['accepts a jti once for twenty callers at once'],
  ],
  ['takes every jti', () => ({ insert: async () => true }), ['accepts a jti once']],
  ['takes none', () => ({ insert: async () => false }), ['accepts a jti once']],
  [
    'answers OK or null',
    ({ insert }) => ({
      insert: async (key, expiresAt) => ((await insert(key, expiresAt)) ? 'OK' : null) as unknown as boolean,
    }),
    ['accepts a jti once'],
  ],
  ['forgets the key', () => ({ keyOf: ({ jti }) => digest(jti) }), ['accepts the same jti with another key']],
  [
    'glues key and jti together',
    () => ({ keyOf: ({ jkt, jti }) => digest(`${jkt}:${jti}`) }),
    ['distinguishes where the key ends and the jti begins'],
  ],
  [
    'cuts a jti at 255 characters',
    () => ({ keyOf: ({ jkt, jti }) => digest(JSON.stringify([jkt, jti.slice(0, 255)])) }),
    ['accepts any string as a jti'],
  ],
  [
    'folds letter cases',
    () => ({ keyOf: ({ jkt, jti }) => digest(JSON.stringify([jkt, jti.toLowerCase()])) }),
    ['distinguishes letter case'],
  ],
  [
    'forgets a second too early',
    ({ ends }) => ({
      async insert(key, expiresAt) {
        await turn();
        if ((ends.get(key) ?? 0) - 1000 > Date.now()) return false;
        ends.set(key, expiresAt.getTime());
        return true;
      },
    }),
    ['remembers a jti until its proof expires'],
  ],
  [
    'lets the last end count',
    ({ ends }) => ({
      async insert(key, expiresAt) {
        await turn();
        const isKnown = (ends.get(key) ?? 0) > Date.now();
        ends.set(key, expiresAt.getTime());
        return !isKnown;
      },
    }),
    ['does not forget a jti earlier when it is used again'],
  ],
  [
    'cannot count to less than nothing',
    ({ insert }) => ({
      async insert(key, expiresAt) {
        if (expiresAt.getTime() <= Date.now()) throw new RangeError('invalid expire time');
        return insert(key, expiresAt);
      },
    }),
    ['answers for a proof that has just expired'],
  ],
  [
    'forgets everything through a restart',
    ({ ends }) => ({ restart: async () => ends.clear() }),
    ['remembers a jti after a restart'],
  ],
];

describe('jtiStoreConformance', () => {
  test('passes a store that keeps every rule', async () => {
    await expect(broken()).resolves.toEqual([]);
  });

  describe('fails a store that', () => {
    let results: string[][];

    beforeAll(async () => {
      results = await Promise.all(ROWS.map(([, breakPart]) => broken(breakPart)));
    });

    test.each(ROWS.map(([name, , rules], index) => ({ name, rules, index })))('$name', ({ rules, index }) => {
      expect(results[index]).toEqual(expect.arrayContaining(rules));
    });
  });

  test('skips the rule of the restart where there is none', async () => {
    const { broken, skipped } = await runSuite((test) =>
      jtiStoreConformance(test, () => ({ stores: createModelJtis().stores }), { without: ['restart'] }),
    );
    expect([[...broken.keys()], skipped]).toEqual([[], ['remembers a jti after a restart']]);
  });
});
