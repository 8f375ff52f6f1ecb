import fc from 'fast-check';
import { memoryStore } from '../../lib/stores/memory';
import { checkDuration, lifetimeUntil, parseRecord, serializeRecord } from '../../lib/stores/record';

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

test('A record without an end is refused', () => {
  for (const expiresAt of [undefined, null, new Date(Number.NaN), 'tomorrow']) {
    expect(() => lifetimeUntil(expiresAt as Date)).toThrow(/^expiresAt is .+\. Write a valid Date\.$/);
  }
});

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '1000', null])('%p is no duration', (value) => {
  expect(() => checkDuration('spentLifetime', value as number)).toThrow(
    /^spentLifetime is .+\. Write milliseconds, a whole number from 1 to 100000000000000\.$/,
  );
});
