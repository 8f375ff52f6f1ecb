import fc from 'fast-check';
import { OAuthError } from '../../lib';
import { parseBody } from '../../lib/http/body-text';

const FORM = 'application/x-www-form-urlencoded';
const text = fc.string({ unit: 'binary-ascii', maxLength: 20 });
const name = fc.oneof(fc.constantFrom('code', '__proto__', 'constructor', 'a[]', 'toString'), text);

const listed = (body: object) => Object.entries(body).map(([key, value]): [string, string[]] => [key, [value].flat()]);

describe('A form', () => {
  it('is read as URLSearchParams writes it: each name once, with all its values in order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(name, text), { maxLength: 10 }), (pairs) => {
        const expected = new Map<string, string[]>();
        for (const [key, value] of pairs) expected.set(key, [...(expected.get(key) ?? []), value]);
        const body = parseBody(Buffer.from(new URLSearchParams(pairs).toString()), FORM);
        expect(new Map(listed(body))).toEqual(expected);
      }),
    );
  });

  it('of any bytes is read or refused, and nothing is polluted', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const values = Object.values(parseBody(Buffer.from(bytes), FORM)).flat();
        expect(values.every((value) => typeof value === 'string')).toBe(true);
      }),
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

describe('JSON', () => {
  const parse = (bytes: Buffer) => parseBody(bytes, 'application/json');

  it('gives back every object, and refuses every other value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const bytes = Buffer.from(JSON.stringify(value));
        const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
        if (isObject) expect(JSON.stringify(parse(bytes))).toBe(JSON.stringify(JSON.parse(bytes.toString())));
        else expect(() => parse(bytes)).toThrow(OAuthError);
      }),
    );
  });

  it('of any bytes is read or refused with one sentence that quotes nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        try {
          parse(Buffer.from(bytes));
        } catch (thrown) {
          expect(thrown).toMatchObject({
            error_description: 'The request body is malformed',
            reason: 'body_malformed',
          });
        }
      }),
    );
  });
});
