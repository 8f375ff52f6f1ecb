import { MemoryStore } from 'express-rate-limit';
import { mistakesOf, nothing } from './support';

const STORE = { increment: nothing, decrement: nothing, resetKey: nothing };
const LOGGER = { error: nothing, warn: nothing };

const ofRateLimit = (rateLimit: unknown) => mistakesOf({ rateLimit });

describe('A rateLimit may have', () => {
  it.each<[string, unknown]>([
    ['limit', 0],
    ['limit', 1],
    ['limit', () => 5],
    ['limit', async () => 5],
    ['windowMs', 1],
    ['windowMs', 2_147_483_647],
    ['store', new MemoryStore()],
    ['store', STORE],
    ['store', { ...STORE, resetAll: nothing, init: nothing }],
    ['store', { ...STORE, resetAll: undefined, init: undefined }],
    ['store', { incr: nothing }],
    ['store', { ...STORE, incr: nothing }],
    ['keyGenerator', nothing],
    ['ipv6Subnet', false],
    ['ipv6Subnet', 32],
    ['ipv6Subnet', 64],
    ['ipv6Subnet', () => 56],
    ['skip', nothing],
    ['passOnStoreError', true],
    ['passOnStoreError', false],
    ...[true, false, 'draft-6', 'draft-7', 'draft-8'].map((draft): [string, unknown] => ['standardHeaders', draft]),
    ['identifier', 'token'],
    ['identifier', () => 'token'],
    ['requestPropertyName', 'limit'],
    ['validate', false],
    ['validate', { ip: false }],
    ['logger', console],
    ['logger', LOGGER],
  ])('%s: %p', (name, value) => {
    expect(ofRateLimit({ [name]: value })).toBe('');
  });
});

describe('A wrong entry of rateLimit is told what to write', () => {
  const LIMIT = 'Write how many failures a window may have, a whole number, or a function (req) => that number.';
  const WINDOW = 'Write milliseconds, a whole number from 1 to 2147483647.';
  const A_STORE = 'Write a store of express-rate-limit, such as new RedisStore({ … }).';
  const A_LOGGER = 'Write an object with the functions error and warn, such as console.';
  const SUBNET = 'Write a whole number from 32 to 64, or false.';
  const HEADERS = "Write 'draft-6', 'draft-7', 'draft-8', true or false.";
  const IDENTIFIER = 'Write a string, or a function (req) => that string.';
  it.each<[string, unknown, string, string]>([
    ['limit', -1, '-1', LIMIT],
    ['limit', 0.5, '0.5', LIMIT],
    ['limit', '5', "'5'", LIMIT],
    ['windowMs', 0, '0', WINDOW],
    ['windowMs', 0.5, '0.5', WINDOW],
    ['windowMs', 2 ** 31, '2147483648', WINDOW],
    ['store', null, 'null', A_STORE],
    ['store', {}, 'an empty object', A_STORE],
    ['store', { increment: nothing }, 'an object with increment', A_STORE],
    ['store', { increment: nothing, incr: nothing }, 'an object with increment, incr', A_STORE],
    ['store', { increment: 1, incr: 1 }, 'an object with increment, incr', A_STORE],
    ['store', { ...STORE, decrement: 1 }, 'an object with increment, decrement, resetKey', A_STORE],
    ['store', { ...STORE, resetKey: 1 }, 'an object with increment, decrement, resetKey', A_STORE],
    ['store', { ...STORE, resetAll: null }, 'an object with increment, decrement, resetKey, resetAll', A_STORE],
    ['store', { ...STORE, init: null }, 'an object with increment, decrement, resetKey, init', A_STORE],
    ['store', MemoryStore, 'the class MemoryStore', A_STORE],
    ['store', Object.assign(function createStore() {}, STORE), 'the function createStore', A_STORE],
    ['keyGenerator', 'ip', "'ip'", 'Write a function: (req) => what requests are counted by.'],
    ['ipv6Subnet', 31, '31', SUBNET],
    ['ipv6Subnet', 65, '65', SUBNET],
    ['ipv6Subnet', 48.5, '48.5', SUBNET],
    ['ipv6Subnet', true, 'true', SUBNET],
    ['skip', true, 'true', 'Write a function: (req) => true for requests without a limit.'],
    ['standardHeaders', 'draft-9', "'draft-9'", HEADERS],
    ['passOnStoreError', 'yes', "'yes'", 'Write true or false.'],
    ['identifier', 5, '5', IDENTIFIER],
    ['requestPropertyName', nothing, 'the function nothing', 'Write a string.'],
    ['logger', null, 'null', A_LOGGER],
    ['logger', 'console', "'console'", A_LOGGER],
    ['logger', { ...LOGGER, error: 1 }, 'an object with error, warn', A_LOGGER],
    ['logger', { ...LOGGER, warn: 1 }, 'an object with error, warn', A_LOGGER],
    ['logger', Object.assign(function log() {}, LOGGER), 'the function log', A_LOGGER],
  ])('%s: %p', (name, value, received, advice) => {
    expect(ofRateLimit({ [name]: value })).toBe(`createTokenRouter: rateLimit.${name} is ${received}. ${advice}`);
  });

  it.each<[unknown, string]>([
    [true, 'true'],
    [null, 'null'],
    [100, '100'],
    [[], 'an empty array'],
  ])('as a whole: %p', (rateLimit, received) => {
    expect(ofRateLimit(rateLimit)).toBe(
      `createTokenRouter: rateLimit is ${received}. Write an object of express-rate-limit options, such as { limit: 20 }, or false.`,
    );
  });
});

describe('An option of express-rate-limit that has no effect here is told why', () => {
  const ANSWER = 'changes nothing: the endpoint answers 429 itself. Leave it out.';
  const COUNT = 'changes nothing: the endpoint counts refusals, and nothing else. Leave it out.';
  const FIELDS = 'changes nothing: the endpoint sends RateLimit and RateLimit-Policy. Leave it out.';
  it.each([
    ['max', 'is an older name. Write limit.'],
    ...['handler', 'message', 'statusCode', 'retryAfter'].map((name) => [name, ANSWER]),
    ...['skipSuccessfulRequests', 'skipFailedRequests', 'requestWasSuccessful'].map((name) => [name, COUNT]),
    ...['legacyHeaders', 'headers'].map((name) => [name, FIELDS]),
  ])('%s %s', (name, why) => {
    expect(ofRateLimit({ [name]: 1 })).toBe(`createTokenRouter: rateLimit.${name} ${why}`);
    expect(ofRateLimit({ [name]: undefined })).toBe('');
  });

  it('and every other name is unknown', () => {
    const KNOWN =
      'limit, windowMs, store, keyGenerator, ipv6Subnet, skip, passOnStoreError, standardHeaders, identifier, requestPropertyName, validate, logger';
    for (const name of ['keys', 'constructor', 'toString']) {
      const rateLimit = Object.defineProperty({}, name, { enumerable: true, value: 1 });
      expect(ofRateLimit(rateLimit)).toBe(
        `createTokenRouter: rateLimit.${name} does not exist. These exist: ${KNOWN}.`,
      );
    }
  });
});
