import { memoryStore } from '../../lib/stores/memory';
import { LATE_MS } from '../../lib/stores/rotation';

const LEEWAY = 10_000;
const DAY = 86_400_000;

let clock = 0;
beforeEach(() => {
  clock = 1_000_000;
  jest.spyOn(performance, 'now').mockImplementation(() => clock);
});
afterEach(() => jest.restoreAllMocks());

/** A login whose token `one` is spent, and what can be done with the tokens that are found. */
async function createFamily() {
  const store = memoryStore();
  const end = new Date(Date.now() + 30 * DAY);
  const record = { clientId: 'spa', scope: null, grantId: 'a grant', userId: 'alice', audience: null };
  const login = { ...record, expiresAt: end, grantExpiresAt: end };
  let count = 0;
  const family = {
    async find(token: string) {
      const found = await store.findRefreshToken(token);
      if (!found) throw new Error(`${token} is not there`);
      return found;
    },
    /** Saves the next token for one that was found. */
    async save({ tokenId }: { tokenId: string }) {
      count += 1;
      await store.saveRefreshToken(`token ${count}`, { ...login, tokenId });
      return `token ${count}`;
    },
    async spend(token: string) {
      const found = await family.find(token);
      expect(await store.consumeRefreshToken(found)).toBe(true);
      return family.save(found);
    },
    async kindOf(token: string) {
      const { isRepeatable, repeatedAs } = await family.find(token);
      return isRepeatable ? repeatedAs : 'reused';
    },
  };
  await store.saveRefreshToken('one', login);
  return { ...store, ...family, login };
}

const OVERTAKEN = { reason: 'refresh_token_overtaken' };

describe('To the millisecond,', () => {
  it.each([
    [0, 'at_once'],
    [LEEWAY - 1, 'at_once'],
    [LEEWAY, 'late'],
    [LATE_MS - 1, 'late'],
    [LATE_MS, 'reused'],
    // As of a clock that was set back.
    [-LEEWAY, 'at_once'],
    [-LEEWAY - 1, 'reused'],
  ])('a token that was spent %d ms ago comes %s', async (ago, kind) => {
    const { spend, kindOf } = await createFamily();
    await spend('one');
    clock += ago;
    expect(await kindOf('one')).toBe(kind);
  });

  it.each([
    [LEEWAY - 1, 'sibling'],
    [LEEWAY, 'reused'],
  ])('the sibling of one that was spent %d ms ago comes as %s', async (ago, kind) => {
    const { spend, save, find, kindOf } = await createFamily();
    const next = await spend('one');
    const beside = await save(await find('one'));
    await spend(next);
    clock += ago;
    expect(await kindOf(beside)).toBe(kind);
  });

  it.each(['one', 'a sibling'])('a request that found %s live saves until the leeway is over', async (which) => {
    const { spend, save, find } = await createFamily();
    const one = await find('one');
    const next = await spend('one');
    const beside = await find(await save(one));
    if (which !== 'one') await spend(next);
    const found = which === 'one' ? one : beside;
    clock += LEEWAY - 1;
    await save(found);
    clock += 1;
    await expect(save(found)).rejects.toMatchObject(OVERTAKEN);
  });

  it('a request that found it late saves until 72 hours are over', async () => {
    const { spend, save, find } = await createFamily();
    await spend('one');
    clock += LATE_MS - 1;
    const late = await find('one');
    await save(late);
    clock += 1;
    await expect(save(late)).rejects.toMatchObject(OVERTAKEN);
  });
});

describe('A token is not saved', () => {
  it('for one that is not spent', async () => {
    const { find, save } = await createFamily();
    await expect(save(await find('one'))).rejects.toThrow(
      new TypeError('saveRefreshToken: the token that it is issued for is not spent; call consumeRefreshToken first'),
    );
  });

  it('for one whose successor is spent, however soon', async () => {
    const { find, save, spend } = await createFamily();
    const one = await find('one');
    await spend(await spend('one'));
    await expect(save(one)).rejects.toMatchObject(OVERTAKEN);
  });

  it('where the generation has fifty of them', async () => {
    const { find, save, spend, kindOf } = await createFamily();
    await spend('one');
    const repeated = await find('one');
    for (let nth = 2; nth <= 50; nth += 1) await save(repeated);
    await expect(save(repeated)).rejects.toMatchObject({ reason: 'refresh_token_repeated_too_often' });
    // Those that were saved work.
    await spend('token 50');
    expect(await kindOf('token 50')).toBe('at_once');
  });
});

describe('However late it is,', () => {
  it('a request saves that spent its token, and nothing was issued for it yet', async () => {
    const { consumeRefreshToken, find, save } = await createFamily();
    const one = await find('one');
    await consumeRefreshToken(one);
    clock += LATE_MS;
    expect(await find(await save(one))).toMatchObject({ spentAt: null });
  });

  it('a request saves that found its token repeated at once, or a sibling in time', async () => {
    const { spend, save, find } = await createFamily();
    const next = await spend('one');
    const repeated = await find('one');
    const beside = await save(repeated);
    clock += LEEWAY;
    await save(repeated);
    await spend(next);
    const sibling = await find(beside);
    clock += LEEWAY;
    await save(sibling);
  });
});

describe('A lost answer', () => {
  it('supersedes the answers before it, which then are worth nothing', async () => {
    const { spend, save, find, kindOf, consumeRefreshToken } = await createFamily();
    const lost = await find(await spend('one'));
    clock += LEEWAY;
    const next = await save(await find('one'));
    expect(await consumeRefreshToken(lost)).toBe(false);
    await spend(next);
    // A superseded token is no sibling of the one that was used.
    expect(await kindOf('token 1')).toBe('reused');
    await expect(save(lost)).rejects.toMatchObject(OVERTAKEN);
  });

  it('is worth nothing once it is superseded, also before the newer one is used', async () => {
    const { spend, save, find, kindOf } = await createFamily();
    const lost = await spend('one');
    clock += LEEWAY;
    await save(await find('one'));
    expect([await kindOf(lost), (await find(lost)).tokenId.split('.').at(-1)]).toEqual(['reused', 'reused']);
  });

  it('is saved ten times for a request that found it late', async () => {
    const { spend, save, find } = await createFamily();
    await spend('one');
    clock += LEEWAY;
    const late = await find('one');
    for (let nth = 1; nth <= 10; nth += 1) await save(late);
    await expect(save(late)).rejects.toMatchObject({ reason: 'refresh_token_repeated_too_often' });
  });

  it('is counted for its generation only', async () => {
    const { spend, save, find, kindOf } = await createFamily();
    let last = await spend('one');
    clock += LEEWAY;
    for (let nth = 1; nth <= 10; nth += 1) {
      expect(await kindOf('one')).toBe('late');
      last = await save(await find('one'));
    }
    expect(await kindOf('one')).toBe('reused');
    await spend(last);
    clock += LEEWAY;
    expect(await kindOf(last)).toBe('late');
    const again = await save(await find(last));
    expect((await find(again)).spentAt).toBeNull();
  });
});

describe('Siblings', () => {
  it('may be older than the token that spent their generation', async () => {
    const { spend, save, find, kindOf } = await createFamily();
    const older = await spend('one');
    await spend(await save(await find('one')));
    expect(await kindOf(older)).toBe('sibling');
    expect((await find(await save(await find(older)))).spentAt).toBeNull();
  });

  it.each([0, 1, 2, 3])('are served in three generations in a row, which begin after %d', async (before) => {
    const { spend, save, find, kindOf } = await createFamily();
    let last = 'one';
    for (let nth = 0; nth < before; nth += 1) last = await spend(last);
    let pair = [await spend(last), await save(await find(last))] as const;
    for (let nth = 1; nth <= 3; nth += 1) {
      const [one, another] = pair;
      const next = await spend(one);
      expect(await kindOf(another)).toBe('sibling');
      // Any number of them, which count once.
      await save(await find(another));
      pair = [next, await save(await find(another))];
    }
    const [one, another] = pair;
    const found = await find(another);
    await spend(one);
    expect(await kindOf(another)).toBe('reused');
    await expect(save(found)).rejects.toMatchObject(OVERTAKEN);
  });

  it('are counted anew after a generation without one', async () => {
    const { spend, save, find, kindOf } = await createFamily();
    let last = 'one';
    for (let round = 1; round <= 2; round += 1) {
      let pair = [await spend(last), await save(await find(last))] as const;
      for (let nth = 1; nth <= 3; nth += 1) {
        const [one, another] = pair;
        const next = await spend(one);
        expect(await kindOf(another)).toBe('sibling');
        pair = [next, await save(await find(another))];
      }
      last = await spend(pair[0]);
    }
  });
});
