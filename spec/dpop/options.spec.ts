import { createDpopVerifier, type DpopVerifierOptions } from '../../lib/dpop';
import { memoryJtis } from '../../lib/stores/memory';
import { redisStore } from '../../lib/stores/redis';

const consumeJti = () => true;
const messageOf = (attempt: () => unknown) => {
  try {
    return String(attempt());
  } catch (thrown) {
    return (thrown as TypeError).message;
  }
};
const build = (options: unknown) => () => createDpopVerifier(options as DpopVerifierOptions);

describe('createDpopVerifier', () => {
  it.each<[string, unknown]>([
    ['a store', { consumeJti }],
    ['no store where the host says so', { replay: 'unchecked' }],
    ['every option', { consumeJti, algorithms: ['ES256', 'EdDSA'], maxAge: 60, nonceSecret: 'x'.repeat(32) }],
    ['options that are undefined', { consumeJti, algorithms: undefined, maxAge: undefined, replay: undefined }],
    ['several secrets', { consumeJti, nonceSecret: ['x'.repeat(32), Buffer.alloc(32), new Uint8Array(32)] }],
    ['the smallest maxAge', { consumeJti, maxAge: 10 }],
    ['the largest maxAge', { consumeJti, maxAge: 86_400 }],
    ['a secret whose characters are fewer than its bytes', { consumeJti, nonceSecret: 'ä'.repeat(16) }],
  ])('takes %s', (_what, options) => {
    expect(build(options)()).toBeInstanceOf(Function);
  });

  const ALGORITHMS = 'Write an array of one or more of ES256, ES384, ES512, PS256, RS256, Ed25519, EdDSA.';
  const MAX_AGE = 'Write seconds, a whole number from 10 to 86400.';
  const REPLAY = "Write 'unchecked', or leave it out.";
  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'options is undefined. Pass { algorithms, maxAge, nonceSecret, consumeJti, replay }.'],
    ['null', null, 'options is null. Pass {'],
    ['a function', () => {}, 'options is a function. Pass {'],
    ['no store', {}, 'consumeJti is missing. Write a function: ({ jti, jkt, expiresAt }) =>'],
    ['no store though it is named', { consumeJti: undefined }, 'consumeJti is undefined. Write a function'],
    [
      'a store and none',
      { consumeJti, replay: 'unchecked' },
      'consumeJti and replay are both there. Leave one of them out.',
    ],
    ['a store that is no function', { consumeJti: true }, 'consumeJti is true. Write a function'],
    [
      'a store that was not called',
      { consumeJti: memoryJtis },
      'consumeJti is the function memoryJtis. Call it: consumeJti: memoryJtis().consumeJti.',
    ],
    [
      'a whole store that was not called',
      { consumeJti: redisStore },
      'consumeJti is the function redisStore. Call it: consumeJti: redisStore({ … }).consumeJti.',
    ],
    [
      'a store in place of its function',
      { consumeJti: memoryJtis() },
      'consumeJti is an object with consumeJti. Pass its member consumeJti.',
    ],
    [
      'a class',
      { consumeJti: class Store {} },
      'consumeJti is the class Store. Pass a method of an object of that class',
    ],
    ['a generator', { *consumeJti() {} }, 'consumeJti is the function consumeJti. Write a function'],
    ['a store that is a secret', { consumeJti: 'hunter2' }, 'consumeJti is a string of 7 characters. Write a function'],
    ['replay true', { replay: true }, `replay is true. ${REPLAY}`],
    ['replay as another word', { replay: 'off' }, `replay is a string of 3 characters. ${REPLAY}`],
    ['no algorithm', { consumeJti, algorithms: [] }, `algorithms is an empty array. ${ALGORITHMS}`],
    ['alg none', { consumeJti, algorithms: ['none'] }, `algorithms[0] is 'none'. ${ALGORITHMS}`],
    ['a symmetric alg', { consumeJti, algorithms: ['ES256', 'HS256'] }, `algorithms[1] is 'HS256'. ${ALGORITHMS}`],
    ['a name that every object has', { consumeJti, algorithms: ['constructor'] }, "algorithms[0] is 'constructor'."],
    ['one algorithm without an array', { consumeJti, algorithms: 'ES256' }, `algorithms is 'ES256'. ${ALGORITHMS}`],
    ['algorithms as JSON', { consumeJti, algorithms: '["ES256"]' }, 'algorithms is '],
    ['maxAge 9', { consumeJti, maxAge: 9 }, `maxAge is 9. ${MAX_AGE}`],
    ['maxAge 86401', { consumeJti, maxAge: 86_401 }, 'maxAge is 86401.'],
    ['a fraction of a second', { consumeJti, maxAge: 60.5 }, 'maxAge is 60.5.'],
    ['maxAge as text', { consumeJti, maxAge: '300' }, `maxAge is '300'. ${MAX_AGE}`],
    ['maxAge NaN', { consumeJti, maxAge: Number.NaN }, 'maxAge is NaN.'],
    [
      'a short secret',
      { consumeJti, nonceSecret: 'x'.repeat(31) },
      'nonceSecret is a string of 31 characters. Write a string',
    ],
    ['an empty secret', { consumeJti, nonceSecret: '' }, 'nonceSecret is an empty string. Write a string'],
    ['short bytes', { consumeJti, nonceSecret: Buffer.alloc(31) }, 'nonceSecret is 31 bytes. Write a string'],
    ['a secret that is true', { consumeJti, nonceSecret: true }, 'nonceSecret is true.'],
    ['a secret that is null', { consumeJti, nonceSecret: null }, 'nonceSecret is null.'],
    [
      'a secret that is undefined, as a forgotten environment variable is',
      { consumeJti, nonceSecret: undefined },
      'nonceSecret is undefined. Write a string or Buffer of at least 32 bytes',
    ],
    ['no secrets', { consumeJti, nonceSecret: [] }, 'nonceSecret is an empty array.'],
    [
      'secrets of which one is short',
      { consumeJti, nonceSecret: ['x'.repeat(32), ''] },
      'nonceSecret is an array of 2.',
    ],
    ['secrets of which one is undefined', { consumeJti, nonceSecret: [undefined] }, 'nonceSecret is an array of 1.'],
    ['a misspelling', { consumeJti, maxage: 300 }, 'maxage does not exist. Did you mean maxAge?'],
    [
      'an unknown option',
      { consumeJti, leeway: 300 },
      'leeway does not exist. These exist: algorithms, maxAge, nonceSecret',
    ],
  ])('refuses %s', (_what, options, sentence) => {
    expect(build(options)).toThrow(TypeError);
    expect(build(options)).toThrow(`createDpopVerifier: ${sentence}`);
  });

  it('says in full what a store does, and what a secret is', () => {
    expect(messageOf(build({ nonceSecret: 'short' }))).toBe(
      'createDpopVerifier:\n' +
        '  nonceSecret is a string of 5 characters. Write a string or Buffer of at least 32 bytes, as crypto.randomBytes(32) makes them, ' +
        'or an array of such secrets, the active one first. For no nonces, leave it out.\n' +
        '  consumeJti is missing. Write a function: ({ jti, jkt, expiresAt }) => true for the first use, false for all others. ' +
        "memoryJtis of express-token-router/memory has one. To let proofs be used again, write replay: 'unchecked'.",
    );
  });

  it('lists all mistakes at once, each once, and never a secret', () => {
    const attempt = build({ algorithms: ['none', 'HS256'], maxAge: 1, nonceSecret: 'my secret', other: 1 });
    const lines = /^createDpopVerifier:((?:\n {2}\S+ .+)+)$/
      .exec(messageOf(attempt))?.[1]
      ?.trim()
      .split(/\n {2}/);
    expect(lines?.map((line) => line.split(' ')[0])).toEqual([
      ...['algorithms[0]', 'algorithms[1]', 'maxAge', 'nonceSecret', 'other', 'consumeJti'],
    ]);
    expect(messageOf(attempt)).not.toContain('my secret');
  });
});
