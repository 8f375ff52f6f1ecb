import { EventEmitter } from 'node:events';
import type { Request } from 'express';
import { createTokenIssuer } from '../../lib/tokens';
import {
  bareRequest,
  codeExchange,
  goodOptions,
  type HostCode,
  type IssuerOptions,
  RSA,
  refreshExchange,
} from '../support/issuer';

/** An RSA signature counts as 4 ms before one was made. */
const RSA_MS = 4;
const keys = [{ kid: 'key 1', privateKey: RSA.privateKey }];

const createIssuer = (issuer: Partial<IssuerOptions> = {}) =>
  createTokenIssuer<HostCode>({ ...goodOptions(), keys, ...issuer }).issueTokens;
const one = (more: object = {}) => codeExchange({ scope: 'read:notes' }, more);
const two = (more: object = {}) => codeExchange({ scope: 'openid read:notes' }, more);
const busyIn = (timeoutMs: number) => ({
  error: 'temporarily_unavailable',
  reason: 'signing_busy',
  cause: {
    message: `The signatures of this request would take up to 1 s; they have ${timeoutMs} ms, signingTimeout or half of actTimeout`,
  },
});

/** Requests whose response ends with the spec: what was promised to them is taken back. */
const open: EventEmitter[] = [];
const openRequest = () => {
  const res = Object.assign(new EventEmitter(), { writableEnded: false, destroyed: false });
  open.push(res);
  return { method: 'POST', res } as unknown as Request;
};
afterEach(() => {
  for (const res of open.splice(0)) res.emit('close');
});

describe('The signatures of an exchange', () => {
  it.each<[string, ReturnType<typeof one>, Partial<IssuerOptions>, number]>([
    ['an access token has signingTimeout', one(), { signingTimeout: RSA_MS - 1 }, RSA_MS - 1],
    ['two tokens have it together', two(), { signingTimeout: 2 * RSA_MS - 1 }, 2 * RSA_MS - 1],
    ['an access token has half of actTimeout', one({ actTimeout: 2 * RSA_MS - 2 }), {}, RSA_MS - 1],
    ['two tokens have that together', two({ actTimeout: 4 * RSA_MS - 2 }), {}, 2 * RSA_MS - 1],
    ['the shorter of both counts', one({ actTimeout: 60_000 }), { signingTimeout: RSA_MS - 1 }, RSA_MS - 1],
  ])(
    'are refused before anything is asked of the host where they take longer: %s',
    async (_what, exchange, issuer, ms) => {
      const users = jest.fn();
      const issueTokens = createIssuer({ users, ...issuer });
      await expect(issueTokens.check(exchange, openRequest())).rejects.toMatchObject(busyIn(ms));
      expect(users).not.toHaveBeenCalled();
    },
  );

  it.each<[string, ReturnType<typeof one>, Partial<IssuerOptions>]>([
    ['as long as signingTimeout', one(), { signingTimeout: RSA_MS }],
    ['two as long as it', two(), { signingTimeout: 2 * RSA_MS }],
    ['as long as half of actTimeout', one({ actTimeout: 2 * RSA_MS }), {}],
    ['two as long as that', two({ actTimeout: 4 * RSA_MS }), {}],
  ])('are promised where they take no longer: %s', async (_what, exchange, issuer) => {
    await expect(createIssuer(issuer).check(exchange, openRequest())).resolves.toBe(undefined);
  });

  it('are promised once: the next request is refused while the first one has its promise', async () => {
    const issueTokens = createIssuer({ signingTimeout: RSA_MS });
    await issueTokens.check(one(), openRequest());
    await expect(issueTokens.check(one(), openRequest())).rejects.toMatchObject(busyIn(RSA_MS));
  });

  it.each<[string, Partial<IssuerOptions>]>([
    ['the grant was revoked', { isRevoked: jest.fn().mockReturnValueOnce(true).mockReturnValue(false) }],
    ['the user is gone', { users: jest.fn().mockReturnValueOnce(null).mockReturnValue({}) }],
    ['the claims are none', { claims: jest.fn().mockReturnValueOnce([]).mockReturnValue({}) }],
  ])('are free for the next request at once where the look ends in an error: %s', async (_what, issuer) => {
    const issueTokens = createIssuer({ signingTimeout: RSA_MS, ...issuer });
    await expect(issueTokens.check(one(), openRequest())).rejects.toThrow();
    await expect(issueTokens.check(one(), openRequest())).resolves.toBe(undefined);
  });

  it.each<[string, (issueTokens: ReturnType<typeof createIssuer>) => Promise<unknown>]>([
    [
      'with a look',
      async (issueTokens) => {
        const [exchange, req] = [one(), openRequest()];
        await issueTokens.check(exchange, req);
        return issueTokens(exchange, req);
      },
    ],
    ['without one', (issueTokens) => issueTokens(one(), openRequest())],
  ])('are free for the next request once they are made: %s', async (_what, issue) => {
    const issueTokens = createIssuer();
    expect(await issue(issueTokens)).toHaveProperty('access_token');
    // A key of its own: nobody has measured it, and the promises are counted for all issuers together.
    await expect(createIssuer({ signingTimeout: RSA_MS }).check(one(), openRequest())).resolves.toBe(undefined);
  });

  it('are made without a limit where a host has lost the look', async () => {
    expect(await createIssuer({ signingTimeout: 1 })(one(), bareRequest())).toHaveProperty('access_token');
  });
});

describe('The calls of a store that the look counts', () => {
  const CALL_MS = 1000;
  const fake = () => ({
    saveCode() {},
    saveRefreshToken: () => ({ isRevoked: false }),
    extendRefreshToken() {},
    findGrant: () => ({ isRevoked: false }),
    keepGrantsFor() {},
  });
  afterEach(() => jest.restoreAllMocks());

  it.each<[string, ReturnType<typeof one>, 'store' | 'isRevoked', number]>([
    ['spending and saving, with a store that looks as it saves', codeExchange(), 'store', 2],
    ['spending and another look, where a store saves nothing', one(), 'store', 2],
    [
      'spending, extending and another look, where a store keeps the token',
      refreshExchange({}, { isRotated: false }),
      'store',
      3,
    ],
    ['spending, saving and another look, with a function of the host', codeExchange(), 'isRevoked', 3],
  ])('are %s', async (_what, exchange, kind, calls) => {
    let now = 1000;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    const slowly =
      <T>(answer: T) =>
      () => {
        now += CALL_MS;
        return answer;
      };
    const own = { store: { ...fake(), findGrant: slowly({ isRevoked: false }) }, saveRefreshToken: undefined };
    const issueTokens = createIssuer({
      keys: goodOptions().keys,
      ...(kind === 'store' ? own : { isRevoked: slowly(false) }),
    });
    const lookIn = (actTimeout: number) => issueTokens.check({ ...exchange, actTimeout }, openRequest());
    await expect(lookIn(calls * CALL_MS)).resolves.toBe(undefined);
    const actTimeout = calls * CALL_MS - 1;
    await expect(lookIn(actTimeout)).rejects.toMatchObject({
      reason: 'no_time_left',
      cause: {
        message: `isRevoked took 1000 ms: ${calls} calls of the store like that would take longer than actTimeout, ${actTimeout} ms`,
      },
    });
  });
});
