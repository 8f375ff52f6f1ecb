import { checkExtensions, isType, parseJws, parseObject } from '../../lib/jws/compact';
import { JwsError } from '../../lib/jws/error';

const encode = (text: string | Buffer) => Buffer.from(text).toString('base64url');
const HEADER = encode('{"alg":"ES256"}');
const PAYLOAD = encode('{"sub":"ann"}');
const SIGNATURE = encode('a signature');
const JWS = `${HEADER}.${PAYLOAD}.${SIGNATURE}`;

/** The problem of what is refused, or nothing. */
function problemOf(step: () => unknown): string | undefined {
  try {
    step();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof JwsError) return thrown.problem;
    throw thrown;
  }
}

/** Texts that are no object, as a part of a JWS has them. */
const NO_OBJECTS: [string, string][] = [
  ['nothing', ''],
  ['no JSON', encode('sub=ann')],
  ['JSON that is cut', encode('{"sub":"ann"')],
  ['an array', encode('[{"sub":"ann"}]')],
  ['a string', encode('"ann"')],
  ['a number', encode('1')],
  ['true', encode('true')],
  ['null', encode('null')],
  ['a byte order mark', encode('\uFEFF{"sub":"ann"}')],
  ['bytes that are no UTF-8', encode(Buffer.from('{"sub":"ÿ"}', 'latin1'))],
  ['padding', `${PAYLOAD}=`],
  ['another spelling', PAYLOAD.replace(/.$/, 'R')],
  ['JSON that is not encoded', '{"sub":"ann"}'],
];

describe('A compact JWS', () => {
  it('is taken apart, and its header is left as it was sent', () => {
    expect(parseJws(JWS)).toEqual({
      header: HEADER,
      payload: { sub: 'ann' },
      signed: Buffer.from(`${HEADER}.${PAYLOAD}`),
      signature: Buffer.from('a signature'),
    });
  });

  it.each([
    ['nothing', ''],
    ['a word', 'jws'],
    ['dots alone', '..'],
    ['two parts', `${HEADER}.${PAYLOAD}`],
    ['four parts', `${JWS}.AA`],
    ['a dot at its end', `${JWS}.`],
    ['a dot in front', `.${JWS}`],
    ['no signature', `${HEADER}.${PAYLOAD}.`],
    ['a signature in another spelling', `${HEADER}.${PAYLOAD}.AB`],
    ['a signature with a blank', `${JWS} `],
    ...NO_OBJECTS.map(([what, part]): [string, string] => [`${what} as its payload`, `${HEADER}.${part}.${SIGNATURE}`]),
  ])('is malformed that has %s', (_what, text) => {
    expect(problemOf(() => parseJws(text))).toBe('malformed');
  });

  it('has 8192 characters at most, or what the caller says', () => {
    const ofLength = (length: number) => `${HEADER}.${PAYLOAD}.`.padEnd(length, 'A');
    expect(problemOf(() => parseJws(ofLength(8192)))).toBeUndefined();
    expect(problemOf(() => parseJws(ofLength(8193)))).toBe('too_large');
    expect(problemOf(() => parseJws(JWS, JWS.length))).toBeUndefined();
    expect(problemOf(() => parseJws(JWS, JWS.length - 1))).toBe('too_large');
  });
});

describe('A part that must be an object', () => {
  it('is that object', () => {
    expect(parseObject(HEADER)).toEqual({ alg: 'ES256' });
    expect(parseObject(encode('{}'))).toEqual({});
  });

  it.each(NO_OBJECTS)('is malformed where it is %s', (_what, part) => {
    expect(problemOf(() => parseObject(part))).toBe('malformed');
  });
});

describe('A header', () => {
  it.each([
    ['crit', { crit: ['exp'] }],
    ['an empty crit', { crit: [] }],
    ['crit that is undefined', { crit: undefined }],
    ['b64', { b64: true }],
    ['b64 that is false', { b64: false }],
  ])('is refused with %s', (_what, header) => {
    expect(problemOf(() => checkExtensions(header))).toBe('extension_unsupported');
  });

  it('may have any other member', () => {
    expect(problemOf(() => checkExtensions({ alg: 'ES256', kid: 'a', jku: 'https://evil.example' }))).toBeUndefined();
  });

  it('does not have what it inherits', () => {
    expect(problemOf(() => checkExtensions(Object.create({ crit: ['exp'] })))).toBeUndefined();
  });
});

describe('The typ of a header', () => {
  it.each<[unknown, boolean]>([
    ['dpop+jwt', true],
    ['DPoP+JWT', true],
    ['application/dpop+jwt', true],
    ['APPLICATION/DPOP+JWT', true],
    ['JWT', false],
    ['text/dpop+jwt', false],
    ['dpop+application/jwt', false],
    ['application/application/dpop+jwt', false],
    ['application/', false],
    ['', false],
    [' dpop+jwt', false],
    ['dpop+jwt;v=1', false],
    [['dpop+jwt'], false],
    [undefined, false],
    [null, false],
  ])('%j is dpop+jwt: %s', (typ, expected) => {
    expect(isType(typ, 'dpop+jwt')).toBe(expected);
  });
});
