import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describeKind, describeValue, wrongField, wrongReturn } from '../lib/received';

class Row {}
class Query extends Promise<string> {}
const unreadable = Object.create({
  get constructor() {
    throw new Error('no');
  },
});
const nameless = Object.assign(() => {}, {});
Object.defineProperty(nameless, 'name', { value: 7 });

describe('What was received is named', () => {
  it.each<[unknown, string]>([
    [undefined, 'undefined'],
    [null, 'null'],
    [false, 'false'],
    [42, '42'],
    [-0.5, '-0.5'],
    [Number.NaN, 'NaN'],
    [5n, '5n'],
    [10n ** 58n, `1${'0'.repeat(58)}n`],
    [10n ** 59n, 'a bigint'],
    [10n ** 80n, 'a bigint'],
    [Symbol('secret'), 'a symbol'],
    ['', "''"],
    ['https://App.example/', "'https://App.example/'"],
    ["it's", "'it's'"],
    ['a\r\nb\u2028c\u0000', "'a??b?c?'"],
    ['für €', "'für €'"],
    ['x'.repeat(61), `'${'x'.repeat(60)}…'`],
    ['x'.repeat(60), `'${'x'.repeat(60)}'`],
    // What stands behind 500 characters is not read.
    [`${'a1'.repeat(250)} b`, "'……'"],
    [`${'a1'.repeat(249)} b`, "'… b'"],
    ['-----BEGIN PRIVATE KEY-----\nMIIE', 'a PEM text'],
    ['postgres://user:hunter2@db/x', "'postgres://…@db/x'"],
    ['key=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk', "'…'"],
    ['https://app.example/dBjftJeZ4CVPmB92K27uhbUJU1p1rwW1gFWFOEjXk', "'https://app.example/…'"],
    [{}, 'an empty object'],
    [{ rowCount: 0, rows: [] }, 'an object with rowCount, rows'],
    [Object.create(null, { a: { enumerable: true, value: 1 } }), 'an object with a'],
    [{ a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 }, 'an object with a, b, c, d, e…'],
    [{ a: 1, b: 2, c: 3, d: 4, e: 5 }, 'an object with a, b, c, d, e'],
    [{ 'a\nb': 1 }, 'an object with a?b'],
    [{ ['k'.repeat(90)]: 1 }, `an object with ${'k'.repeat(60)}…`],
    [[], 'an empty array'],
    [[1, 2], 'an array of 2'],
    [new Date(0), 'a Date'],
    [new Date('x'), 'an invalid Date'],
    [Promise.resolve('secret'), 'a Promise'],
    [Query.resolve('secret'), 'a Promise'],
    [new (class {})(), 'an empty object'],
    [Buffer.alloc(3), '3 bytes'],
    [new Map(), 'a Map'],
    [new Error('secret'), 'an Error'],
    [new Row(), 'a Row'],
    [new URL('https://a.example'), 'a URL'],
    [runInNewContext('({ a: 1 })'), 'an object with a'],
    [() => {}, 'a function'],
    [function findCode() {}, 'the function findCode'],
    [async () => {}, 'an async function'],
    [async function findCode() {}, 'the async function findCode'],
    [Row, 'the class Row'],
    [class {}, 'a class'],
    [nameless, 'a function'],
    [Object.defineProperty(() => {}, 'name', { value: 'find code' }), 'a function'],
    [Object.defineProperty(() => 'class', 'name', { value: 'kindOf' }), 'the function kindOf'],
    [new Proxy({}, {}), 'a Proxy'],
    [unreadable, 'an object that cannot be read'],
  ])('%#: as %s', (value, expected) => {
    expect(describeValue(value)).toBe(expected);
  });

  it.each<[unknown, string]>([
    ['', 'an empty string'],
    ['hunter2', 'a string of 7 characters'],
    [null, 'null'],
    [Buffer.from('hunter2'), '7 bytes'],
  ])('without its text, where that may be a secret: %#', (value, expected) => {
    expect(describeKind(value)).toBe(expected);
  });

  it('on one short line, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withTypedArray: true }), (value) => {
        const told = describeValue(value);
        expect(told).not.toMatch(/[\r\n\u2028\u2029]/);
        expect(told.length).toBeLessThan(90);
      }),
    );
  });

  it('without a secret in it, wherever that stands', () => {
    const secret = fc
      .uint8Array({ minLength: 24, maxLength: 64 })
      .map((bytes) => Buffer.from(bytes).toString('base64url'));
    fc.assert(
      fc.property(fc.string(), secret, fc.string(), (before, text, after) => {
        fc.pre(/\d/.test(text));
        expect(describeValue(`${before} ${text} ${after}`)).not.toContain(text.slice(0, 24));
      }),
    );
  });
});

describe('A fault of the host says what was returned and what must be', () => {
  it.each<[unknown, string]>([
    [1, 'consumeCode returned 1; it must return true or false'],
    [undefined, 'consumeCode returned undefined; it must return true or false'],
    [{ rowCount: 0 }, 'consumeCode returned an object with rowCount; it must return true or false'],
    [Promise.resolve(true), 'consumeCode returned a Promise; it must return true or false. Await it'],
  ])('%p', (value, message) => {
    expect(wrongReturn('consumeCode', value, 'true or false')).toEqual(new TypeError(message));
  });

  it.each<[object, string]>([
    [{}, 'missing'],
    [{ expiresAt: undefined }, 'undefined'],
    [{ expiresAt: '2026-01-01' }, "'2026-01-01'"],
    [{ expiresAt: new Date('x') }, 'an invalid Date'],
    [{ expiresAt: 1767225600 }, '1767225600'],
  ])('of a record: %p', (record, received) => {
    expect(wrongField('findCode', record, 'expiresAt', 'a Date')).toEqual(
      new TypeError(`findCode returned a record whose expiresAt is ${received}; it must be a Date`),
    );
  });
});
