import { memoryCodes, memoryRefreshTokens, memoryStore } from '../../lib/stores/memory';
import { postgresCodes, postgresJtis, postgresRefreshTokens, postgresStore } from '../../lib/stores/postgres';
import { redisCodes, redisJtis, redisRefreshTokens, redisStore } from '../../lib/stores/redis';
import { createCodeRecord } from '../../lib/testing';

const never = () => {
  throw new Error('never sent');
};
const REDIS = { redisStore, redisCodes, redisRefreshTokens, redisJtis };
const POSTGRES = { postgresStore, postgresCodes, postgresRefreshTokens, postgresJtis };
type Create = (options: unknown) => unknown;

describe('A misspelt option is refused: tenants would share what they must not, in silence', () => {
  it.each(Object.entries(REDIS))('%s', (name, create) => {
    expect(() => (create as Create)({ sendCommand: never, prefx: 'tenant' })).toThrow(
      `${name}: prefx does not exist. Did you mean prefix?`,
    );
    expect(() => (create as Create)({ sendCommand: never, prefix: 'tenant' })).not.toThrow();
  });

  it.each(Object.entries(POSTGRES))('%s', (name, create) => {
    expect(() => (create as Create)({ query: never, prefx: 'tenant' })).toThrow(
      `${name}: prefx does not exist. Did you mean prefix?`,
    );
    expect(() => (create as Create)({ query: never, prefix: 'tenant' })).not.toThrow();
  });
});

describe('What cannot be called is refused when the store is made', () => {
  class Client {}
  const none: [string, unknown][] = [
    ['a class', Client],
    ['a client', new Client()],
    ['nothing', undefined],
    ['a store that was not called', redisStore],
  ];
  it.each(none)('%s', (_what, given) => {
    for (const [name, create] of Object.entries(REDIS)) {
      expect(() => (create as Create)({ sendCommand: given })).toThrow(`${name}: sendCommand is `);
    }
    for (const [name, create] of Object.entries(POSTGRES)) {
      expect(() => (create as Create)({ query: given })).toThrow(`${name}: query is `);
    }
  });

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    ['redis://localhost', "'redis://localhost'"],
    [7, '7'],
  ])('and options that are %p', (given, received) => {
    expect(() => redisStore(given as never)).toThrow(
      new TypeError(`redisStore: options is ${received}. Pass an object.`),
    );
    // The others say what is missing.
    for (const create of [redisCodes, redisRefreshTokens, redisJtis]) {
      expect(() => (create as Create)(given)).toThrow(/^redis\w+: sendCommand is undefined\./);
    }
    for (const create of Object.values(POSTGRES)) {
      expect(() => (create as Create)(given)).toThrow(/^postgres\w+: query is undefined\./);
    }
  });
});

const MEMORY = { memoryStore, memoryCodes, memoryRefreshTokens };
/** What a store cannot do without. */
const neededBy = (name: string) => (name in REDIS ? { sendCommand: never } : name in POSTGRES ? { query: never } : {});
const make = (name: string, options: object = {}) => {
  const create = { ...MEMORY, ...REDIS, ...POSTGRES }[name] as Create;
  return create({ ...neededBy(name), ...options });
};
const DURATION = 'Write milliseconds, a whole number from 1 to 100000000000000.';

describe('The options of a store', () => {
  it.each([
    ['memoryStore', 'leeway, strictReplay, spentLifetime'],
    ['memoryCodes', 'spentLifetime, strictReplay'],
    ['memoryRefreshTokens', 'revokedLifetime, leeway'],
    ['redisStore', 'sendCommand, prefix, leeway, strictReplay, spentLifetime'],
    ['redisCodes', 'sendCommand, prefix, spentLifetime, strictReplay'],
    ['redisRefreshTokens', 'sendCommand, prefix, revokedLifetime, leeway'],
    ['redisJtis', 'sendCommand, prefix'],
    ['postgresStore', 'query, prefix, leeway, strictReplay, spentLifetime'],
    ['postgresCodes', 'query, prefix, spentLifetime, strictReplay'],
    ['postgresRefreshTokens', 'query, prefix, revokedLifetime, leeway'],
    ['postgresJtis', 'query, prefix'],
  ])('are listed where one does not exist: %s has %s', (name, names) => {
    expect(() => make(name, { another: 1 })).toThrow(
      new TypeError(`${name}: another does not exist. These exist: ${names}.`),
    );
    for (const each of names.split(', ')) {
      expect(() => make(name, { [each]: neededBy(name)[each as never] })).not.toThrow();
    }
  });

  it.each<[string, string, unknown, string]>([
    ...Object.keys(REDIS).map((name): [string, string, unknown, string] => [
      name,
      'prefix',
      'one{slot}',
      "'one{slot}'. Write a string without braces.",
    ]),
    ...Object.keys(POSTGRES).map((name): [string, string, unknown, string] => [
      name,
      'prefix',
      5,
      '5. Write a string.',
    ]),
    ...['memoryStore', 'memoryCodes', 'redisStore', 'redisCodes', 'postgresStore', 'postgresCodes'].flatMap(
      (name): [string, string, unknown, string][] => [
        [name, 'strictReplay', 'yes', "'yes'. Write true or false."],
        [name, 'spentLifetime', 0, `0. ${DURATION}`],
      ],
    ),
    ...[
      'memoryStore',
      'memoryRefreshTokens',
      'redisStore',
      'redisRefreshTokens',
      'postgresStore',
      'postgresRefreshTokens',
    ].map((name): [string, string, unknown, string] => [
      name,
      'leeway',
      60_001,
      '60001. Write milliseconds, a whole number from 0 to 60000.',
    ]),
    ...['memoryRefreshTokens', 'redisRefreshTokens', 'postgresRefreshTokens'].map(
      (name): [string, string, unknown, string] => [name, 'revokedLifetime', 1.5, `1.5. ${DURATION}`],
    ),
  ])('of %s: a wrong %s is refused, %p', (name, option, value, message) => {
    expect(() => make(name, { [option]: value })).toThrow(new TypeError(`${name}: ${option} is ${message}`));
  });

  it.each([
    ['leeway', 0],
    ['leeway', 60_000],
    ['spentLifetime', 1],
    ['spentLifetime', 1e14],
    ['strictReplay', false],
  ])('may be at their bounds: %s is %p', (option, value) => {
    expect(() => memoryStore({ [option]: value })).not.toThrow();
  });
});

describe('The leeway', () => {
  it.each([
    [-1, '-1'],
    [1.5, '1.5'],
    [Number.NaN, 'NaN'],
    ['10000', "'10000'"],
    [null, 'null'],
  ])('is no %p', (leeway, received) => {
    expect(() => make('memoryStore', { leeway })).toThrow(
      new TypeError(`memoryStore: leeway is ${received}. Write milliseconds, a whole number from 0 to 60000.`),
    );
  });
});

describe('strictReplay', () => {
  it.each([
    [undefined, true],
    [false, true],
    [true, false],
  ])('that is %p: whether a record tells when its code was spent is %p', async (strictReplay, tells) => {
    const store = memoryCodes({ strictReplay });
    await store.saveCode('a code', createCodeRecord());
    expect('spentAt' in Object(await store.findCode('a code'))).toBe(tells);
  });
});

describe('keepGrantsFor', () => {
  it.each(['memoryStore', 'redisStore', 'postgresStore'])('of %s takes milliseconds', (name) => {
    const { keepGrantsFor } = make(name) as ReturnType<typeof memoryStore>;
    expect(() => keepGrantsFor(0)).toThrow(new TypeError(`${name}: keepGrantsFor is 0. ${DURATION}`));
  });

  it.each(['memoryStore', 'redisStore', 'postgresStore'])('of %s refuses more than the host keeps', (name) => {
    const { keepGrantsFor } = make(name, { spentLifetime: 1000 }) as ReturnType<typeof memoryStore>;
    keepGrantsFor(1000);
    expect(() => keepGrantsFor(1001)).toThrow(
      new TypeError(
        `${name}: spentLifetime is 1000, but the issuer makes tokens that live 1001 ms. ` +
          'Write at least that, or leave spentLifetime out.',
      ),
    );
  });
});
