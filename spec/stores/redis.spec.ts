import { createServer } from 'node:http';
import express from 'express';
import request from 'supertest';
import { createTokenRouter } from '../../lib';
import { redisCodes, redisJtis, redisRefreshTokens, redisStore, type SendCommand } from '../../lib/stores/redis';
import {
  createCode,
  createCodeRecord,
  createPkcePair,
  createRefreshTokenRecord,
  tokenEndpoint,
} from '../../lib/testing';
import { describeWith, startRedis, type TestServer } from '../support/servers';
import { type Connection, connectRedis } from './backends';

const never: SendCommand = () => {
  throw new Error('never sent');
};

test.each([
  [
    'sendCommand',
    { sendCommand: undefined },
    'sendCommand is undefined. Write a function: (...args) => client.sendCommand(args).',
  ],
  [
    'sendCommand',
    { sendCommand: 'redis://user:password@host' },
    'sendCommand is a string of 26 characters. Write a function: (...args) => client.sendCommand(args).',
  ],
  [
    'sendCommand',
    { sendCommand: { sendCommand() {} } },
    'sendCommand is an object with sendCommand. Pass its member sendCommand.',
  ],
  ['prefix', { sendCommand: never, prefix: 1 }, 'prefix is 1. Write a string without braces.'],
  ['prefix', { sendCommand: never, prefix: '{one-slot}:' }, "prefix is '{one-slot}:'. Write a string without braces."],
])('A wrong %s is refused at construction: %p', (_name, options, message) => {
  expect(() => redisCodes(options as never)).toThrow(new TypeError(`redisCodes: ${message}`));
  expect(() => redisJtis(options as never)).toThrow(new TypeError(`redisJtis: ${message}`));
  expect(() => redisRefreshTokens(options as never)).toThrow(new TypeError(`redisRefreshTokens: ${message}`));
});

test('A wrong lifetime is refused at construction', () => {
  expect(() => redisCodes({ sendCommand: never, spentLifetime: 0 })).toThrow(
    new TypeError('redisCodes: spentLifetime is 0. Write milliseconds, a whole number from 1 to 100000000000000.'),
  );
  expect(() => redisRefreshTokens({ sendCommand: never, revokedLifetime: 0.5 })).toThrow(
    new TypeError(
      'redisRefreshTokens: revokedLifetime is 0.5. Write milliseconds, a whole number from 1 to 100000000000000.',
    ),
  );
});

describe('A reply that is none is a fault, never a yes or a no:', () => {
  const grant = { grantId: 'a grant' };
  const jti = { jti: 'a jti', jkt: 'a key', expiresAt: new Date() };
  const TOKEN_ID = `${'0'.repeat(64)}.0.0.live`;
  const CALLS = {
    saveCode: (sendCommand: SendCommand) => redisCodes({ sendCommand }).saveCode('a code', createCodeRecord()),
    findCode: (sendCommand: SendCommand) => redisCodes({ sendCommand }).findCode('a code'),
    consumeCode: (sendCommand: SendCommand) => redisCodes({ sendCommand }).consumeCode(grant),
    revokeTokens: (sendCommand: SendCommand) => redisCodes({ sendCommand }).revokeTokens(grant),
    isRevoked: (sendCommand: SendCommand) => redisCodes({ sendCommand }).isRevoked('a grant'),
    consumeJti: (sendCommand: SendCommand) => redisJtis({ sendCommand }).consumeJti(jti),
    saveRefreshToken: (sendCommand: SendCommand) =>
      redisRefreshTokens({ sendCommand }).saveRefreshToken('a token', createRefreshTokenRecord()),
    'saveRefreshToken, its second command': (sendCommand: SendCommand) => {
      const send: SendCommand = (...args) => (args[0] === 'EVAL' ? '0' : sendCommand(...args));
      return redisRefreshTokens({ sendCommand: send }).saveRefreshToken('a token', createRefreshTokenRecord());
    },
    findRefreshToken: (sendCommand: SendCommand) => redisRefreshTokens({ sendCommand }).findRefreshToken('a token'),
    'findRefreshToken, its second command': (sendCommand: SendCommand) => {
      const send: SendCommand = (...args) => (args[0] === 'GET' ? `${'a'.repeat(43)}.0.0` : sendCommand(...args));
      return redisRefreshTokens({ sendCommand: send }).findRefreshToken('a token');
    },
    consumeRefreshToken: (sendCommand: SendCommand) =>
      redisRefreshTokens({ sendCommand }).consumeRefreshToken({ tokenId: TOKEN_ID }),
    'revokeTokens of refresh tokens': (sendCommand: SendCommand) =>
      redisRefreshTokens({ sendCommand }).revokeTokens(grant),
    'isRevoked of refresh tokens': (sendCommand: SendCommand) =>
      redisRefreshTokens({ sendCommand }).isRevoked('a grant'),
    findGrant: (sendCommand: SendCommand) => redisStore({ sendCommand }).findGrant('a grant'),
    revokeGrant: (sendCommand: SendCommand) => redisStore({ sendCommand }).revokeGrant('a grant'),
    revokeUser: (sendCommand: SendCommand) => redisStore({ sendCommand }).revokeUser('a user'),
    extendRefreshToken: (sendCommand: SendCommand) =>
      redisStore({ sendCommand }).extendRefreshToken({ tokenId: TOKEN_ID }, new Date()),
    'saveCode of a user': (sendCommand: SendCommand) =>
      redisStore({ sendCommand }).saveCode('a code', { ...createCodeRecord(), userId: 'a user', audience: null }),
  };

  test.each(Object.entries(CALLS))('%s', async (_name, call) => {
    for (const reply of [undefined, [1], {}, true]) {
      await expect(call(() => reply)).rejects.toThrow(/^sendCommand returned .+; it must return the reply of /);
    }
    await expect(call(() => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
  });

  test.each(['consumeCode', 'revokeTokens', 'consumeRefreshToken', 'revokeTokens of refresh tokens'] as const)(
    '%s that is another number',
    async (name) => {
      await expect(CALLS[name](() => 2)).rejects.toThrow(/^sendCommand returned .+; it must return the reply of /);
    },
  );

  test.each(Object.entries(CALLS))('%s in a transaction', async (_name, call) => {
    await expect(call(() => 'QUEUED')).rejects.toThrow(/^sendCommand returned .+; it must return the reply of /);
  });

  test.each([
    'consumeCode',
    'revokeTokens',
    'saveCode',
    'isRevoked',
    'findGrant',
    'saveRefreshToken',
    'consumeRefreshToken',
    'extendRefreshToken',
    'revokeTokens of refresh tokens',
  ] as const)('%s that is nil or empty', async (name) => {
    for (const reply of [null, '', ' '])
      await expect(CALLS[name](() => reply)).rejects.toThrow(/^sendCommand returned .+; it must return the reply of /);
  });
});

test('A code or a token that was saved before is refused, in words', async () => {
  await expect(redisCodes({ sendCommand: () => 0 }).saveCode('a code', createCodeRecord())).rejects.toThrow(
    new Error('saveCode: this code was saved before; codes are random and used once'),
  );
  const sendCommand: SendCommand = (name) => (name === 'EVAL' ? '0' : null);
  await expect(redisRefreshTokens({ sendCommand }).saveRefreshToken('a', createRefreshTokenRecord())).rejects.toThrow(
    new Error('saveRefreshToken: this token was saved before; tokens are random and used once'),
  );
});

test('Replies may be bytes, strings or big integers, as the client likes', async () => {
  const of = (reply: unknown) => redisCodes({ sendCommand: () => reply });
  const bytes = ['{"clientId":"spa"}', '', ''].map((text) => Buffer.from(text));
  await expect(of(bytes).findCode('a code')).resolves.toMatchObject({ clientId: 'spa' });
  await expect(of(1n).consumeCode({ grantId: 'a' })).resolves.toBe(true);
  await expect(of('0').consumeCode({ grantId: 'a' })).resolves.toBe(false);
  await expect(of(Buffer.from('revoked')).isRevoked('a')).resolves.toBe(true);
  await expect(of(1).saveCode('a', createCodeRecord())).resolves.toEqual({ grantId: expect.any(String) });
});

describeWith('redis-server', 'On a server', () => {
  let server: TestServer;
  let connection: Connection<SendCommand>;
  const sent: string[] = [];
  const sendCommand: SendCommand = (...args) => {
    sent.push(String(args[0]));
    return connection.send(...args);
  };

  beforeAll(async () => {
    server = await startRedis();
    connection = await connectRedis(server);
  }, 300_000);
  afterAll(async () => {
    await connection.close();
    await server.stop();
  });
  beforeEach(async () => {
    await connection.send('FLUSHALL');
    sent.length = 0;
  });

  test('a redemption costs one command to find and one to spend, a replay two more', async () => {
    const codes = redisCodes({ sendCommand, strictReplay: true });
    const { saveCode, findCode, consumeCode, revokeTokens, isRevoked } = codes;
    const pair = createPkcePair();
    const code = createCode();
    await saveCode(code, createCodeRecord({ codeChallenge: pair.codeChallenge }));
    expect(sent.splice(0)).toEqual(['EVAL']);

    const issueTokens = () => ({ access_token: 'an access token', expires_in: 60 });
    const router = createTokenRouter({ findCode, consumeCode, issueTokens, revokeTokens });
    const app = createServer(express().use(router));
    const redeem = () => tokenEndpoint(request(app)).redeem({ code, codeVerifier: pair.codeVerifier });
    expect((await redeem()).status).toBe(200);
    expect(sent.splice(0)).toEqual(['EVAL', 'EVAL']);
    const grantId = String((await findCode(code))?.grantId);
    await expect(isRevoked(grantId)).resolves.toBe(false);
    sent.length = 0;

    expect((await redeem()).body.error).toBe('invalid_grant');
    // Found, not spent by this request; and revoked, whether the endpoint looked when and by whom it was spent or not.
    expect([3, 4]).toContain(sent.length);
    expect(new Set(sent.splice(0))).toEqual(new Set(['EVAL']));
    await expect(isRevoked(grantId)).resolves.toBe(true);
  });

  test('a jti costs one command', async () => {
    await redisJtis({ sendCommand }).consumeJti({ jti: 'a', jkt: 'b', expiresAt: new Date() });
    expect(sent).toEqual(['SET']);
  });

  test('keys stand under the prefix, in the slot of their grant, and each of them ends', async () => {
    const expiresAt = new Date(Date.now() + 10_000);
    const { saveCode, findCode, consumeCode, revokeTokens } = redisCodes({
      sendCommand,
      prefix: 'mine:',
      spentLifetime: 500_000,
    });
    await saveCode('a code', createCodeRecord({ expiresAt }));
    await redisJtis({ sendCommand, prefix: 'mine:' }).consumeJti({ jti: 'a', jkt: 'b', expiresAt });
    const keys = ((await connection.send('KEYS', '*')) as string[]).sort();
    expect(keys).toEqual([
      expect.stringMatching(/^mine:grant:\{[\w-]{43}\}$/),
      expect.stringMatching(/^mine:jti:[0-9a-f]{64}$/),
    ]);
    const endsIn = (key: string | undefined) => connection.send('PTTL', String(key));
    for (const key of keys) expect(Math.round(Number(await endsIn(key)) / 1000)).toBe(70);

    const found = await findCode('a code');
    if (found) await consumeCode(found);
    expect(Math.round(Number(await endsIn(keys[0])) / 1000)).toBe(500);
    await connection.send('PEXPIRE', String(keys[0]), '1000');
    if (found) await revokeTokens(found);
    expect(Math.round(Number(await endsIn(keys[0])) / 1000)).toBe(500);
  });

  /** Keys end two days and a minute after this: an expired token is told from an unknown one. A busy machine may be late. */
  async function expectKept(keys: readonly string[], end: Date, startedAt: number) {
    for (const key of keys) {
      const endsAt = Date.now() + Number(await connection.send('PTTL', key));
      const late = endsAt - end.getTime() - 172_860_000;
      expect(Math.abs(late)).toBeLessThanOrEqual(Date.now() - startedAt + 5);
    }
  }

  test('a refresh costs two commands to find, one to spend and two to save; keys end with their tokens', async () => {
    const startedAt = Date.now();
    const tokens = redisRefreshTokens({ sendCommand, prefix: 'mine:' });
    const record = createRefreshTokenRecord({ expiresAt: new Date(startedAt + 10_000) });
    await tokens.saveRefreshToken('a token', record);
    expect(sent.splice(0)).toEqual(['EVAL', 'SET']);
    const found = await tokens.findRefreshToken('a token');
    expect(sent.splice(0)).toEqual(['GET', 'EVAL']);
    await expect(tokens.consumeRefreshToken({ tokenId: String(found?.tokenId) })).resolves.toBe(true);
    await expect(tokens.isRevoked(record.grantId)).resolves.toBe(false);
    expect(sent.splice(0)).toEqual(['EVAL', 'EVAL']);

    const keys = ((await connection.send('KEYS', '*')) as string[]).sort();
    expect(keys).toEqual([
      expect.stringMatching(/^mine:grant:\{[\w-]{43}\}$/),
      expect.stringMatching(/^mine:token:[\w-]{43}$/),
    ]);
    await expectKept(keys, record.expiresAt, startedAt);

    // A shorter life than the grant has already shortens nothing; a revocation does not either.
    const tokenId = String(found?.tokenId);
    await tokens.saveRefreshToken('short', { ...record, tokenId, expiresAt: new Date() });
    await expectKept(keys, record.expiresAt, startedAt);
    await tokens.revokeTokens(record);
    await expectKept(keys, record.expiresAt, startedAt);
    await expect(tokens.isRevoked(record.grantId)).resolves.toBe(true);
  });

  test('a token and its grant are kept for as long as the family may live, where the record says so', async () => {
    const tokens = redisRefreshTokens({ sendCommand, prefix: 'mine:' });
    const startedAt = Date.now();
    const expiresAt = new Date(startedAt + 10_000);
    const grantExpiresAt = new Date(startedAt + 50_000);
    await tokens.saveRefreshToken('a token', { ...createRefreshTokenRecord({ expiresAt }), grantExpiresAt } as never);
    await expectKept((await connection.send('KEYS', 'mine:*')) as string[], grantExpiresAt, startedAt);
  });

  describe('a user is remembered for as long as each login', () => {
    const logIn = async (later: { grantExpiresAt?: Date; expiresAt: Date }) => {
      const store = redisStore({ sendCommand });
      const end = new Date(Date.now() + 10_000);
      const login = { clientId: 'spa', scope: null, grantId: 'a grant', userId: 'alice', audience: null };
      await store.saveRefreshToken('one', { ...login, expiresAt: end, grantExpiresAt: end });
      const found = await store.findRefreshToken('one');
      await store.consumeRefreshToken({ tokenId: String(found?.tokenId) });
      sent.length = 0;
      await store.saveRefreshToken('two', { ...login, ...later, tokenId: found?.tokenId } as never);
      return sent.splice(0);
    };
    /** Minutes from now until the user, the entry of the login and the grant are forgotten. */
    const endsOf = async () => {
      const [user, grant] = ((await connection.send('KEYS', '*:[gu]*')) as string[]).sort().reverse() as [
        string,
        string,
      ];
      const [entry] = (await connection.send('ZRANGE', user, '0', '-1')) as [string];
      expect(grant).toContain(`{${entry}}`);
      const end = Number(await connection.send('ZSCORE', user, entry));
      const ends = [await connection.send('PTTL', user), end - Date.now(), await connection.send('PTTL', grant)];
      return ends.map((each) => Math.round(Number(each) / 60_000));
    };

    test.each<[string, (end: Date) => { grantExpiresAt?: Date; expiresAt: Date }]>([
      ['whose grantExpiresAt is later than that of the one before', (end) => ({ expiresAt: end, grantExpiresAt: end })],
      ['whose record has no grantExpiresAt', (end) => ({ expiresAt: end })],
    ])('also where it is prolonged by a token %s', async (_what, later) => {
      const sentToSave = await logIn(later(new Date(Date.now() + 86_400_000)));
      expect(sentToSave).toEqual(['EVAL', 'EVAL', 'SET']);
      expect(await endsOf()).toEqual(Array(3).fill(3 * 1440 + 1));
    });

    test('also where it is prolonged by less than a minute', async () => {
      const end = new Date(Date.now() + 60_000);
      expect(await logIn({ expiresAt: end, grantExpiresAt: end })).toEqual(['EVAL', 'EVAL', 'SET']);
    });

    test('and for as long as its code, where the first token ends before that', async () => {
      const store = redisStore({ sendCommand, spentLifetime: 10 * 86_400_000 });
      const user = { userId: 'alice', audience: null };
      const { grantId } = await store.saveCode('a code', { ...createCodeRecord(), ...user });
      const end = new Date(Date.now() + 10_000);
      const login = { clientId: 'spa', scope: null, grantId, ...user, expiresAt: end, grantExpiresAt: end };
      await store.saveRefreshToken('one', login);
      expect(await endsOf()).toEqual([10 * 1440 + 2, 10 * 1440 + 2, 10 * 1440 + 1]);
    });

    test('with no command more where the next token ends with the login', async () => {
      const end = new Date(Date.now() + 10_000);
      expect(await logIn({ expiresAt: end, grantExpiresAt: end })).toEqual(['EVAL', 'SET']);
    });
  });

  test('a token whose grant is lost is none', async () => {
    const { saveRefreshToken, findRefreshToken, consumeRefreshToken, isRevoked, findGrant } = redisRefreshTokens({
      sendCommand,
    });
    const record = createRefreshTokenRecord();
    await saveRefreshToken('a token', record);
    const tokenId = String((await findRefreshToken('a token'))?.tokenId);
    await consumeRefreshToken({ tokenId });
    const [grant] = (await connection.send('KEYS', '*grant*')) as string[];
    await connection.send('DEL', String(grant));
    await expect(findRefreshToken('a token')).resolves.toBeNull();
    await expect(consumeRefreshToken({ tokenId })).resolves.toBe(false);
    await expect(isRevoked(record.grantId)).resolves.toBe(true);
    await expect(findGrant(record.grantId)).resolves.toBeNull();
    await expect(saveRefreshToken('the next', { ...record, tokenId })).rejects.toMatchObject({
      reason: 'grant_unknown',
    });
  });

  test.each([
    [
      'no date as expiresAt',
      { expiresAt: 'tomorrow' },
      /^(?:saveRefreshToken: )?expiresAt is 'tomorrow'\. Write a valid Date\.$/,
    ],
    ['no grantId', { grantId: undefined }, /^saveRefreshToken: grantId is .+\. Pass a string that is not empty\.$/],
    ['an empty grantId', { grantId: '' }, /^saveRefreshToken: grantId is .+\. Pass a string that is not empty\.$/],
  ])('a refresh token with %s is refused, and nothing is left behind', async (_what, different, message) => {
    const { saveRefreshToken } = redisRefreshTokens({ sendCommand });
    await expect(saveRefreshToken('a token', createRefreshTokenRecord(different) as never)).rejects.toThrow(message);
    expect(sent).toEqual([]);
  });

  test('a login that cannot be revoked keeps no other login of the user from being revoked', async () => {
    let revoking = 0;
    const store = redisStore({
      sendCommand(...args) {
        if (String(args[1]).includes("'revoked', '1'")) revoking += 1;
        return revoking === 1 && args[0] === 'EVAL' ? Promise.reject(new Error('gone')) : sendCommand(...args);
      },
    });
    const save = (code: string) => store.saveCode(code, { ...createCodeRecord(), userId: 'alice', audience: null });
    const saved = [await save('one'), await save('two'), await save('three')];
    await expect(store.revokeUser('alice')).rejects.toThrow('gone');
    revoking = 5;
    const states = await Promise.all(saved.map(({ grantId }) => store.isRevoked(grantId)));
    expect(states.filter(Boolean)).toHaveLength(2);
  });

  test('codes and refresh tokens of one prefix share their grants', async () => {
    const [codes, tokens] = [redisCodes({ sendCommand }), redisRefreshTokens({ sendCommand })];
    const { grantId } = await codes.saveCode('a code', createCodeRecord());
    await tokens.saveRefreshToken('a token', createRefreshTokenRecord({ grantId }));
    await codes.revokeTokens({ grantId });
    await expect(tokens.findRefreshToken('a token')).resolves.toBeNull();
  });

  test('two prefixes share nothing', async () => {
    const [one, another] = [redisCodes({ sendCommand, prefix: 'one:' }), redisCodes({ sendCommand, prefix: 'two:' })];
    await one.saveCode('a code', createCodeRecord());
    await expect(another.findCode('a code')).resolves.toBeNull();
  });
});
