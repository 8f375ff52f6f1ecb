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
    ['takes a jti once for twenty callers at once'],
  ],
  ['takes every jti', () => ({ insert: async () => true }), ['takes a jti once']],
  ['takes none', () => ({ insert: async () => false }), ['takes a jti once']],
  [
    'answers OK or null',
    ({ insert }) => ({
      insert: async (key, expiresAt) => ((await insert(key, expiresAt)) ? 'OK' : null) as unknown as boolean,
    }),
    ['takes a jti once'],
  ],
  ['forgets the key', () => ({ keyOf: ({ jti }) => digest(jti) }), ['takes the same jti of another key']],
  [
    'glues key and jti together',
    () => ({ keyOf: ({ jkt, jti }) => digest(`${jkt}:${jti}`) }),
    ['tells apart where the key ends and the jti begins'],
  ],
  [
    'cuts a jti at 255 characters',
    () => ({ keyOf: ({ jkt, jti }) => digest(JSON.stringify([jkt, jti.slice(0, 255)])) }),
    ['takes any string for a jti'],
  ],
  [
    'folds letter cases',
    () => ({ keyOf: ({ jkt, jti }) => digest(JSON.stringify([jkt, jti.toLowerCase()])) }),
    ['tells apart letter cases'],
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
    ['remembers a jti to the last moment of its proof'],
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
    ['does not shorten its memory when a jti comes again'],
  ],
  [
    'cannot count to less than nothing',
    ({ insert }) => ({
      async insert(key, expiresAt) {
        if (expiresAt.getTime() <= Date.now()) throw new RangeError('invalid expire time');
        return insert(key, expiresAt);
      },
    }),
    ['answers a proof that has just ended'],
  ],
  [
    'forgets everything through a restart',
    ({ ends }) => ({ restart: async () => ends.clear() }),
    ['remembers a jti through a restart'],
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
    expect([[...broken.keys()], skipped]).toEqual([[], ['remembers a jti through a restart']]);
  });
});
