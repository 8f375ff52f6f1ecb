import { clientCredentials, createClientAuthentication, createClientMetadataResolver } from '../../lib/clients';
import { createDpopNonces, createDpopVerifier } from '../../lib/dpop';
import { memoryCodes, memoryJtis, memoryRefreshTokens, memoryStore } from '../../lib/stores/memory';
import { postgresCodes, postgresJtis, postgresRefreshTokens, postgresStore } from '../../lib/stores/postgres';
import { redisCodes, redisJtis, redisRefreshTokens, redisStore } from '../../lib/stores/redis';
import { createTokenIssuer } from '../../lib/tokens';
import { mistakesOf, nothing } from './support';

const FIND_CODE = '(code, req) => the record, or null';

describe('A factory of this package in the place of an adapter', () => {
  it.each(
    [createDpopVerifier, createClientAuthentication, createClientMetadataResolver, clientCredentials].map(
      (factory) => [factory.name, factory] as const,
    ),
  )('is to be called, where it returns an adapter: %s', (name, factory) => {
    expect(mistakesOf({ findCode: factory })).toBe(
      `createTokenRouter: findCode is the function ${name}. Call it: findCode: ${name}({ … }).`,
    );
  });

  it.each(
    [
      ...[createTokenIssuer, createDpopNonces],
      ...[redisStore, redisCodes, redisRefreshTokens, redisJtis],
      ...[postgresStore, postgresCodes, postgresRefreshTokens, postgresJtis],
    ].map((factory) => [factory.name, factory] as const),
  )('is to be called, and the adapter picked, where it returns several: %s', (name, factory) => {
    expect(mistakesOf({ findCode: factory })).toBe(
      `createTokenRouter: findCode is the function ${name}. Call it: findCode: ${name}({ … }).findCode.`,
    );
  });

  it.each(
    [memoryStore, memoryCodes, memoryRefreshTokens, memoryJtis].map((factory) => [factory.name, factory] as const),
  )('is to be called without options, where it needs none: %s', (name, factory) => {
    expect(mistakesOf({ findCode: factory })).toBe(
      `createTokenRouter: findCode is the function ${name}. Call it: findCode: ${name}().findCode.`,
    );
  });

  it('is known by its whole name only', () => {
    const createDpopVerifierOfMine = () => null;
    const myMemoryCodes = () => null;
    expect(mistakesOf({ findCode: createDpopVerifierOfMine })).toBe('');
    expect(mistakesOf({ findCode: myMemoryCodes })).toBe('');
  });
});

describe('An adapter', () => {
  class Codes {
    findCode() {}
    static find() {}
  }

  it.each<[string, unknown]>([
    ['a function', nothing],
    ['an async function', async () => null],
    ['a method', new Codes().findCode],
    ['a static method', Codes.find],
    ['a bound function', nothing.bind(undefined)],
    [
      'a function without a name',
      (
        () => () =>
          null
      )(),
    ],
  ])('may be %s', (_what, findCode) => {
    expect(mistakesOf({ findCode })).toBe('');
  });

  it.each<[string, unknown, string]>([
    ['a class', Codes, `the class Codes. Pass a method of an object of that class: ${FIND_CODE}.`],
    ['a class without a name', (() => class {})(), `a class. Pass a method of an object of that class: ${FIND_CODE}.`],
    ['a generator', function* finding() {}, `the function finding. Write a function: ${FIND_CODE}.`],
    [
      'a generator that has it',
      Object.assign(function* finding() {}, { findCode: nothing }),
      'the function finding. Pass its member findCode.',
    ],
    ['an async generator', async function* finding() {}, `the async function finding. Write a function: ${FIND_CODE}.`],
    ['an object that has it', { findCode: nothing }, 'an object with findCode. Pass its member findCode.'],
    ['an object without it', { find: nothing }, `an object with find. Write a function: ${FIND_CODE}.`],
    ['an object where it is none', { findCode: 1 }, `an object with findCode. Write a function: ${FIND_CODE}.`],
    ['null', null, `null. Write a function: ${FIND_CODE}.`],
  ])('cannot be %s', (_what, findCode, told) => {
    expect(mistakesOf({ findCode })).toBe(`createTokenRouter: findCode is ${told}`);
  });
});

describe('A tokenEndpoint that is a function', () => {
  it.each<[string, unknown, string]>([
    ['async', async () => 'https://auth.example/', 'an async function'],
    ['a class', class Endpoint {}, 'the class Endpoint'],
    ['a generator', function* urls() {}, 'the function urls'],
  ])('cannot be %s, because its URL is needed at once', (_what, tokenEndpoint, received) => {
    expect(mistakesOf({ tokenEndpoint })).toBe(
      `createTokenRouter: tokenEndpoint is ${received}. Write the public http(s) URL of this endpoint in ASCII, without a user and a fragment, or (req) => that URL, which answers at once.`,
    );
  });
});

it.each([undefined, null, 'SELECT', 5, {}])('What is no function is no adapter, for a store either: %p', (query) => {
  expect(() => postgresStore({ query } as never)).toThrow(/^postgresStore: query is .+\. Write /);
});
