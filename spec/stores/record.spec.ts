import fc from 'fast-check';
import { memoryStore } from '../../lib/stores/memory';
import {
  checkDuration,
  endOfFamily,
  lifetimeUntil,
  parseRecord,
  serializeRecord,
  userOf,
} from '../../lib/stores/record';

const plainData = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      'date:',
      'text:',
      'bigint:',
      'bigint:1',
      'bigint:-7',
      'bigint:a',
      'date:2026-01-01T00:00:00.000Z',
      'text:date:x',
      '__proto__',
    ),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    fc.boolean(),
    fc.bigInt(),
    fc.constant(null),
    fc.date({ noInvalidDate: true }),
    fc.array(tie('value')),
    fc.dictionary(fc.string(), tie('value')),
  ),
})).value;

test('A record comes back equal, whatever plain data and dates it holds', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), plainData), (record) => {
      const text = serializeRecord(record);
      const back = parseRecord<typeof record>(text);
      expect(serializeRecord(back)).toBe(text);
      expect({ ...back }).toEqual({ ...record });
    }),
    { numRuns: 1000 },
  );
});

test.each<[unknown]>([
  ...['bigint:', 'bigint:1', 'bigint:12', 'bigint:-7', 'bigint:-', 'bigint:a', 'bigint:1a', 'bigint:a1'].map(
    (text): [unknown] => [text],
  ),
  ...['bigint:--1', 'bigint:1.5', 'a bigint:1', 'date:', 'date:x', 'a date:', 'text:', 'text:text:', 'text:date:x'].map(
    (text): [unknown] => [text],
  ),
  ...['text:bigint:1', 'a text:', ''].map((text): [unknown] => [text]),
  ...[0n, -1n, 12_345_678_901_234_567_890n].map((number): [unknown] => [number]),
  ...[new Date(0), new Date('2199-01-01T00:00:00.001Z')].map((date): [unknown] => [date]),
  [Object.assign(Object.create(null), { a: 1 })],
])('A record comes back equal with %p', (value) => {
  expect(parseRecord(serializeRecord({ field: value, list: [value] }))).toEqual({ field: value, list: [value] });
});

test('A field that is undefined is left out, as JSON does', () => {
  expect(parseRecord(serializeRecord({ scope: undefined, clientId: 'spa' }))).toEqual({ clientId: 'spa' });
});

test.each([
  ['a function', { field: () => 1 }],
  ['a symbol', { field: Symbol('x') }],
  ['NaN', { field: Number.NaN }],
  ['infinity', { field: Number.POSITIVE_INFINITY }],
  ['an invalid date', { field: new Date(Number.NaN) }],
  ['a map', { field: new Map() }],
  ['bytes', { field: Buffer.from('x') }],
  ['an instance of a class', { field: new URL('https://app.example') }],
  ['an object that writes itself', { field: { toJSON: () => 'x' } }],
  ['such a thing in a list', { list: [{ field: new Set() }] }],
])('A record with %s is refused before it is saved', (_name, record) => {
  expect(() => serializeRecord(record)).toThrow(/^.+ in the record is .+\. Write plain data, a Date or a bigint\.$/);
});

test('A record that is no plain object is refused', () => {
  expect(() => serializeRecord(new Map())).toThrow('The record is a Map. Write plain data, a Date or a bigint.');
});

test.each([[0], [-1], [1.5], [1e14 + 1], [Number.POSITIVE_INFINITY], [Number.NaN], ['1']])(
  'A duration of %p is refused when the store is made, and not when a record is saved',
  (duration) => {
    expect(() => memoryStore({ spentLifetime: duration as number })).toThrow(
      /^memoryStore: spentLifetime is .+\. Write milliseconds, a whole number from 1 to 100000000000000\.$/,
    );
  },
);

test('A lifetime is counted from now, ends a minute after the record, and is never nothing', () => {
  const soon = lifetimeUntil(new Date(Date.now() + 10_000));
  expect(soon).toBeGreaterThan(69_000);
  expect(soon).toBeLessThanOrEqual(70_000);
  expect(lifetimeUntil(new Date(0))).toBe(60_000);
});

test.each([
  [undefined, 'undefined'],
  [null, 'null'],
  [new Date(Number.NaN), 'an invalid Date'],
  ['tomorrow', "'tomorrow'"],
])('A record whose end is %p is refused', (expiresAt, received) => {
  const error = new TypeError(`expiresAt is ${received}. Write a valid Date.`);
  expect(() => lifetimeUntil(expiresAt as Date)).toThrow(error);
});

test.each<[object, string]>([
  [{ expiresAt: undefined }, 'expiresAt is undefined. Write a valid Date.'],
  [{ expiresAt: new Date(Number.NaN) }, 'expiresAt is an invalid Date. Write a valid Date.'],
  [{ grantExpiresAt: 5 }, 'grantExpiresAt is 5. Write a valid Date.'],
  [{ grantExpiresAt: new Date(Number.NaN) }, 'grantExpiresAt is an invalid Date. Write a valid Date.'],
])('A refresh token with %p is refused by saving, and an idle end by extending', async (different, message) => {
  const { saveRefreshToken, extendRefreshToken } = memoryStore();
  const record = { clientId: 'spa', scope: null, grantId: 'a', userId: 'alice', audience: null };
  const saved = { ...record, expiresAt: new Date(), grantExpiresAt: null, ...different } as never;
  await expect(saveRefreshToken('a token', saved)).rejects.toThrow(new TypeError(`saveRefreshToken: ${message}`));
  await expect(extendRefreshToken({ tokenId: 'x' }, 5 as never)).rejects.toThrow(
    new TypeError('extendRefreshToken: expiresAt is 5. Write a valid Date.'),
  );
});

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '1000', null])('%p is no duration', (value) => {
  expect(() => checkDuration('spentLifetime', value as number)).toThrow(
    /^spentLifetime is .+\. Write milliseconds, a whole number from 1 to 100000000000000\.$/,
  );
});

test.each([1, 1e14])('%p is a duration', (value) => {
  expect(() => checkDuration('spentLifetime', value)).not.toThrow();
});

test.each<[string, object, string]>([
  ['a bigint', { userId: 7n }, '7'],
  ['a number', { userId: 0 }, '0'],
  ['a text', { userId: 'alice' }, 'alice'],
])('A user is found by %s', (_what, record, user) => {
  expect(userOf(record)).toBe(user);
});

test.each([[undefined], [null], [''], [Number.NaN], [true], [['alice']]])(
  'A record whose userId is %p has no user',
  (userId) => {
    expect(userOf({ userId })).toBeNull();
  },
);

test('A refresh token is kept until the later of the end of its family and its own', () => {
  const [sooner, later] = [new Date(1000), new Date(2000)];
  expect(endOfFamily({ expiresAt: sooner, grantExpiresAt: later })).toBe(later);
  expect(endOfFamily({ expiresAt: later, grantExpiresAt: sooner })).toBe(later);
  expect(endOfFamily({ expiresAt: sooner, grantExpiresAt: null })).toBe(sooner);
});

test('A text is saved as it is, where nothing else could be meant', () => {
  expect(serializeRecord({ userId: 'alice', plan: 'text' })).toBe('{"userId":"alice","plan":"text"}');
});

test.each([[null], [undefined]])('A refresh token whose grantExpiresAt is %p is saved', async (grantExpiresAt) => {
  const { saveRefreshToken } = memoryStore();
  const record = { clientId: 'spa', scope: null, grantId: 'a', userId: 'alice', audience: null };
  const saved = { ...record, expiresAt: new Date(), grantExpiresAt } as never;
  await expect(saveRefreshToken('a token', saved)).resolves.toEqual({ isRevoked: false });
});
