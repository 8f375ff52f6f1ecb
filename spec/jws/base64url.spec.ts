import fc from 'fast-check';
import { parseBase64url } from '../../lib/jws/base64url';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

describe('A base64url text', () => {
  it.each([
    ['', ''],
    ['AA', '00'],
    ['AAA', '0000'],
    ['AAAA', '000000'],
    ['-_-_', 'fbffbf'],
    ['AAAA_w', '000000ff'],
    ['AAAAAAAA', '000000000000'],
  ])('%j has the bytes %s', (text, hex) => {
    expect(parseBase64url(text)?.toString('hex')).toBe(hex);
  });

  it.each([
    ['has one character', 'A'],
    ['has one character too many', 'AAAAA'],
    ['has padding', 'AA=='],
    ['has padding that it needs not', 'AAAA='],
    ['has something in front', '=AAAA'],
    ['has the alphabet of base64', '+/+/'],
    ['has a blank', 'AA AA'],
    ['has a line break at its end', 'AAAA\n'],
    ['has letters beyond ASCII', 'äAAA'],
  ])('is none where it %s', (_what, text) => {
    expect(parseBase64url(text)).toBeUndefined();
  });

  it('has one spelling: the bits that no byte uses are zero', () => {
    const endsOf = (begin: string) => [...ALPHABET].filter((end) => parseBase64url(begin + end)).join('');
    expect([endsOf('A'), endsOf('AA'), endsOf('AAA')]).toEqual(['AQgw', 'AEIMQUYcgkosw048', ALPHABET]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(parseBase64url(Buffer.from(bytes).toString('base64url'))).toEqual(Buffer.from(bytes));
      }),
    );
  });
});
