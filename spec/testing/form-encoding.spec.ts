import fc from 'fast-check';
import { decodeForm, encodeForm } from '../../lib/testing/form-encoding';

describe('encodeForm', () => {
  // RFC 6749, appendix B, has this example: a space, %, &, +, the pound sign and the euro sign.
  it('encodes the example of the RFC as it says', () => {
    expect(encodeForm(' %&+\u00a3\u20ac')).toBe('+%25%26%2B%C2%A3%E2%82%AC');
  });
});

describe('decodeForm', () => {
  it.each([
    ['a plus sign', 'a+b', 'a b'],
    ['each plus sign', '+a++b+', ' a  b '],
    ['an encoded plus sign', 'a%2Bb', 'a+b'],
    ['an encoded colon', 'a%3Ab', 'a:b'],
    ['an encoded percent sign, once', 'a%252Bb', 'a%2Bb'],
    ['the first printable character', '%20', ' '],
    ['the last printable character', '%7E', '~'],
    ['nothing', '', ''],
  ])('decodes %s', (_what, text, decoded) => {
    expect(decodeForm(text)).toBe(decoded);
  });

  it.each([
    ['a percent sign alone', '100%'],
    ['a percent sign before what is not hexadecimal', '%zz'],
    ['bytes that are not UTF-8', '%FF'],
    ['a character that is not printable, before others', '%00a'],
    ['a character that is not printable, behind others', 'a%00'],
    ['a line break at the end', 'a%0A'],
    ['the character before the first printable one', '%1F'],
    ['the character behind the last printable one', '%7F'],
    ['characters beyond ASCII', '%C3%A9'],
  ])('returns nothing for %s', (_what, text) => {
    expect(decodeForm(text)).toBeUndefined();
  });

  it('returns what was encoded, where that is printable', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => {
        expect(decodeForm(encodeForm(text))).toBe(text);
      }),
    );
  });
});
