import { redisCodes, redisJtis, redisRefreshTokens, redisStore } from '../../lib/stores/redis';
import { parseRow } from '../../lib/stores/redis-command';
import { createCodeRecord, createRefreshTokenRecord } from '../../lib/testing';

describe('The reply of a script', () => {
  it('is its texts, also where they came as bytes', () => {
    expect(parseRow(['a', Buffer.from('b')], 2)).toEqual(['a', 'b']);
  });

  it('is null for nil', () => {
    expect(parseRow(null, 2)).toBeNull();
  });

  it.each([
    ['too few texts', ['a']],
    ['too many texts', ['a', 'b', 'c']],
    ['a number among them', ['a', 7]],
    ['a text', 'QUEUED'],
    ['nothing', undefined],
  ])('is refused where it is %s', (_what, reply) => {
    expect(() => parseRow(reply, 2)).toThrow(
      /^sendCommand returned .+; it must return the reply of the (?:script|command), a list of (?:2 )?strings$/,
    );
  });
});

describe('A reply that is none is a fault, which says what was received and what must come:', () => {
  const GRANT = 'a'.repeat(43);
  const JTI = { jti: 'a jti', jkt: 'a key', expiresAt: new Date() };
  const consumeCode = (reply: unknown) => redisCodes({ sendCommand: () => reply }).consumeCode({ grantId: 'a grant' });
  const consumeJti = (reply: unknown) => redisJtis({ sendCommand: () => reply }).consumeJti(JTI);
  const findCode = (reply: unknown) => redisCodes({ sendCommand: () => reply }).findCode('a code');
  const findGrant = (reply: unknown) => redisStore({ sendCommand: () => reply }).findGrant('a grant');
  const revokeUser = (reply: unknown) => redisStore({ sendCommand: () => reply }).revokeUser('alice');
  const save = (reply: unknown) =>
    redisRefreshTokens({ sendCommand: () => reply }).saveRefreshToken('a token', createRefreshTokenRecord());
  const find = (place: unknown, row?: unknown) =>
    redisRefreshTokens({ sendCommand: (name) => (name === 'GET' ? place : row) }).findRefreshToken('a token');
  const rowWith = (at: number, text: string) => ['{}', '1', '1', '0', '0', '', '0', '0', '-2', '0'].with(at, text);
  const NUMBERS = 'of the script, with whole numbers';

  it.each<[string, () => Promise<unknown>, string, string]>([
    ['consumeCode', () => consumeCode(2), '2', 'of the script, 1 or 0'],
    ['consumeCode', () => consumeCode(['1']), 'an array of 1', 'of the script, 1 or 0'],
    ['consumeJti', () => consumeJti('QUEUED'), 'a string of 6 characters', 'of SET, OK or nil'],
    ['findRefreshToken, GET', () => find(7), '7', 'of the command, a string or nil'],
    ['findRefreshToken, GET', () => find(`${GRANT}.0`), 'undefined', NUMBERS],
    ['findRefreshToken, GET', () => find(`${GRANT}.0.1x`), 'a string of 2 characters', NUMBERS],
    ['findRefreshToken, GET', () => find(`${GRANT}.x1.0`), 'a string of 2 characters', NUMBERS],
    ['findRefreshToken', () => find(`${GRANT}.0.0`, ['a']), 'an array of 1', 'of the script, a list of 10 strings'],
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((at): [string, () => Promise<unknown>, string, string] => [
      `findRefreshToken, text ${at} of the row`,
      () => find(`${GRANT}.0.0`, rowWith(at, '1.5')),
      'a string of 3 characters',
      NUMBERS,
    ]),
    ['findCode', () => findCode(['{}', '']), 'an array of 2', 'of the script, a list of 3 strings'],
    ['findCode', () => findCode(['{}', 7, '']), 'an array of 3', 'of the command, a list of strings'],
    ['findCode', () => findCode(['{}', 'x', '']), 'a string of 1 characters', NUMBERS],
    ['findGrant', () => findGrant('QUEUED'), 'a string of 6 characters', 'of the script, a state'],
    ['findGrant', () => findGrant(null), 'null', 'of the script, a state'],
    ['revokeUser', () => revokeUser({}), 'an empty object', 'of the command, a list of strings'],
    ['saveRefreshToken', () => save('QUEUED'), 'a string of 6 characters', NUMBERS],
    ['saveRefreshToken', () => save('+'), 'an empty string', NUMBERS],
    ['saveRefreshToken', () => save(null), 'null', NUMBERS],
  ])('%s', async (_name, call, received, wanted) => {
    await expect(call()).rejects.toThrow(
      new TypeError(`sendCommand returned ${received}; it must return the reply ${wanted}`),
    );
  });

  it('where one code is saved before its user', async () => {
    const { saveCode } = redisStore({ sendCommand: (_name, script) => (String(script).includes('ZADD') ? 'x' : 1) });
    await expect(saveCode('a code', { ...createCodeRecord(), userId: 'alice', audience: null })).rejects.toThrow(
      new TypeError('sendCommand returned a string of 1 characters; it must return the reply of the script, 1 or 0'),
    );
  });

  it('but for the forms in which clients return the same reply', async () => {
    for (const reply of [1, 1n, '1']) expect(await consumeCode(reply)).toBe(true);
    for (const reply of [0, 0n, '0']) expect(await consumeCode(reply)).toBe(false);
    for (const reply of ['OK', Buffer.from('OK')]) expect(await consumeJti(reply)).toBe(true);
    expect(await consumeJti(null)).toBe(false);
    for (const reply of ['live', Buffer.from('live')]) expect(await findGrant(reply)).toEqual({ isRevoked: false });
    for (const reply of ['unknown', Buffer.from('unknown')]) expect(await findGrant(reply)).toBeNull();
    // By a clock that was set back, a token is spent in the future.
    const found = await find(Buffer.from(`${GRANT}.0.0`), rowWith(5, '-5000'));
    expect(found?.repeatedAs).toBe('at_once');
  });
});
