import type { DpopJti } from '../../../lib/types';
import { type BrokenStore, isLike } from '../broken-stores';
import { digest, type ModelJtiParts, turn } from '../model-stores';

export type BreakJtis = (parts: ModelJtiParts) => Partial<ModelJtiParts>;
const changing =
  (change: (jti: string) => string): BreakJtis =>
  () => ({ keyOf: ({ jkt, jti }) => digest(JSON.stringify([jkt, change(jti)])) });

/** A store that takes a jti or a key for one that it knows. */
export const matching =
  (isMatch: (saved: string, text: string) => boolean): BreakJtis =>
  () => {
    const known: DpopJti[] = [];
    const isSame = (saved: string, text: string) => saved === text || isMatch(saved, text);
    return {
      wrap: () => ({
        async consumeJti(given) {
          await turn();
          if (known.some(({ jkt, jti }) => isSame(jkt, given.jkt) && isSame(jti, given.jti))) return false;
          known.push(given);
          return true;
        },
      }),
    };
  };

/** A store that keeps so many, for one key or for all. */
const keeping =
  (most: number, groupOf: (jti: DpopJti) => string): BreakJtis =>
  () => {
    const groups = new Map<string, string[]>();
    return {
      wrap: () => ({
        async consumeJti(given) {
          await turn();
          const kept = groups.get(groupOf(given)) ?? [];
          const key = JSON.stringify([given.jkt, given.jti]);
          if (kept.includes(key)) return false;
          groups.set(groupOf(given), [...kept, key].slice(-most));
          return true;
        },
      }),
    };
  };

/** A store that keeps the keys that were used last, each with all of its jtis. */
const keepingKeys =
  (most: number): BreakJtis =>
  () => {
    let keys = new Map<string, Set<string>>();
    return {
      wrap: () => ({
        async consumeJti({ jkt, jti }) {
          await turn();
          const jtis = keys.get(jkt) ?? new Set();
          const isKnown = jtis.has(jti);
          keys.delete(jkt);
          keys.set(jkt, jtis.add(jti));
          keys = new Map([...keys].slice(-most));
          return !isKnown;
        },
      }),
    };
  };

export const BROKEN_JTIS: readonly BrokenStore<BreakJtis>[] = [
  [
    'compares with LIKE',
    matching(isLike),
    { 'distinguishes a jti from the patterns that match it': 'consumeJti takes a % alone for a jti that was used' },
  ],
  [
    'takes what it has for the pattern',
    matching((saved, text) => isLike(text, saved)),
    {
      'distinguishes a jti from the patterns that match it':
        'consumeJti takes an asterisk alone for a jti that was used',
    },
  ],
  [
    'keeps the last jti',
    keeping(1, () => ''),
    {
      'remembers a jti however many come after it':
        'a used jti is refused after another one came: expected false, got true',
    },
  ],
  [
    'keeps the last jti of each key',
    keeping(1, ({ jkt }) => jkt),
    {
      'remembers a jti however many come after it':
        'a used jti is refused after another one came: expected false, got true',
    },
  ],
  [
    'keeps the last hundred',
    keeping(100, () => ''),
    {
      'remembers a jti however many come after it':
        'a used jti is refused after hundreds of others came: expected false, got true',
    },
  ],
  [
    'keeps the last hundred of each key',
    keeping(100, ({ jkt }) => jkt),
    {
      'remembers a jti however many come after it':
        'a used jti is refused after hundreds of others came: expected false, got true',
    },
  ],
  [
    'keeps the hundred keys that were used last',
    keepingKeys(100),
    {
      'remembers a jti however many come after it':
        'a used jti is refused after hundreds of other keys came: expected false, got true',
    },
  ],
  [
    'throws for a jti that was used',
    ({ insert }) => ({
      async insert(key, expiresAt) {
        if (await insert(key, expiresAt)) return true;
        throw new Error('duplicate key');
      },
    }),
    {
      'accepts a jti once':
        'consumeJti threw: duplicate key\nFor a jti that was used, return false. Throw only if the database fails.',
      'accepts a jti once for twenty callers at once':
        'consumeJti threw: duplicate key\nFor a jti that was used, return false. Throw only if the database fails.',
      'accepts any string as a jti':
        'consumeJti threw: duplicate key\nFor a jti that was used, return false. Throw only if the database fails.',
      'remembers a jti however many come after it':
        'consumeJti threw: duplicate key\nFor a jti that was used, return false. Throw only if the database fails.',
      'remembers a jti until its proof expires':
        'consumeJti threw: duplicate key\nFor a jti that was used, return false. Throw only if the database fails.',
      'does not forget a jti earlier when it is used again':
        'consumeJti threw: duplicate key\nFor a jti that was used, return false. Throw only if the database fails.',
      'remembers a jti after a restart':
        'consumeJti threw: duplicate key\nFor a jti that was used, return false. Throw only if the database fails.',
    },
  ],
  [
    'takes every jti',
    () => ({ insert: async () => true }),
    {
      'accepts a jti once': 'the second does not: expected false, got true',
      'accepts a jti once for twenty callers at once': 'the number of calls that were told true: expected 1, got 20',
      'accepts any string as a jti': 'a NUL: expected false, got true',
      'remembers a jti however many come after it':
        'a used jti is refused after another one came: expected false, got true',
      'remembers a jti until its proof expires': 'the proof could still pass: expected false, got true',
      'does not forget a jti earlier when it is used again':
        'it was used, whatever its end is now: expected false, got true',
      'remembers a jti after a restart': 'the proof could still pass: expected false, got true',
    },
  ],
  [
    'takes none',
    () => ({ insert: async () => false }),
    {
      'accepts a jti once': 'the first use passes: expected true, got false',
      'accepts a jti once for twenty callers at once': 'the number of calls that were told true: expected 1, got 0',
      'accepts the same jti with another key': 'a jti is unique for its key only: expected true, got false',
      'distinguishes where the key ends and the jti begins':
        'another key and another jti, though joined with "": expected true, got false',
      'accepts any string as a jti': 'a NUL: expected true, got false',
      'distinguishes letter case': 'another letter case is another jti: expected true, got false',
      'distinguishes a jti from the patterns that match it': 'consumeJti takes a % alone for a jti that was used',
      'remembers a jti however many come after it': 'another jti passes: expected true, got false',
    },
  ],
  [
    'takes a jti twice',
    ({ insert }) => {
      const seen = new Map<string, number>();
      return {
        async insert(key, expiresAt) {
          seen.set(key, (seen.get(key) ?? 0) + 1);
          return (await insert(key, expiresAt)) || seen.get(key) === 3;
        },
      };
    },
    {
      'accepts a jti once': 'nor the third: expected false, got true',
      'remembers a jti however many come after it':
        'a used jti is refused after hundreds of others came: expected false, got true',
      'does not forget a jti earlier when it is used again': 'the first end counts: expected false, got true',
    },
  ],
  [
    'takes a jti in every other call',
    () => {
      const seen = new Map<string, number>();
      return {
        async insert(key) {
          await turn();
          seen.set(key, (seen.get(key) ?? 0) + 1);
          return Number(seen.get(key)) % 2 === 1;
        },
      };
    },
    {
      'accepts a jti once': 'nor the third: expected false, got true',
      'accepts a jti once for twenty callers at once': 'the number of calls that were told true: expected 1, got 10',
      'remembers a jti however many come after it':
        'a used jti is refused after hundreds of others came: expected false, got true',
      'does not forget a jti earlier when it is used again': 'the first end counts: expected false, got true',
    },
  ],
  [
    'answers OK or null',
    ({ insert }) => ({ insert: async (key, expiresAt) => ((await insert(key, expiresAt)) ? 'OK' : null) as never }),
    {
      'accepts a jti once': "the first use passes: expected true, got 'OK'",
      'accepts a jti once for twenty callers at once':
        "consuming answers true or false: expected 'boolean', got 'string'",
      'accepts the same jti with another key': "a jti is unique for its key only: expected true, got 'OK'",
      'distinguishes where the key ends and the jti begins':
        'another key and another jti, though joined with "": expected true, got \'OK\'',
      'accepts any string as a jti': "a NUL: expected true, got 'OK'",
      'distinguishes letter case': "another letter case is another jti: expected true, got 'OK'",
      'remembers a jti however many come after it': "another jti passes: expected true, got 'OK'",
      'remembers a jti until its proof expires': 'the proof could still pass: expected false, got null',
      'does not forget a jti earlier when it is used again':
        'it was used, whatever its end is now: expected false, got null',
      'answers for a proof that has just expired': "true or false, and no error: expected 'boolean', got 'string'",
      'remembers a jti after a restart': 'the proof could still pass: expected false, got null',
    },
  ],
  [
    'answers nothing for a jti that is known',
    ({ insert }) => ({ insert: async (key, expiresAt) => (await insert(key, expiresAt)) || (undefined as never) }),
    {
      'accepts a jti once': 'the second does not: expected false, got undefined',
      'accepts a jti once for twenty callers at once':
        "consuming answers true or false: expected 'boolean', got 'undefined'",
      'accepts any string as a jti': 'a NUL: expected false, got undefined',
      'remembers a jti however many come after it':
        'a used jti is refused after another one came: expected false, got undefined',
      'remembers a jti until its proof expires': 'the proof could still pass: expected false, got undefined',
      'does not forget a jti earlier when it is used again':
        'it was used, whatever its end is now: expected false, got undefined',
      'remembers a jti after a restart': 'the proof could still pass: expected false, got undefined',
    },
  ],
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
    { 'accepts a jti once for twenty callers at once': 'the number of calls that were told true: expected 1, got 20' },
  ],
  [
    'loses a race now and then',
    ({ insert }) => {
      let calls = 0;
      return {
        async insert(key, expiresAt) {
          calls += 1;
          const isLost = calls === 57;
          return (await insert(key, expiresAt)) || isLost;
        },
      };
    },
    { 'accepts a jti once for twenty callers at once': 'the number of calls that were told true: expected 1, got 2' },
  ],
  [
    'forgets the key',
    () => ({ keyOf: ({ jti }) => digest(jti) }),
    {
      'accepts the same jti with another key': 'a jti is unique for its key only: expected true, got false',
      'distinguishes a jti from the patterns that match it': 'consumeJti takes a % alone for a jkt that was used',
    },
  ],
  [
    'forgets the jti',
    () => ({ keyOf: ({ jkt }) => digest(jkt) }),
    {
      'accepts the same jti with another key': 'a key has many of them: expected true, got false',
      'accepts any string as a jti': 'a NUL, and one character more: expected true, got false',
      'distinguishes letter case': 'another letter case is another jti: expected true, got false',
      'distinguishes a jti from the patterns that match it': 'consumeJti takes a % alone for a jti that was used',
      'remembers a jti however many come after it': 'another jti passes: expected true, got false',
    },
  ],
  [
    'cuts a jti at 255 characters',
    changing((jti) => jti.slice(0, 255)),
    { 'accepts any string as a jti': 'four kilobytes, and one character more: expected true, got false' },
  ],
  [
    'cuts a jti at a NUL',
    changing((jti) => String(jti.split('\0')[0])),
    { 'accepts any string as a jti': 'a NUL, and one character more: expected true, got false' },
  ],
  [
    'fails for a NUL',
    changing((jti) => {
      if (jti.includes('\0')) throw new Error('invalid byte sequence');
      return jti;
    }),
    {
      'distinguishes where the key ends and the jti begins':
        'consumeJti threw: invalid byte sequence\nFor a jti that was used, return false. Throw only if the database fails.',
      'accepts any string as a jti':
        'consumeJti threw: invalid byte sequence\nFor a jti that was used, return false. Throw only if the database fails.',
    },
  ],
  [
    'forgets a number',
    ({ insert }) => ({
      insert,
      wrap: (store) => ({ consumeJti: async (jti) => (await store.consumeJti(jti)) || jti.jti === '0123' }),
    }),
    { 'accepts any string as a jti': 'a number: expected false, got true' },
  ],
  [
    'refuses a word for nothing',
    ({ insert }) => ({
      insert,
      wrap: (store) => ({ consumeJti: async (jti) => (await store.consumeJti(jti)) && jti.jti !== 'null' }),
    }),
    { 'accepts any string as a jti': 'a word for nothing: expected true, got false' },
  ],
  [
    'folds letter cases',
    changing((jti) => jti.toLowerCase()),
    { 'distinguishes letter case': 'another letter case is another jti: expected true, got false' },
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
    { 'remembers a jti until its proof expires': 'the proof could still pass: expected false, got true' },
    'and others',
  ],
  [
    'takes the end for a part of the key',
    ({ insert }) => ({ insert: (key, expiresAt) => insert(`${key} ${expiresAt.getTime()}`, expiresAt) }),
    {
      'does not forget a jti earlier when it is used again':
        'it was used, whatever its end is now: expected false, got true',
    },
    'and others',
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
    { 'does not forget a jti earlier when it is used again': 'the first end counts: expected false, got true' },
    'and others',
  ],
  [
    'cannot count to less than nothing',
    ({ insert }) => ({
      async insert(key, expiresAt) {
        if (expiresAt.getTime() <= Date.now()) throw new RangeError('invalid expire time');
        return insert(key, expiresAt);
      },
    }),
    {
      'answers for a proof that has just expired':
        'consumeJti threw: invalid expire time\nFor a jti that was used, return false. Throw only if the database fails.',
    },
    'and others',
  ],
  [
    'answers nothing for a proof that has expired',
    ({ insert }) => ({
      async insert(key, expiresAt) {
        return expiresAt.getTime() <= Date.now() ? (undefined as never) : insert(key, expiresAt);
      },
    }),
    { 'answers for a proof that has just expired': "true or false, and no error: expected 'boolean', got 'undefined'" },
    'and others',
  ],
  [
    'forgets everything through a restart',
    ({ ends }) => ({ restart: async () => ends.clear() }),
    { 'remembers a jti after a restart': 'the proof could still pass: expected false, got true' },
  ],
];
