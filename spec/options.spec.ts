import express from 'express';
import { MemoryStore } from 'express-rate-limit';
import request from 'supertest';
import { createTokenRouter } from '../lib';
import { clientCredentials, createClientAuthentication } from '../lib/clients';
import { createDpopVerifier } from '../lib/dpop';
import { createRevocationRouter } from '../lib/endpoints';
import { markRepeats } from '../lib/repeats';
import { memoryCodes, memoryRefreshTokens, memoryStore } from '../lib/stores/memory';
import { redisStore } from '../lib/stores/redis';
import { createTokenIssuer } from '../lib/tokens';
import { CODE, createEndpoint, goodForm, type Options } from './support/endpoint';

const nothing = () => {};
const ADAPTERS = { findCode: nothing, consumeCode: nothing, issueTokens: nothing };

const mistakesOf = (options: unknown): string => {
  try {
    createTokenRouter(options as Options);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(TypeError);
    return (thrown as TypeError).message;
  }
  return '';
};

const withOption = (name: string, value: unknown) => ({ ...ADAPTERS, [name]: value });
const FUNCTIONS = ['revokeTokens', 'authenticateClient', 'onOutcome'];

it.each([
  ['b', 1],
  ['kb', 1024],
  ['mb', 1024 * 1024],
])('bodyLimit counts in bytes, and each unit is 1,024 of the one below: 1%s', async (unit, bytes) => {
  const { app } = createEndpoint({ bodyLimit: `1${unit}` });
  const statusOf = async (length: number) =>
    (await request(app).post('/oauth/token').type('form').send('x'.repeat(length))).status;
  expect([await statusOf(bytes), await statusOf(bytes + 1)]).toEqual([400, 413]);
});

describe('createTokenRouter takes', () => {
  it('the three adapters alone', () => {
    expect(mistakesOf(ADAPTERS)).toBe('');
  });

  it.each<[string, unknown]>([
    ...FUNCTIONS.map((name): [string, unknown] => [name, nothing]),
    ['tokenEndpoint', 'https://auth.example/oauth/token'],
    ['tokenEndpoint', 'HTTP://localhost:3000/oauth/token?tenant=a'],
    ['tokenEndpoint', 'https://[::1]:3000/oauth/token'],
    ['tokenEndpoint', 'https://auth.example'],
    ['tokenEndpoint', "https://auth.example/t%C3%BCr/a@b:c!$&'()*+,;=/token"],
    ['tokenEndpoint', 'https://a%75th.example?tenant=%C3%A4'],
    ['tokenEndpoint', () => 'https://auth.example/oauth/token'],
    ['requireDpop', false],
    ['path', '/'],
    ['path', '/token'],
    ['path', '/oauth/token/'],
    ['path', '/v1.0/a-b_c~d/token'],
    ['allowedOrigins', []],
    [
      'allowedOrigins',
      ['https://app.example', 'http://localhost:5173', 'capacitor://localhost', 'app.x-y+z://a', 'web+http://app'],
    ],
    ['allowedOrigins', ['null']],
    ['allowedOrigins', () => true],
    ['allowedOrigins', async () => true],
    ['rateLimit', { limit: async () => 5, keyGenerator: nothing, skip: nothing, ipv6Subnet: 64, validate: false }],
    ['maxInFlightPerAddress', 10],
    [
      'rateLimit',
      { store: new MemoryStore(), passOnStoreError: true, standardHeaders: 'draft-7', identifier: 'token' },
    ],
    ['rateLimit', { store: { incr: nothing }, ipv6Subnet: false, requestPropertyName: 'limit', logger: console }],
    ['rateLimit', { max: undefined, skipFailedRequests: undefined }],
    ['rateLimit', { ipv6Subnet: () => 56, identifier: () => 'token', windowMs: undefined }],
    ['rateLimit', false],
    ['rateLimit', {}],
    ['rateLimit', { limit: 5, windowMs: 1000 }],
    ['rateLimit', { limit: 0 }],
    ['rateLimit', { limit: () => 5 }],
    ['bodyLimit', 1],
    ['bodyLimit', '1'],
    ['bodyLimit', '999999999b'],
    ['bodyLimit', '16KB'],
    ['bodyLimit', '2mb'],
    ['adapterTimeout', 1],
    ['adapterTimeout', 4500],
    ['actTimeout', 1],
    ['actTimeout', 5500],
    ['bodyTimeout', 2_147_483_647],
    ['maxInFlight', 1],
    ['maxInFlightPerAddress', 1],
    ['errorStatus', {}],
    ['errorStatus', { invalid_grant: 403, invalid_client: 400, invalid_request: 499 }],
  ])('%s: %j', (name, value) => {
    expect(mistakesOf(withOption(name, value))).toBe('');
  });

  it('verifyDpop together with tokenEndpoint, and requireDpop with both', () => {
    const dpop = { verifyDpop: nothing, tokenEndpoint: 'https://auth.example/oauth/token' };
    expect(mistakesOf({ ...ADAPTERS, ...dpop })).toBe('');
    expect(mistakesOf({ ...ADAPTERS, ...dpop, requireDpop: true })).toBe('');
  });

  it('undefined for every option that may be left out', async () => {
    const { app, post, reasons } = createEndpoint({
      ...Object.fromEntries(
        [...FUNCTIONS, 'verifyDpop', 'tokenEndpoint', 'requireDpop', 'path', 'allowedOrigins', 'rateLimit']
          .concat('bodyLimit', 'adapterTimeout', 'errorStatus')
          .filter((name) => name !== 'onOutcome')
          .map((name) => [name, undefined]),
      ),
    });
    expect((await post()).status).toBe(200);
    expect((await request(app).get('/oauth/token')).headers.allow).toBe('POST');
    expect(reasons()).toEqual(['code_redeemed', 'method_not_allowed']);
  });

  it('no option out of an own __proto__', async () => {
    const { app } = createEndpoint(JSON.parse('{"__proto__":{"path":"/other"}}'));
    expect((await request(app).get('/oauth/token')).status).toBe(405);
  });

  it('frozen options', () => {
    expect(mistakesOf(Object.freeze({ ...ADAPTERS, errorStatus: Object.freeze({ invalid_grant: 403 }) }))).toBe('');
  });

  it('an object of a class, its methods included', async () => {
    class Host {
      rateLimit = false as const;
      findCode() {
        return null;
      }
      consumeCode() {
        return false;
      }
      issueTokens() {
        return { access_token: 'a', expires_in: 1 };
      }
    }
    const app = express().use(createTokenRouter(new Host()));
    const answer = await request(app).post('/oauth/token').type('form').send(goodForm());
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_grant']);
  });
});

describe('createTokenRouter refuses', () => {
  it.each<[string, unknown]>([
    ...['findCode', 'consumeCode', 'issueTokens', ...FUNCTIONS, 'verifyDpop'].flatMap((name): [string, unknown][] => [
      [name, null],
      [name, 'a string'],
      [name, {}],
    ]),
    ['findCode', undefined],
    ['consumeCode', undefined],
    ['issueTokens', undefined],
    ['tokenEndpoint', '/oauth/token'],
    ['tokenEndpoint', 'auth.example/oauth/token'],
    ['tokenEndpoint', 'ftp://auth.example/oauth/token'],
    ['tokenEndpoint', 'xhttps://auth.example/oauth/token'],
    ['tokenEndpoint', 'https://'],
    ['tokenEndpoint', 'https://auth.example/oauth/token#here'],
    ['tokenEndpoint', 'https://auth.example/oauth token'],
    ['tokenEndpoint', 'https://auth.example:99999/oauth/token'],
    ['tokenEndpoint', 'https://späte.example/oauth/token'],
    ['tokenEndpoint', 'https://auth.example/{tenant}/token'],
    ['tokenEndpoint', 'https://user:password@auth.example/token'],
    ['tokenEndpoint', 'https://auth.example/%zz'],
    ['tokenEndpoint', 'https://auth.example/%7g'],
    ['tokenEndpoint', 'https://auth.example/%g7'],
    ['tokenEndpoint', 'https://auth.example/%'],
    ['tokenEndpoint', 'https://auth.example/oauth\\token'],
    ['tokenEndpoint', 'https://auth.example/[token]'],
    ['tokenEndpoint', ''],
    ['tokenEndpoint', null],
    ['tokenEndpoint', new URL('https://auth.example/oauth/token')],
    ['requireDpop', 'true'],
    ['requireDpop', 1],
    ['requireDpop', null],
    ['path', ''],
    ['path', 'oauth/token'],
    ['path', '//token'],
    ['path', '/:tenant/token'],
    ['path', '/token*'],
    ['path', '/token?'],
    ['path', '/(token|oauth)'],
    ['path', '/:tenant/'],
    ['path', '/oauth token'],
    ['path', '/token\n'],
    ['path', ['/token']],
    ['path', /token/],
    ['allowedOrigins', 'https://app.example'],
    ['allowedOrigins', ['https://app.example/']],
    ['allowedOrigins', ['https://app.example/login']],
    ['allowedOrigins', ['https://App.example']],
    ['allowedOrigins', ['http://App.example']],
    ['allowedOrigins', ['https://app.example:443']],
    ['allowedOrigins', ['https://']],
    ['allowedOrigins', ['capacitor://localhost/']],
    ['allowedOrigins', ['capacitor://local host']],
    ['allowedOrigins', ['xcapacitor:localhost']],
    ['allowedOrigins', ['1capacitor://localhost']],
    ['allowedOrigins', ['app.example']],
    ['allowedOrigins', ['*']],
    ['allowedOrigins', ['https://*.app.example']],
    ['allowedOrigins', [null]],
    ['allowedOrigins', ['NULL']],
    ['allowedOrigins', ['']],
    ['allowedOrigins', [undefined]],
    ['allowedOrigins', [/app/]],
    ['allowedOrigins', true],
    ['rateLimit', true],
    ['rateLimit', null],
    ['rateLimit', 100],
    ['rateLimit', { limit: Number.NaN }],
    ['rateLimit', { limit: -1 }],
    ['rateLimit', { limit: '100' }],
    ['rateLimit', { windowMs: 0 }],
    ['rateLimit', { windowMs: 2 ** 31 }],
    ['rateLimit', { max: 2 }],
    ['rateLimit', { handler: nothing }],
    ['rateLimit', { message: 'slow down' }],
    ['rateLimit', { statusCode: 420 }],
    ['rateLimit', { retryAfter: 5 }],
    ['rateLimit', { skipSuccessfulRequests: true }],
    ['rateLimit', { skipFailedRequests: false }],
    ['rateLimit', { requestWasSuccessful: nothing }],
    ['rateLimit', { legacyHeaders: true }],
    ['rateLimit', { headers: true }],
    ['rateLimit', { windowMS: 5 }],
    ['rateLimit', { limit: 5, skipFailed: true }],
    ['rateLimit', { keyGenerator: 'ip' }],
    ['rateLimit', { skip: true }],
    ['rateLimit', { store: 'redis' }],
    ['rateLimit', { store: MemoryStore }],
    ['rateLimit', { store: {} }],
    ['rateLimit', { ipv6Subnet: 8 }],
    ['rateLimit', { standardHeaders: 'draft-9' }],
    ['rateLimit', { passOnStoreError: 'yes' }],
    ['rateLimit', { identifier: 5 }],
    ['rateLimit', { requestPropertyName: nothing }],
    ['rateLimit', async () => ({ limit: 5 })],
    ['rateLimit', []],
    ['bodyLimit', 0],
    ['bodyLimit', -1],
    ['bodyLimit', 1.5],
    ['bodyLimit', Number.NaN],
    ['bodyLimit', Number.POSITIVE_INFINITY],
    ['bodyLimit', '0'],
    ['bodyLimit', '16 kb'],
    ['bodyLimit', '16kbit'],
    ['bodyLimit', 'x16kb'],
    ['bodyLimit', '1gb'],
    ['bodyLimit', ''],
    ['bodyLimit', null],
    ['adapterTimeout', 0],
    ['adapterTimeout', 0.5],
    ['adapterTimeout', 4501],
    ['actTimeout', 0],
    ['bodyTimeout', 2_147_483_648],
    ['maxInFlight', 0],
    ['maxInFlightPerAddress', '7'],
    ['adapterTimeout', Number.NaN],
    ['adapterTimeout', '5000'],
    ['adapterTimeout', null],
    ['errorStatus', { invalid_grant: 399 }],
    ['errorStatus', { invalid_grant: 500 }],
    ['errorStatus', { invalid_grant: 403.5 }],
    ['errorStatus', { invalid_grant: '403' }],
    ['errorStatus', { invalid_dpop_proof: 401 }],
    ['errorStatus', { use_dpop_nonce: 401 }],
    ['errorStatus', { too_many_requests: 430 }],
    ['errorStatus', { server_error: 499 }],
    ['errorStatus', { temporarily_unavailable: 499 }],
    ['errorStatus', { invalid_token: 401 }],
    ['errorStatus', { constructor: 401 }],
    ['errorStatus', 403],
    ['errorStatus', null],
  ])('%s: %p', (name, value) => {
    const dpop = name === 'verifyDpop' ? { tokenEndpoint: 'https://auth.example/oauth/token' } : {};
    const [first, ...lines] = mistakesOf({ ...withOption(name, value), ...dpop }).split('\n');
    for (const line of [
      first === 'createTokenRouter:' ? String(lines[0]).trim() : String(first).slice(19),
      ...lines.slice(1),
    ]) {
      expect(line.trim()).toMatch(
        new RegExp(`^${name}\\S* (?:is|and|does not exist|cannot be set|changes nothing)\\b.*[.?]$`),
      );
    }
  });

  const HERE: Record<string, unknown> = { verifyDpop: nothing, tokenEndpoint: 'https://auth.example/oauth/token' };
  const ORIGIN = "Write an origin as browsers send it, such as 'https://app.example'.";
  const PATTERN = 'For a pattern pass a function: (origin, req) => true or false.';
  const URL_ADVICE =
    'Write the public http(s) URL of this endpoint in ASCII, without a user and a fragment, or (req) => that URL, which answers at once.';
  const RECORD = 'Write a function: (code, req) => the record, or null.';
  const REFRESH = 'Write { findRefreshToken, consumeRefreshToken, revokeTokens } of a store, not the store itself.';
  class Codes {}
  function* finding() {}

  it.each<[object, string]>([
    // What stands in an array is named by its place.
    [
      { allowedOrigins: ['https://app.example/'] },
      "allowedOrigins[0] is 'https://app.example/'. Browsers send 'https://app.example'. Write that.",
    ],
    [
      { allowedOrigins: ['null', 'https://App.example'] },
      "allowedOrigins[1] is 'https://App.example'. Browsers send 'https://app.example'. Write that.",
    ],
    [
      { allowedOrigins: ['https://app.example:443'] },
      "allowedOrigins[0] is 'https://app.example:443'. Browsers send 'https://app.example'. Write that.",
    ],
    [
      { allowedOrigins: ['https://app.example/a?b#c'] },
      "allowedOrigins[0] is 'https://app.example/a?b#c'. Browsers send 'https://app.example'. Write that.",
    ],
    [
      { allowedOrigins: ['app.example:8080'] },
      "allowedOrigins[0] is 'app.example:8080'. Browsers send 'https://app.example:8080'. Write that.",
    ],
    [
      { allowedOrigins: ['capacitor://localhost/'] },
      "allowedOrigins[0] is 'capacitor://localhost/'. Browsers send 'capacitor://localhost'. Write that.",
    ],
    [
      { allowedOrigins: ['https://späte.example'] },
      "allowedOrigins[0] is 'https://späte.example'. Browsers send 'https://xn--spte-moa.example'. Write that.",
    ],
    [{ allowedOrigins: ['https://app.example', undefined] }, `allowedOrigins[1] is undefined. ${ORIGIN} ${PATTERN}`],
    [{ allowedOrigins: [/app/] }, `allowedOrigins[0] is a RegExp. ${ORIGIN} ${PATTERN}`],
    [{ allowedOrigins: ['https://*.app.example'] }, `allowedOrigins[0] is 'https://*.app.example'. ${PATTERN}`],
    [{ allowedOrigins: [''] }, `allowedOrigins[0] is ''. ${ORIGIN}`],
    [{ allowedOrigins: ['mailto:a@b.example'] }, `allowedOrigins[0] is 'mailto:a@b.example'. ${ORIGIN}`],
    [
      { allowedOrigins: 'https://app.example' },
      "allowedOrigins is 'https://app.example'. Write an array of origins, such as ['https://app.example'], or (origin, req) => true or false.",
    ],
    [
      { allowedOrigins: Codes },
      "allowedOrigins is the class Codes. Write an array of origins, such as ['https://app.example'], or (origin, req) => true or false.",
    ],
    // A misspelling says what was meant.
    [
      { errorStatus: { invalid_grants: 403 } },
      'errorStatus.invalid_grants does not exist. Did you mean invalid_grant?',
    ],
    [
      { errorStatus: { Invalid_Client: 403 } },
      'errorStatus.Invalid_Client does not exist. Did you mean invalid_client?',
    ],
    [{ rateLimit: { windowMS: 5 } }, 'rateLimit.windowMS does not exist. Did you mean windowMs?'],
    [{ rateLimit: { limits: 5 } }, 'rateLimit.limits does not exist. Did you mean limit?'],
    [
      { refresh: { findRefreshToken: nothing, consumeRefreshToken: nothing, leway: 5 } },
      'refresh.leway does not exist. Did you mean leeway?',
    ],
    [{ revokeToken: nothing }, 'revokeToken does not exist. Did you mean revokeTokens?'],
    [{ tokenEndPoint: 'x' }, 'tokenEndPoint does not exist. Did you mean tokenEndpoint?'],
    // What express-rate-limit would take, and the endpoint makes meaningless.
    [{ rateLimit: { max: 5 } }, 'rateLimit.max is an older name. Write limit.'],
    [
      { rateLimit: { message: 'no' } },
      'rateLimit.message changes nothing: the endpoint answers 429 itself. Leave it out.',
    ],
    [
      { rateLimit: { skipFailedRequests: true } },
      'rateLimit.skipFailedRequests changes nothing: the endpoint counts refusals, and nothing else. Leave it out.',
    ],
    [
      { rateLimit: { legacyHeaders: true } },
      'rateLimit.legacyHeaders changes nothing: the endpoint sends RateLimit and RateLimit-Policy. Leave it out.',
    ],
    [
      { rateLimit: { store: MemoryStore } },
      'rateLimit.store is the class MemoryStore. Write a store of express-rate-limit, such as new RedisStore({ … }).',
    ],
    [
      { rateLimit: 100 },
      'rateLimit is 100. Write an object of express-rate-limit options, such as { limit: 20 }, or false.',
    ],
    // A status.
    [
      { errorStatus: { invalid_grant: '403' } },
      "errorStatus.invalid_grant is '403'. Write a whole number from 400 to 499.",
    ],
    [
      { errorStatus: { use_dpop_nonce: 401 } },
      'errorStatus.use_dpop_nonce cannot be set: clients rely on 400. Leave it out.',
    ],
    [
      { errorStatus: { server_error: '500' } },
      'errorStatus.server_error cannot be set: clients rely on 500. Leave it out.',
    ],
    // A number out of an environment variable.
    [{ adapterTimeout: '4000' }, "adapterTimeout is '4000'. Write 4000, a number."],
    [{ maxInFlight: '7' }, "maxInFlight is '7'. Write 7, a number."],
    [{ adapterTimeout: '4s' }, "adapterTimeout is '4s'. Write milliseconds, a whole number above 0."],
    [{ requireDpop: 'true' }, "requireDpop is 'true'. Write true or false."],
    [
      { path: 'token' },
      "path is 'token'. Write a plain path such as '/oauth/token': a slash first, no parameter, no pattern.",
    ],
    [{ bodyLimit: '16 kb' }, "bodyLimit is '16 kb'. Write a number of bytes above 0, or a string such as '16kb'."],
    // A function of another kind.
    [{ findCode: undefined }, `findCode is undefined. ${RECORD}`],
    [{ findCode: 'a secret' }, `findCode is a string of 8 characters. ${RECORD}`],
    [
      { findCode: Codes },
      'findCode is the class Codes. Pass a method of an object of that class: (code, req) => the record, or null.',
    ],
    [{ findCode: finding }, `findCode is the function finding. ${RECORD}`],
    [{ findCode: Promise.resolve(nothing) }, 'findCode is a Promise. Await it.'],
    [{ findCode: { findCode: nothing } }, 'findCode is an object with findCode. Pass its member findCode.'],
    [
      { issueTokens: { issueTokens: nothing, jwks: nothing } },
      'issueTokens is an object with issueTokens, jwks. Pass its member issueTokens.',
    ],
    [
      { issueTokens: createTokenIssuer },
      'issueTokens is the function createTokenIssuer. Call it: issueTokens: createTokenIssuer({ … }).issueTokens.',
    ],
    [
      { ...HERE, verifyDpop: createDpopVerifier },
      'verifyDpop is the function createDpopVerifier. Call it: verifyDpop: createDpopVerifier({ … }).',
    ],
    [
      { ...HERE, tokenEndpoint: async () => 'https://auth.example' },
      `tokenEndpoint is the async function tokenEndpoint. ${URL_ADVICE}`,
    ],
    [{ ...HERE, tokenEndpoint: new URL('https://auth.example') }, `tokenEndpoint is a URL. ${URL_ADVICE}`],
    [
      { ...HERE, tokenEndpoint: 'https://a:b@auth.example' },
      `tokenEndpoint is 'https://…@auth.example'. ${URL_ADVICE}`,
    ],
    [
      { rateLimit: async () => ({}) },
      'rateLimit is the async function rateLimit. Write an object of express-rate-limit options, such as { limit: 20 }, or false.',
    ],
    [{ rateLimit: Promise.resolve({}) }, 'rateLimit is a Promise. Await it.'],
    // A store in the place of its adapters.
    [{ refresh: memoryRefreshTokens }, `refresh is the function memoryRefreshTokens. Call it first. ${REFRESH}`],
    [{ refresh: memoryStore }, `refresh is the function memoryStore. Call it first. ${REFRESH}`],
    [
      { refresh: async () => memoryRefreshTokens() },
      `refresh is the async function refresh. Call it first. ${REFRESH}`,
    ],
    // What makes the adapter in the place of the adapter.
    [{ findCode: memoryCodes }, 'findCode is the function memoryCodes. Call it: findCode: memoryCodes().findCode.'],
    [
      { revokeTokens: redisStore },
      'revokeTokens is the function redisStore. Call it: revokeTokens: redisStore({ … }).revokeTokens.',
    ],
    [
      { authenticateClient: createClientAuthentication },
      'authenticateClient is the function createClientAuthentication. Call it: authenticateClient: createClientAuthentication({ … }).',
    ],
    [
      { refresh: { findRefreshToken: memoryStore, consumeRefreshToken: nothing } },
      'refresh.findRefreshToken is the function memoryStore. Call it: findRefreshToken: memoryStore().findRefreshToken.',
    ],
    [
      { grants: { client_credentials: clientCredentials } },
      'grants.client_credentials is the function clientCredentials. Call it: client_credentials: clientCredentials({ … }).',
    ],
    [
      { grants: { 'urn:x': { issueTokens: createTokenIssuer } } },
      "grants['urn:x'].issueTokens is the function createTokenIssuer. Call it: issueTokens: createTokenIssuer({ … }).issueTokens.",
    ],
    // Bounds that would be off, though they are there.
    [
      { rateLimit: false, maxInFlightPerAddress: 10 },
      'maxInFlightPerAddress does nothing with rateLimit: false, which turns off all bounds of an address. Leave one of them out.',
    ],
    [
      { rateLimit: { ipv6Subnet: () => 56, keyGenerator: () => 'a key' } },
      'rateLimit.ipv6Subnet does nothing beside rateLimit.keyGenerator. Leave one of them out.',
    ],
    [{ refresh: Promise.resolve(memoryRefreshTokens()) }, 'refresh is a Promise. Await it.'],
    [{ refresh: null }, `refresh is null. ${REFRESH}`],
    [
      { refresh: { findRefreshToken: nothing } },
      'refresh.consumeRefreshToken is missing. Write a function: (refreshToken, req) => true for exactly one call, false for all others.',
    ],
    [
      { refresh: { findRefreshToken: nothing, consumeRefreshToken: nothing, leeway: '10' } },
      "refresh.leeway is '10'. Write 10, a number.",
    ],
    [
      { saveCode: nothing },
      'saveCode is a member of a store, not an option. Spread the adapters of one store, ...store.adapters, or pick { findCode, consumeCode, revokeTokens }.',
    ],
    [
      { refresh: { findRefreshToken: nothing, consumeRefreshToken: nothing, saveRefreshToken: nothing } },
      'refresh.saveRefreshToken is a member of a store, not an option. Write refresh: { findRefreshToken, consumeRefreshToken, revokeTokens }.',
    ],
    // A grant of the host's.
    [{ grants: [] }, 'grants is an empty array. Write grants by grant_type: { [grant_type]: { issueTokens } }.'],
    [{ grants: { z: null } }, 'grants.z is null. Write { issueTokens }, with or without parameters and allowPublic.'],
    [
      { grants: { 'urn:x': { issueTokens: nothing, allowPublic: 'yes' } } },
      "grants['urn:x'].allowPublic is 'yes'. Write true or false.",
    ],
    [
      { grants: { x: { issueToken: nothing, issueTokens: nothing } } },
      'grants.x.issueToken does not exist. Did you mean issueTokens?',
    ],
    // What is sound by itself.
    [
      { adapterTimeout: 5000 },
      'adapterTimeout and actTimeout are 10000 ms together. Write 9500 at most, because clients give up after 10 s.',
    ],
    [
      { verifyDpop: nothing },
      "tokenEndpoint is missing, and verifyDpop needs it. Write the public URL of this endpoint, such as 'https://auth.example/oauth/token'.",
    ],
    [
      { requireDpop: true },
      'requireDpop is true, but verifyDpop is missing. Write verifyDpop: createDpopVerifier({ … }) of express-token-router/dpop.',
    ],
    [
      { refresh: { findRefreshToken: markRepeats(() => null), consumeRefreshToken: nothing, leeway: 0 } },
      'refresh.leeway does nothing here: the store decides which refresh tokens may come again. Leave it out, and pass leeway to the store.',
    ],
  ])('and names the entry, what was received and what to write: %#', (options, line) => {
    expect(mistakesOf({ ...ADAPTERS, ...options })).toBe(`createTokenRouter: ${line}`);
  });

  it.each<[unknown, string]>([
    [undefined, 'undefined'],
    [null, 'null'],
    ['options', "'options'"],
    [1, '1'],
    [[], 'an empty array'],
    [nothing, 'the function nothing'],
  ])('no object of options: %p', (options, received) => {
    expect(mistakesOf(options)).toBe(
      `createTokenRouter: options is ${received}. Pass an object with findCode, consumeCode and issueTokens.`,
    );
  });

  it('a promise of options', () => {
    expect(mistakesOf(Promise.resolve(ADAPTERS))).toBe('createTokenRouter: options is a Promise. Await it.');
  });

  it('what a store is spread with, all of it named', () => {
    const advice =
      'Spread the adapters of one store, ...store.adapters, or pick { findCode, consumeCode, revokeTokens }.';
    const spread = Object.keys(memoryCodes()).filter((name) => !/^(?:find|consume)Code$|^revokeTokens$/.test(name));
    expect(spread).toContain('saveCode');
    expect(mistakesOf({ ...ADAPTERS, ...memoryCodes() })).toBe(
      `createTokenRouter: ${spread.join(', ')} are members of a store, not options. ${advice}`,
    );
    const [head, ...more] = mistakesOf({ ...ADAPTERS, ...memoryStore(), path: 'x' }).split('\n');
    expect([head, more.length, more[0]?.trim()]).toEqual([
      'createTokenRouter:',
      2,
      expect.stringMatching(/^path is 'x'\./),
    ]);
    expect(more[1]).toMatch(/^ {2}saveCode, saveRefreshToken, .*\badapters are members of a store, not options\. /);
    expect(mistakesOf({ ...ADAPTERS, ...memoryStore().adapters })).toBe('');
    const inside = mistakesOf({ ...ADAPTERS, refresh: memoryRefreshTokens() }).split('\n');
    const named = inside.slice(1).map((line) => line.trim().split(' ')[0]);
    expect(named).toEqual(expect.arrayContaining(['refresh.saveRefreshToken', 'refresh.isRevoked']));
    expect(inside.slice(1).filter((line) => !line.includes('is a member of a store, not an option'))).toEqual([]);
  });

  it.each(['corsOrigins', 'constructor', 'toString', 'hasOwnProperty'])(
    'the unknown option %s, and names those there are',
    (name) => {
      const options = Object.defineProperty({ ...ADAPTERS }, name, { enumerable: true, value: true });
      expect(mistakesOf(options)).toMatch(
        `createTokenRouter: ${name} does not exist. These exist: findCode, consumeCode, issueTokens, `,
      );
    },
  );

  it('all mistakes at once, each on a line of its own and once', () => {
    const message = mistakesOf({
      findCode: nothing,
      path: 'token',
      allowedOrigins: ['*', 'null', 'https://a.example/'],
      errorStatus: { invalid_grant: 200, server_error: 200 },
      verifyDpop: 'yes',
      requireDpop: 'yes',
      adapterTimeOut: 5,
    });
    const [head, ...lines] = message.split('\n');
    expect(head).toBe('createTokenRouter:');
    expect(lines.map((line) => /^ {2}(\S+) /.exec(line)?.[1]).sort()).toEqual(
      [
        ...[
          'consumeCode',
          'issueTokens',
          'path',
          'allowedOrigins[0]',
          'allowedOrigins[2]',
          'errorStatus.invalid_grant',
        ],
        ...['errorStatus.server_error', 'verifyDpop', 'requireDpop', 'tokenEndpoint', 'adapterTimeOut'],
      ].sort(),
    );
    const repeated = mistakesOf({ ...ADAPTERS, verifyDpop: nothing, requireDpop: true });
    expect(repeated.match(/tokenEndpoint is missing/g)).toHaveLength(1);
  });

  it('a value without a secret that landed in the wrong place', () => {
    const secrets = [
      'postgres://user:hunter2@db',
      '-----BEGIN PRIVATE KEY-----\nhunter2',
      'hunter2hunter2hunter2hunter2',
    ];
    for (const secret of secrets) {
      const names = ['findCode', 'consumeCode', 'issueTokens', 'tokenEndpoint', 'path', 'bodyLimit', 'adapterTimeout'];
      const bad = Object.fromEntries([...names, ...FUNCTIONS, 'verifyDpop', 'refresh'].map((name) => [name, secret]));
      const message = mistakesOf({
        ...bad,
        [secret]: true,
        allowedOrigins: [secret],
        rateLimit: { message: secret, [secret]: 1 },
        errorStatus: { invalid_grant: secret, [secret]: 400 },
      });
      expect(message.split('\n').length).toBeGreaterThan(13);
      expect(message).not.toContain('hunter2');
    }
  });

  it('a value on one line, however it is broken', () => {
    expect(mistakesOf(withOption('path', '/a\n  b\r\nc')).split('\n')).toHaveLength(1);
    expect(mistakesOf(withOption('a\nb', 1)).split('\n')).toHaveLength(1);
    expect(mistakesOf(withOption('path', 'x'.repeat(1e6))).length).toBeLessThan(300);
  });
});

describe('The options of another endpoint', () => {
  const PICKED = { findRefreshToken: nothing, revokeGrant: nothing };
  const told = (options: unknown): string => {
    try {
      createRevocationRouter(options as never);
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(TypeError);
      return (thrown as TypeError).message;
    }
    return '';
  };

  it.each<[string, unknown]>([
    ['the adapters alone', PICKED],
    ['the longest time for a look', { ...PICKED, adapterTimeout: 9500 }],
    ['a time that is undefined', { ...PICKED, adapterTimeout: undefined }],
  ])('may be %s', (_what, options) => {
    expect(told(options)).toBe('');
  });

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'options is undefined. Pass an object with findRefreshToken and revokeGrant.'],
    ['null', null, 'options is null. Pass an object with findRefreshToken and revokeGrant.'],
    ['a text', 'options', "options is 'options'. Pass an object with findRefreshToken and revokeGrant."],
    [
      'what is wrong by itself',
      { ...PICKED, path: 'revoke' },
      "path is 'revoke'. Write a plain path such as '/oauth/token': a slash first, no parameter, no pattern.",
    ],
    [
      'a time longer than clients wait',
      { ...PICKED, adapterTimeout: 9501 },
      'adapterTimeout is 9501 ms. Write 9500 at most, because clients give up after 10 s.',
    ],
    [
      'a bound that would be off',
      { ...PICKED, rateLimit: false, maxInFlightPerAddress: 10 },
      'maxInFlightPerAddress does nothing with rateLimit: false, which turns off all bounds of an address. Leave one of them out.',
    ],
    [
      'what does nothing together',
      { revokeGrant: nothing },
      'findRefreshToken is missing, and no token would be found. Pick it of your store.',
    ],
  ])('cannot be %s', (_what, options, line) => {
    expect(told(options)).toBe(`createRevocationRouter: ${line}`);
  });
});

describe('What the host does to its options afterwards', () => {
  it('changes nothing', async () => {
    const errorStatus = { invalid_grant: 403 };
    const allowedOrigins = ['https://app.example'];
    const adapters: Options = {
      findCode: () => null,
      consumeCode: () => false,
      issueTokens: () => ({ access_token: 'a', expires_in: 1 }),
      errorStatus,
      allowedOrigins,
    };
    const app = express().use(createTokenRouter(adapters));
    errorStatus.invalid_grant = 418;
    allowedOrigins[0] = 'https://evil.example';
    adapters.findCode = () => {
      throw new Error('not asked');
    };
    const answer = await request(app)
      .post('/oauth/token')
      .set('Origin', 'https://app.example')
      .type('form')
      .send({ ...goodForm(), code: CODE });
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([403, 'https://app.example']);
  });
});
