import { createDpopVerifier, type DpopVerifierOptions } from '../../lib/dpop';

const consumeJti = () => true;
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

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'pass an object with algorithms, maxAge, nonceSecret, consumeJti, replay'],
    ['null', null, 'pass an object'],
    ['no store', {}, 'consumeJti must be a function'],
    ['no store though it is named', { consumeJti: undefined }, 'consumeJti must be a function'],
    [
      'a store and none',
      { consumeJti, replay: 'unchecked' },
      "replay must be 'unchecked' where there is no consumeJti",
    ],
    ['a store that is no function', { consumeJti: true }, 'consumeJti must be a function'],
    ['replay true', { replay: true }, "replay must be 'unchecked'"],
    ['no algorithm', { consumeJti, algorithms: [] }, 'algorithms must be an array of one or more of ES256, ES384'],
    ['alg none', { consumeJti, algorithms: ['none'] }, 'algorithms must be an array'],
    ['a symmetric alg', { consumeJti, algorithms: ['ES256', 'HS256'] }, 'algorithms must be an array'],
    ['a name that every object has', { consumeJti, algorithms: ['constructor'] }, 'algorithms must be an array'],
    ['one algorithm without an array', { consumeJti, algorithms: 'ES256' }, 'algorithms must be an array'],
    ['algorithms as JSON', { consumeJti, algorithms: '["ES256"]' }, 'algorithms must be an array'],
    ['maxAge 9', { consumeJti, maxAge: 9 }, 'maxAge must be a whole number of seconds from 10 to 86400'],
    ['maxAge 86401', { consumeJti, maxAge: 86_401 }, 'maxAge must be'],
    ['a fraction of a second', { consumeJti, maxAge: 60.5 }, 'maxAge must be'],
    ['maxAge as text', { consumeJti, maxAge: '300' }, 'maxAge must be'],
    ['maxAge NaN', { consumeJti, maxAge: Number.NaN }, 'maxAge must be'],
    ['a short secret', { consumeJti, nonceSecret: 'x'.repeat(31) }, 'nonceSecret must be a string or Buffer'],
    ['a secret that is true', { consumeJti, nonceSecret: true }, 'nonceSecret must be'],
    ['no secrets', { consumeJti, nonceSecret: [] }, 'nonceSecret must be'],
    ['secrets of which one is short', { consumeJti, nonceSecret: ['x'.repeat(32), ''] }, 'nonceSecret must be'],
    ['a misspelling', { consumeJti, maxage: 300 }, 'there is no option maxage: the options are algorithms, maxAge'],
  ])('refuses %s', (_what, options, sentence) => {
    expect(build(options)).toThrow(TypeError);
    expect(build(options)).toThrow(`createDpopVerifier: ${sentence}`);
  });

  it('lists all mistakes at once, each once, and never a value', () => {
    const attempt = build({ algorithms: ['none', 'HS256'], maxAge: 1, nonceSecret: 'my secret', other: 1 });
    expect(attempt).toThrow(
      /^createDpopVerifier: algorithms [^;]+; maxAge [^;]+; nonceSecret [^;]+; there is no option other: [^;]+; consumeJti [^;]+; [^;]+; [^;]+$/,
    );
    expect(attempt).not.toThrow(/my secret|HS256/);
  });
});
