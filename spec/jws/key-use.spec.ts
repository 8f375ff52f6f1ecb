import { isKeyFor } from '../../lib/jws/key-use';

/** RFC 7517 §4.3, those of keys for encryption. */
const OF_ENCRYPTION = ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey', 'deriveKey', 'deriveBits'];

describe('A key can verify signatures', () => {
  it.each<[string, object]>([
    ['that says nothing of its use', {}],
    ['of the use sig', { use: 'sig' }],
    ['of the operation verify', { key_ops: ['verify'] }],
    ['of both', { use: 'sig', key_ops: ['verify'] }],
    ['of more operations', { use: 'sig', key_ops: ['sign', 'verify'] }],
    ['of an operation that nobody knows', { use: 'sig', key_ops: ['verify', 'x'] }],
    ['without a use, also if it encrypts', { key_ops: ['verify', 'encrypt'] }],
  ])('%s', (_what, key) => {
    expect(isKeyFor(key, 'verify')).toBe(true);
  });
});

describe('A key cannot verify signatures', () => {
  it.each<[string, object]>([
    ['of the use enc', { use: 'enc' }],
    ['of the use enc, whatever its operations', { use: 'enc', key_ops: ['verify'] }],
    ['of a use in capitals', { use: 'SIG' }],
    ['of a use that is null', { use: null }],
    ['of a use in an array', { use: ['sig'] }],
    ['of another operation', { key_ops: ['sign'] }],
    ['of no operation', { key_ops: [] }],
    ['of operations that are null', { key_ops: null }],
    ['of an operation in a string', { key_ops: 'verify' }],
    ['of an operation in an object', { key_ops: { 0: 'verify', length: 1 } }],
    ['of an operation twice', { key_ops: ['verify', 'verify'] }],
    ['of another operation twice', { key_ops: ['verify', 'x', 'x'] }],
    ['of a number beside it', { key_ops: ['verify', 1] }],
    ['of an array in its operations', { key_ops: [['verify']] }],
    ['of an operation in another case', { key_ops: ['Verify'] }],
    ...OF_ENCRYPTION.map((operation): [string, object] => [
      `of the use sig that can ${operation}`,
      { use: 'sig', key_ops: ['verify', operation] },
    ]),
  ])('%s', (_what, key) => {
    expect(isKeyFor(key, 'verify')).toBe(false);
  });
});

it('A key of several wanted operations needs one of them', () => {
  expect(isKeyFor({ key_ops: ['sign'] }, 'sign', 'verify')).toBe(true);
  expect(isKeyFor({ key_ops: ['verify'] }, 'sign', 'verify')).toBe(true);
  expect(isKeyFor({ key_ops: ['encrypt'] }, 'sign', 'verify')).toBe(false);
});
