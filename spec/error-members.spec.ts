import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { type Json, OAuthError } from '../lib';
import { createEndpoint } from './support/endpoint';

const mistakeOf = (options: object): string => {
  try {
    new OAuthError('mfa_required', 'Multi-factor authentication is required', options);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(TypeError);
    return (thrown as TypeError).message;
  }
  return '';
};
const withMember = (value: unknown) => ({ members: { mfa: { token: value } } });

class Money {
  amount = 5;
}
const circle: Record<string, unknown> = { a: 1 };
circle.within = [circle];
const nest = (depth: number) => Array.from({ length: depth }).reduce((inner: Json): Json => [inner], 'deep');
/** Two references each: copied without a bound it would be 2^18 values. */
const doubled = Array.from({ length: 18 }).reduce((inner: Json): Json => [inner, inner], 1);

describe('The members of a refusal', () => {
  it('stand beside error in the answer, as they were when it was made', async () => {
    const members = { mfa_token: 'Fe26.2', mfa: { factors: ['otp', null, true, 1.5, {}], nested: [[]] } };
    const refusal = new OAuthError('mfa_required', 'Multi-factor authentication is required', { members });
    const expected = structuredClone(members);
    members.mfa.factors.push('late');
    const endpoint = createEndpoint({ authenticateClient: () => Promise.reject(refusal) });
    const answer = await endpoint.post();
    expect([answer.status, answer.body]).toEqual([
      403,
      { error: 'mfa_required', error_description: 'Multi-factor authentication is required', ...expected },
    ]);
    expect([Object.isFrozen(refusal.members), Object.isFrozen(refusal.members.mfa)]).toEqual([true, true]);
  });

  it('may be of any JSON', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^m\w*$/), fc.jsonValue()), (members) => {
        fc.pre(!JSON.stringify(members).includes('"__proto__":'));
        const refusal = new OAuthError('access_denied', 'No', { members: members as Record<string, Json> });
        expect(JSON.stringify(refusal.members)).toBe(JSON.stringify(members));
      }),
    );
  });

  it('may come from another realm, and without a prototype', () => {
    const members = runInNewContext('({ mfa: { token: "x" }, list: [1] })');
    expect(new OAuthError('mfa_required', 'No', { members }).members).toEqual({ mfa: { token: 'x' }, list: [1] });
    expect(mistakeOf({ members: Object.assign(Object.create(null), { a: 1 }) })).toBe('');
  });

  it.each<[string, unknown, string]>([
    ['undefined', undefined, 'undefined. Leave it out, or write null.'],
    ['NaN', Number.NaN, 'NaN. JSON has no such value. Leave it out.'],
    ['Infinity', Number.POSITIVE_INFINITY, 'Infinity. JSON has no such value. Leave it out.'],
    ['a bigint', 5n, '5n. Write it as a string.'],
    ['a function', () => 'x', 'a function. JSON has no such value. Leave it out.'],
    ['a symbol', Symbol('x'), 'a symbol. JSON has no such value. Leave it out.'],
    ['a Date', new Date(0), 'a Date. Write its toISOString().'],
    ['an object of a class', new Money(), 'a Money. JSON has no such value. Leave it out.'],
    ['a Map', new Map(), 'a Map. JSON has no such value. Leave it out.'],
    ['bytes', Buffer.from('secret'), '6 bytes. JSON has no such value. Leave it out.'],
    ['a Promise', Promise.resolve('secret'), 'a Promise. JSON has no such value. Leave it out.'],
    ['a String object', Object('secret'), 'a String. JSON has no such value. Leave it out.'],
  ])('cannot be %s, and the error names the member and not its value', (_what, value, expected) => {
    expect(mistakeOf(withMember(value))).toBe(`OAuthError: members.mfa.token is ${expected}`);
    expect(mistakeOf({ members: { list: ['a', value] } })).toBe(`OAuthError: members.list[1] is ${expected}`);
  });

  it('cannot have a hole, a member of its own __proto__ or itself in it', () => {
    // biome-ignore lint/suspicious/noSparseArray: that is the point
    expect(mistakeOf(withMember([1, , 2]))).toMatch(/^OAuthError: members\.mfa\.token\[1\] is undefined/);
    expect(mistakeOf(withMember(JSON.parse('{"__proto__":{"a":1}}')))).toBe(
      'OAuthError: members.mfa.token.__proto__ is a reserved name. Rename it.',
    );
    expect(mistakeOf({ members: circle })).toBe(
      'OAuthError: members.within[0] is an object that contains itself, and JSON cannot hold that. Leave it out.',
    );
  });

  it('are bounded: 16384 characters, 1000 values, 20 deep', () => {
    const rest = JSON.stringify({ mfa: { token: '' } }).length;
    expect(mistakeOf(withMember('x'.repeat(16_384 - rest)))).toBe('');
    expect(mistakeOf(withMember('x'.repeat(16_385 - rest)))).toBe(
      'OAuthError: members are longer than 16384 characters. Leave some out.',
    );
    expect(mistakeOf(withMember(Array(997).fill(0)))).toBe('');
    expect(mistakeOf(withMember(Array(998).fill(0)))).toBe(
      'OAuthError: members hold more than 1000 values. Leave some out.',
    );
    expect(mistakeOf(withMember(doubled))).toBe('OAuthError: members hold more than 1000 values. Leave some out.');
    expect(mistakeOf(withMember(nest(18)))).toBe('');
    expect(mistakeOf(withMember(nest(19)))).toBe(
      `OAuthError: members.mfa.token${'[0]'.repeat(18)} is nested more than 20 levels deep. Leave it out.`,
    );
    expect(mistakeOf(withMember(nest(10_000)))).toMatch(/ is nested more than 20 levels deep\. Leave it out\.$/);
  });

  it.each([
    ['a getter that answers otherwise the second time', 'again'],
    ['a toJSON that is no function', 'toJSON'],
  ])('are read once: %s', (_what, name) => {
    let reads = 0;
    const members = { mfa: Object.defineProperty({}, name, { enumerable: true, get: () => ++reads }) };
    const refusal = new OAuthError('mfa_required', 'No', { members: members as never });
    expect([JSON.stringify(refusal.members), reads]).toEqual([`{"mfa":{"${name}":1}}`, 1]);
  });

  it.each([
    ...['error', 'error_description', 'error_uri', 'errors', 'error\nx', 'Error', 'ERROR_DESCRIPTION'],
    ...['access_token', 'token_type', 'expires_in', 'refresh_token', 'id_token', 'scope', 'toJSON', '__proto__'],
    // Parsers that fold letters take these for access_token, scope and token_type.
    ...['Access_Token', '\u017Fcope', 'to\u212Aen_type'],
  ])('cannot be named %j', (name) => {
    const members = Object.defineProperty({}, name, { enumerable: true, value: 'x' });
    expect(mistakeOf({ members })).toBe(`OAuthError: members.${name} is a reserved name. Rename it.`);
  });

  it.each(['an_error', 'scopes', 'xscope', 'access_tokens', 'token', 'expires_in_ms', 'id_token_hint', '__proto'])(
    'can be named %s',
    (name) => {
      const { members } = new OAuthError('mfa_required', 'No', { members: { [name]: 'x' } });
      expect(members).toEqual({ [name]: 'x' });
    },
  );

  it.each<[unknown, string]>([
    ['mfa_token', 'a string of 9 characters'],
    [['mfa_token'], 'an array of 1'],
    [Object.setPrototypeOf(['mfa_token'], null), 'an array of 1'],
    [new Map(), 'a Map'],
    [() => {}, 'a function'],
    [Object.setPrototypeOf(() => {}, null), 'a function'],
    [5, '5'],
  ])('are a plain object: not %p', (members, received) => {
    expect(mistakeOf({ members })).toBe(`OAuthError: members is ${received}. Write a plain object.`);
  });
});

describe('The header fields of a refusal', () => {
  it.each<[string, object, string]>([
    ['a number', { 'Retry-After': 5 }, 'headers.Retry-After is 5. Write a string.'],
    ['an array', { 'Set-Cookie': ['a=b'] }, 'headers.Set-Cookie is an array of 1. Write a string.'],
    ['undefined', { 'X-A': undefined }, 'headers.X-A is undefined. Write a string.'],
    ['an object with a toString', { 'X-A': { toString: () => 'b' } }, 'headers.X-A is an object with'],
  ])('cannot be %s', (_what, headers, message) => {
    expect(mistakeOf({ headers })).toMatch(`OAuthError: ${message}`);
  });

  it.each<[unknown, string]>([
    ['X-A: b', 'a string of 6 characters'],
    [new Map([['X-A', 'b']]), 'a Map'],
    [new Headers({ 'X-A': 'b' }), 'a Headers'],
    [[['X-A', 'b']], 'an array of 1'],
  ])('are a plain object: not %p', (headers, received) => {
    expect(mistakeOf({ headers })).toBe(`OAuthError: headers is ${received}. Write a plain object.`);
  });

  it('are bounded', () => {
    expect(mistakeOf({ headers: { 'X-A': 'x'.repeat(8192 - 'X-A,'.length) } })).toBe('');
    expect(mistakeOf({ headers: { 'X-A': 'x'.repeat(8193 - 'X-A,'.length) } })).toBe(
      'OAuthError: headers are longer than 8192 characters. Leave some out.',
    );
  });

  it('pollute nothing', () => {
    const refusal = new OAuthError('mfa_required', 'No', { headers: JSON.parse('{"__proto__":"x","X-A":"b"}') });
    expect([Object.keys(refusal.headers), Object.getPrototypeOf(refusal.headers)]).toEqual([['X-A'], Object.prototype]);
  });
});
