import { memoryRefreshTokens, memoryStore } from '../../lib/stores/memory';
import { createRefreshTokenRecord } from '../../lib/testing';
import { createIssuerEndpoint, hostCode, refreshRecord } from '../support/issuer';

const record = (different: object = {}) =>
  ({ ...(createRefreshTokenRecord() as object), grantId: 'grant 1', ...different }) as never;

describe('saveRefreshToken.check', () => {
  it('passes for what can be saved, and saves nothing', async () => {
    const { saveRefreshToken, findRefreshToken, findGrant } = memoryRefreshTokens();
    saveRefreshToken.check(record());
    expect([await findRefreshToken('a token'), await findGrant('grant 1')]).toEqual([null, null]);
    await saveRefreshToken('a token', record());
    expect(await findRefreshToken('a token')).not.toBe(null);
  });

  it.each<[string, object, string]>([
    [
      'a class in the record',
      { user: new URL('https://user.example') },
      'user in the record is a URL. Write plain data, a Date or a bigint.',
    ],
    ['a Map in the record', { plan: new Map() }, 'plan in the record is a Map. Write plain data, a Date or a bigint.'],
    ['no grantId', { grantId: undefined }, 'saveRefreshToken: grantId is undefined. Pass a string that is not empty.'],
    ['a number as the grantId', { grantId: 7 }, 'saveRefreshToken: grantId is 7. Pass a string that is not empty.'],
    [
      'an invalid end',
      { expiresAt: new Date(Number.NaN) },
      'saveRefreshToken: expiresAt is an invalid Date. Write a valid Date.',
    ],
    ['an end of the grant as text', { grantExpiresAt: '2030-01-01' }, 'saveRefreshToken: grantExpiresAt is '],
    [
      'an end of the grant that is none',
      { grantExpiresAt: new Date('') },
      'grantExpiresAt is an invalid Date. Write a valid Date.',
    ],
    [
      'a tokenId of its own',
      { tokenId: 'mine' },
      'tokenId is a string of 4 characters. Pass the one that findRefreshToken returned.',
    ],
  ])('throws as saving does: %s', async (_what, different, message) => {
    const { saveRefreshToken } = memoryRefreshTokens();
    expect(() => saveRefreshToken.check(record(different))).toThrow(message);
    await expect(saveRefreshToken('a token', record(different))).rejects.toThrow(message);
  });

  it('takes a record without an end of the grant', () => {
    const { saveRefreshToken } = memoryRefreshTokens();
    for (const grantExpiresAt of [undefined, null]) saveRefreshToken.check(record({ grantExpiresAt }));
  });
});

describe('What a store could not save with the refresh token', () => {
  // A host that adds to what its store has found.
  const code = { user: new URL('https://user.example') } as never;

  it('is found before the code is spent', async () => {
    const endpoint = createIssuerEndpoint({ code });
    const { saveRefreshToken } = endpoint.refreshTokens;
    const linked = createIssuerEndpoint({ code, issuer: { saveRefreshToken } });
    for (const _try of [1, 2]) expect((await linked.post()).status).toBe(500);
    expect(linked.outcomes.map(({ reason, fault }) => [reason, String(fault)])).toEqual(
      Array(2).fill([
        'issue_tokens_failed',
        expect.stringMatching(/^TypeError: user in the record is .+\. Write plain data, a Date or a bigint\.$/),
      ]),
    );
    expect((await linked.codes.findCode('SplxlOBeZQQYbYS6WxSbIA'))?.spentAt).toBe(null);
  });

  it('does not matter where no refresh token is issued', async () => {
    const refreshTokens = memoryRefreshTokens();
    const endpoint = createIssuerEndpoint({
      code: { user: new URL('https://user.example'), scope: 'read:notes' } as never,
      issuer: { saveRefreshToken: refreshTokens.saveRefreshToken as never },
    });
    expect((await endpoint.post()).status).toBe(200);
  });

  it('is not looked for in a token that is kept', async () => {
    const refreshTokens = memoryRefreshTokens();
    const check = jest.fn();
    const saveRefreshToken = Object.assign(async () => {}, { check });
    const endpoint = createIssuerEndpoint({
      issuer: { saveRefreshToken },
      rotates: () => false,
      refreshTokens: refreshTokens as never,
    });
    await refreshTokens.saveRefreshToken('a kept one', refreshRecord() as never);
    expect((await endpoint.refresh('a kept one')).status).toBe(200);
    expect(check).not.toHaveBeenCalled();
  });
});

describe('A user that a database counts', () => {
  it.each([[42], [42n], ['42']])('%p is the sub, comes back equal, and is signed out everywhere', async (userId) => {
    const store = memoryStore();
    const { grantId } = await store.saveCode('a code', hostCode({ userId: userId as never }) as never);
    expect(await store.findCode('a code')).toMatchObject({ userId });
    await store.saveRefreshToken('a token', record({ grantId, userId }));
    expect(await store.findRefreshToken('a token')).toMatchObject({ userId });
    await store.revokeUser(userId as never);
    expect(await store.findGrant(grantId)).toEqual({ isRevoked: true });
  });

  it.each([[''], [undefined], [null], [Number.NaN], [{}]])('%p is none: revokeUser refuses it', async (userId) => {
    await expect(memoryStore().revokeUser(userId as never)).rejects.toThrow(
      /^revokeUser: userId is .+\. Pass a string that is not empty, or a number\.$/,
    );
  });

  it('and is a bigint gets a refresh token from the issuer, twice', async () => {
    const refreshTokens = memoryRefreshTokens();
    const endpoint = createIssuerEndpoint({
      code: { userId: 42n as never },
      refreshTokens: refreshTokens as never,
      issuer: { saveRefreshToken: refreshTokens.saveRefreshToken as never },
    });
    const { status, body } = await endpoint.post();
    expect(status).toBe(200);
    const next = await endpoint.refresh(body.refresh_token);
    expect([next.status, typeof next.body.refresh_token]).toEqual([200, 'string']);
  });
});

describe('The instant at which a token was spent', () => {
  const END = () => ({ expiresAt: new Date(Date.now() + 60_000) });

  it('is known for the generation before the live one, and is long ago for all others', async () => {
    const store = memoryStore();
    await store.saveRefreshToken('one', record(END()));
    const find = async (token: string) => {
      const found = await store.findRefreshToken(token);
      if (!found) throw new Error('it is there');
      return found;
    };
    const spend = async (token: string, next: string) => {
      const found = await find(token);
      await store.consumeRefreshToken(found);
      await store.saveRefreshToken(next, record({ ...END(), tokenId: found.tokenId }));
    };
    expect((await find('one')).spentAt).toBeNull();
    const before = Date.now();
    await spend('one', 'two');
    const spentAt = Number((await find('one')).spentAt);
    expect(spentAt >= before - 1 && spentAt <= Date.now() + 1).toBe(true);
    await spend('two', 'three');
    // An age of which every leeway is over.
    expect(Number((await find('one')).spentAt)).toBeLessThan(1000);
    expect(await find('one')).toMatchObject({ isRepeatable: false, repeatedAs: null });
    expect(await find('two')).toMatchObject({ isRepeatable: true, repeatedAs: 'at_once' });
  });
});
