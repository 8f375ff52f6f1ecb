import { memoryStore } from '../../lib/stores/memory';
import { createCodeRecord } from '../../lib/testing';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

beforeEach(() => jest.useFakeTimers());
afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

const END = (ms: number) => ({ expiresAt: new Date(Date.now() + ms), grantExpiresAt: new Date(Date.now() + ms) });
const codeOf = (userId: string | null = 'alice', expiresAt = new Date(Date.now() + MINUTE)) =>
  ({ ...createCodeRecord({ expiresAt }), userId, audience: null }) as never;
const loginOf = (different: object = {}) =>
  ({ clientId: 'spa', scope: null, grantId: 'a grant', userId: 'alice', audience: null, ...different }) as never;
const wait = (ms: number) => jest.advanceTimersByTime(ms);

describe('The user of a login', () => {
  it('is known for as long as the spent code', async () => {
    const { saveCode, consumeCode, revokeUser, isRevoked } = memoryStore();
    const grant = await saveCode('a code', codeOf());
    await consumeCode(grant);
    wait(DAY - 1);
    await revokeUser('alice');
    expect(await isRevoked(grant.grantId)).toBe(true);
    wait(DAY - 1);
    expect(await isRevoked(grant.grantId)).toBe(true);
  });

  it('is known for as long as the last token, where the host prolongs the login', async () => {
    const store = memoryStore();
    await store.saveRefreshToken('one', loginOf(END(DAY)));
    const found = await store.findRefreshToken('one');
    await store.consumeRefreshToken({ tokenId: String(found?.tokenId) });
    await store.saveRefreshToken('two', loginOf({ ...END(30 * DAY), tokenId: found?.tokenId }));
    wait(29 * DAY);
    await store.revokeUser('alice');
    expect(await store.findGrant('a grant')).toEqual({ isRevoked: true });
    expect(await store.findRefreshToken('two')).toBeNull();
  });

  it('may be told by the token, where the code had none', async () => {
    const store = memoryStore();
    const { grantId } = await store.saveCode('a code', codeOf(null));
    await store.saveRefreshToken('one', loginOf({ ...END(DAY), grantId }));
    await store.revokeUser('alice');
    expect(await store.isRevoked(grantId)).toBe(true);
  });

  it('is told by the record of the code, and not by a grant that was revoked before', async () => {
    const store = memoryStore();
    const { grantId } = await memoryStore().saveCode('a code', codeOf());
    await store.revokeGrant(grantId);
    await store.saveCode('a code', codeOf());
    expect(await store.isRevoked(grantId)).toBe(true);
    expect(await store.consumeCode({ grantId })).toBe(false);
  });

  it('has logins that live and others that ended, however many: all that live end', async () => {
    const store = memoryStore();
    const living: string[] = [];
    for (let nth = 0; nth < 200; nth += 1) {
      const isLong = nth % 10 === 0;
      const end = new Date(Date.now() + (isLong ? 30 * DAY : 1));
      const { grantId } = await store.saveCode(`code ${nth}`, codeOf('alice', end));
      if (isLong) living.push(grantId);
      wait(MINUTE);
    }
    await store.revokeUser('alice');
    expect(living).toHaveLength(20);
    for (const grantId of living) expect(await store.findGrant(grantId)).toEqual({ isRevoked: true });
  });

  it('takes memory for the logins that live, however many come and go', async () => {
    const maps = new Set<Map<unknown, unknown>>();
    const { set } = Map.prototype;
    jest.spyOn(Map.prototype, 'set').mockImplementation(function (this: Map<unknown, unknown>, key, value) {
      maps.add(this);
      return set.call(this, key, value);
    });
    const store = memoryStore();
    const sizeAfter = async (logins: number) => {
      for (let nth = 0; nth < logins; nth += 1) {
        await store.saveCode(`code ${Math.random()}`, codeOf('alice', new Date(Date.now() + 1)));
        wait(10_000);
      }
      return JSON.stringify([...maps].map((map) => [...map])).length;
    };
    // Six a minute, for a minute and a little more.
    const few = await sizeAfter(40);
    expect(await sizeAfter(400)).toBeLessThan(2 * few);
  });
});

describe('A code', () => {
  it('is saved once, and spent once', async () => {
    const store = memoryStore();
    expect(await store.findCode('a code')).toBeNull();
    const { grantId } = await store.saveCode('a code', codeOf());
    await expect(store.saveCode('a code', codeOf())).rejects.toThrow(/this code was saved before/);
    expect(await store.findCode('a code')).toMatchObject({ grantId, userId: 'alice', spentAt: null });
    expect([await store.consumeCode({ grantId }), await store.consumeCode({ grantId })]).toEqual([true, false]);
    await expect(store.saveCode('a code', codeOf())).rejects.toThrow(/this code was saved before/);
    expect(await store.findCode('a code')).toMatchObject({ grantId, spentAt: new Date() });
  });
});

describe('A refresh token', () => {
  const spend = async (store: ReturnType<typeof memoryStore>, token: string) => {
    const tokenId = String((await store.findRefreshToken(token))?.tokenId);
    return { tokenId, isSpent: await store.consumeRefreshToken({ tokenId }) };
  };

  it('is saved once, spent once, and then comes again', async () => {
    const store = memoryStore();
    await store.saveRefreshToken('one', loginOf(END(DAY)));
    await expect(store.saveRefreshToken('one', loginOf(END(DAY)))).rejects.toThrow(/this token was saved before/);
    const { tokenId, isSpent } = await spend(store, 'one');
    expect([isSpent, await store.consumeRefreshToken({ tokenId })]).toEqual([true, false]);
    const again = { spentAt: new Date(), isRepeatable: true, repeatedAs: 'at_once' };
    expect(await store.findRefreshToken('one')).toMatchObject(again);
  });

  it('is not saved for one that is not spent', async () => {
    const store = memoryStore();
    await store.saveRefreshToken('one', loginOf(END(DAY)));
    const tokenId = (await store.findRefreshToken('one'))?.tokenId;
    await expect(store.saveRefreshToken('two', loginOf({ ...END(DAY), tokenId }))).rejects.toThrow(/is not spent/);
    expect(await store.findRefreshToken('two')).toBeNull();
  });

  it('has a new end, where it is kept', async () => {
    const store = memoryStore();
    await store.saveRefreshToken('one', loginOf(END(DAY)));
    const tokenId = String((await store.findRefreshToken('one'))?.tokenId);
    const end = new Date(Date.now() + 2 * DAY);
    await store.extendRefreshToken({ tokenId }, end);
    expect(await store.findRefreshToken('one')).toMatchObject({ tokenId, expiresAt: end });
  });

  it('is superseded by a later answer to the same token, and by no earlier one', async () => {
    const store = memoryStore();
    await store.saveRefreshToken('one', loginOf(END(DAY)));
    const { tokenId } = await spend(store, 'one');
    await store.saveRefreshToken('lost', loginOf({ ...END(DAY), tokenId }));
    wait(MINUTE);
    const late = (await store.findRefreshToken('one'))?.tokenId;
    await store.saveRefreshToken('later', loginOf({ ...END(DAY), tokenId: late }));
    expect((await spend(store, 'lost')).isSpent).toBe(false);
    expect((await spend(store, 'later')).isSpent).toBe(true);
  });

  it('is not there, where its grant ended a moment before it', async () => {
    let clock = 1000;
    // Each look at the clock is a millisecond later than the one before.
    jest.spyOn(performance, 'now').mockImplementation(() => ++clock);
    const store = memoryStore();
    await store.saveRefreshToken('one', loginOf(END(DAY)));
    clock += 3 * DAY + MINUTE - 20;
    const found = [];
    for (let nth = 0; nth < 20; nth += 1) found.push((await store.findRefreshToken('one')) !== null);
    expect([found[0], found.at(-1)]).toEqual([true, false]);
  });
});

it('A user without logins can be signed out', async () => {
  await expect(memoryStore().revokeUser('nobody')).resolves.toBeUndefined();
});

describe('A grant without refresh tokens', () => {
  it('has none that could be spent or prolonged', async () => {
    const store = memoryStore();
    const { grantId } = await store.saveCode('a code', codeOf());
    const other = memoryStore();
    await other.saveRefreshToken('one', loginOf({ ...END(DAY), grantId }));
    const tokenId = String((await other.findRefreshToken('one'))?.tokenId);
    expect(await store.consumeRefreshToken({ tokenId })).toBe(false);
    await store.extendRefreshToken({ tokenId }, new Date());
    await expect(store.saveRefreshToken('two', loginOf({ ...END(DAY), grantId, tokenId }))).rejects.toMatchObject({
      reason: 'grant_unknown',
    });
    await store.revokeGrant(grantId);
    expect(await store.saveRefreshToken('two', loginOf({ ...END(DAY), grantId, tokenId }))).toEqual({
      isRevoked: true,
    });
    expect(await store.saveRefreshToken('one', loginOf({ ...END(DAY), grantId }))).toEqual({ isRevoked: true });
    expect(await store.findRefreshToken('one')).toBeNull();
  });

  it('is kept for the first token, and so is a token for as long as its grant', async () => {
    const store = memoryStore();
    const { grantId } = await store.saveCode('a code', codeOf());
    await store.saveRefreshToken('one', loginOf({ ...END(10 * DAY), grantId }));
    wait(12 * DAY + MINUTE - 1);
    expect(await store.findRefreshToken('one')).toMatchObject({ clientId: 'spa', grantId });
    expect(await store.findGrant(grantId)).toEqual({ isRevoked: false });
    wait(1);
    expect([await store.findRefreshToken('one'), await store.findGrant(grantId)]).toEqual([null, null]);
  });
});

describe('keepGrantsFor', () => {
  it.each([
    [1000, DAY],
    [3 * DAY, 3 * DAY],
  ])('of %d ms lets a revoked grant be remembered for %d', async (given, kept) => {
    const store = memoryStore();
    store.keepGrantsFor(given);
    await store.revokeGrant('a grant');
    wait(kept - 1);
    expect(await store.findGrant('a grant')).toEqual({ isRevoked: true });
    wait(1);
    expect(await store.findGrant('a grant')).toBeNull();
  });

  it('lets tokens be found for as long after the end of their login', async () => {
    const store = memoryStore();
    store.keepGrantsFor(5 * DAY);
    await store.saveRefreshToken('one', loginOf(END(DAY)));
    wait(6 * DAY + MINUTE - 1);
    expect(await store.findRefreshToken('one')).not.toBeNull();
    wait(1);
    expect(await store.findRefreshToken('one')).toBeNull();
  });
});
