import express from 'express';
import request from 'supertest';
import { createTokenRouter } from '../lib';
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
    ['allowedOrigins', () => true],
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
    ['allowedOrigins', ['null']],
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
    const message = mistakesOf({ ...withOption(name, value), ...dpop });
    expect(message).toMatch(new RegExp(`^createTokenRouter: ${name} must (?:be|map) `));
    expect(message).not.toContain('; verifyDpop must');
  });

  it.each([undefined, null, 'options', 1, [], nothing])('no object of options: %p', (options) => {
    expect(mistakesOf(options)).toBe('createTokenRouter: pass an object with findCode, consumeCode and issueTokens');
  });

  it('verifyDpop without tokenEndpoint', () => {
    expect(mistakesOf(withOption('verifyDpop', nothing))).toMatch(
      /^createTokenRouter: tokenEndpoint must be the public .*; verifyDpop needs it$/,
    );
  });

  it('requireDpop without verifyDpop, for nobody could bring a proof', () => {
    expect(mistakesOf(withOption('requireDpop', true))).toBe(
      'createTokenRouter: requireDpop must be true or false; true needs verifyDpop',
    );
  });

  it.each([
    ['requireDPoP', 'requireDpop'],
    ['verifyDPoP', 'verifyDpop'],
    ['findcode', 'findCode'],
    ['ratelimit', 'rateLimit'],
    ['onoutcome', 'onOutcome'],
  ])('the misspelling %s, and says what to write', (name, meant) => {
    expect(mistakesOf(withOption(name, true))).toBe(`createTokenRouter: there is no option ${name}: write ${meant}`);
  });

  it.each(['revokeToken', 'corsOrigins', 'constructor', 'toString', 'hasOwnProperty'])(
    'the unknown option %s, and names those there are',
    (name) => {
      const message = mistakesOf(withOption(name, true));
      expect(message).toMatch(`createTokenRouter: there is no option ${name}: the options are findCode, consumeCode, `);
    },
  );

  it('all mistakes at once, each told once', () => {
    const message = mistakesOf({
      findCode: nothing,
      path: 'token',
      allowedOrigins: ['*', 'null', 'https://a.example/'],
      errorStatus: { invalid_grant: 200, server_error: 200 },
      verifyDpop: 'yes',
      requireDpop: 'yes',
      adapterTimeOut: 5,
    });
    const told = message.replace('createTokenRouter: ', '').match(/\w+ must (?:be|map)|there is no option \w+/g);
    expect(told?.sort()).toEqual(
      ['consumeCode', 'issueTokens', 'path', 'allowedOrigins', 'errorStatus', 'verifyDpop', 'requireDpop']
        .map((name) => `${name} must ${name === 'errorStatus' ? 'map' : 'be'}`)
        .concat('tokenEndpoint must be', 'there is no option adapterTimeOut')
        .sort(),
    );
  });

  it('a value without repeating it: it may be a secret that landed in the wrong place', () => {
    const secret = 'postgres://user:hunter2@db';
    const names = ['findCode', 'consumeCode', 'issueTokens', 'tokenEndpoint', 'path', 'bodyLimit', 'adapterTimeout'];
    const bad = Object.fromEntries([...names, ...FUNCTIONS, 'verifyDpop', 'password'].map((name) => [name, secret]));
    const message = mistakesOf({
      ...bad,
      allowedOrigins: [secret],
      rateLimit: { message: secret },
      errorStatus: { invalid_grant: secret, [secret]: 400 },
    });
    expect(message.split('; ').length).toBeGreaterThan(10);
    expect(message).not.toContain('hunter2');
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
