import fc from 'fast-check';
import { memoryRefreshTokens } from '../../lib/stores/memory-refresh-tokens';
import type { RefreshToken } from '../../lib/types';

interface DemoToken extends RefreshToken {
  grantId: string;
  details: { roles: string[] };
}

type Store = ReturnType<typeof memoryRefreshTokens<DemoToken>>;

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const recordThat = (different: Partial<DemoToken> = {}): DemoToken => ({
  clientId: 'spa',
  scope: 'openid',
  expiresAt: new Date(Date.now() + MINUTE),
  dpopJkt: null,
  grantId: 'grant 1',
  details: { roles: ['reader'] },
  ...different,
});

async function storeWith(...tokens: string[]): Promise<Store> {
  const store = memoryRefreshTokens<DemoToken>();
  for (const token of tokens) await store.saveRefreshToken(token, recordThat());
  return store;
}

function find(store: Store, token: string) {
  const found = store.findRefreshToken(token);
  if (!found) throw new Error(`${token} is not there`);
  return found;
}

const consume = (store: Store, token: string) => store.consumeRefreshToken(find(store, token));

describe('A refresh token in memory', () => {
  it('is found with every field as it was saved, unspent, and with what it is filed under', async () => {
    const record = recordThat();
    const store = memoryRefreshTokens<DemoToken>();
    await store.saveRefreshToken('one', record);
    const { tokenId, spentAt, ...found } = find(store, 'one');
    expect(found).toStrictEqual(record);
    expect([tokenId, spentAt]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), null]);
  });

  it('is null where nobody saved it', async () => {
    expect((await storeWith('one')).findRefreshToken('One')).toBeNull();
  });

  it('is consumed once, and found with the instant of it', async () => {
    const store = await storeWith('one');
    const found = find(store, 'one');
    const before = Date.now();
    expect([store.consumeRefreshToken(found), store.consumeRefreshToken(found)]).toEqual([true, false]);
    const spentAt = Number(find(store, 'one').spentAt);
    expect(spentAt >= before && spentAt <= Date.now()).toBe(true);
  });

  it('is not consumed where the store does not know it', () => {
    expect(memoryRefreshTokens().consumeRefreshToken({ tokenId: 'never saved' })).toBe(false);
  });

  it('cannot be saved again, spent or not', async () => {
    const store = await storeWith('one');
    const again = () => store.saveRefreshToken('one', recordThat({ grantId: 'a thief' }));
    await expect(again()).rejects.toThrow('this token was saved before');
    consume(store, 'one');
    await expect(again()).rejects.toThrow('this token was saved before');
    expect(find(store, 'one').grantId).toBe('grant 1');
  });

  it('shares no record with those who saved or found it', async () => {
    const store = memoryRefreshTokens<DemoToken>();
    const record = recordThat();
    await store.saveRefreshToken('one', record);
    consume(store, 'one');
    const before = structuredClone(find(store, 'one'));
    for (const held of [record, find(store, 'one')]) {
      held.details.roles.push('admin');
      held.expiresAt.setTime(0);
      held.spentAt?.setTime(0);
    }
    expect(find(store, 'one')).toEqual(before);
  });

  it.each<[string, Partial<Record<keyof DemoToken, unknown>>, string]>([
    ['no date as expiresAt', { expiresAt: 'tomorrow' }, 'saveRefreshToken: expiresAt must be a valid Date'],
    ['an invalid expiresAt', { expiresAt: new Date(Number.NaN) }, 'saveRefreshToken: expiresAt must be a valid Date'],
    ['no grantId', { grantId: undefined }, 'saveRefreshToken: grantId must be a string'],
    ['an empty grantId', { grantId: '' }, 'saveRefreshToken: grantId must be a string'],
  ])('is refused with %s', async (_what, different, message) => {
    const store = memoryRefreshTokens<DemoToken>();
    const saving = store.saveRefreshToken('one', recordThat(different as Partial<DemoToken>));
    await expect(saving).rejects.toThrow(TypeError);
    await expect(saving).rejects.toThrow(message);
    expect(store.findRefreshToken('one')).toBeNull();
  });
});

describe('Tokens of one grant', () => {
  it('that replace a spent one are found unspent', async () => {
    const store = await storeWith('one');
    consume(store, 'one');
    await store.saveRefreshToken('two', recordThat());
    expect(find(store, 'two').spentAt).toBeNull();
  });

  it('that replace the same one: the first that is spent spends them all', async () => {
    const store = await storeWith('one');
    consume(store, 'one');
    await store.saveRefreshToken('two', recordThat());
    await store.saveRefreshToken('two again', recordThat());
    expect([consume(store, 'two again'), consume(store, 'two')]).toEqual([true, false]);
    expect(find(store, 'two').spentAt).toEqual(find(store, 'two again').spentAt);
  });

  it('join the generation that lives, also where they replace one that ended before', async () => {
    const store = await storeWith('one');
    consume(store, 'one');
    await store.saveRefreshToken('two', recordThat());
    consume(store, 'two');
    await store.saveRefreshToken('late for one', recordThat());
    await store.saveRefreshToken('three', recordThat());
    expect([consume(store, 'late for one'), consume(store, 'three')]).toEqual([true, false]);
  });

  it('leave those of another grant as they were', async () => {
    const store = await storeWith('one');
    await store.saveRefreshToken('foreign', recordThat({ grantId: 'grant 2' }));
    consume(store, 'one');
    store.revokeTokens({ grantId: 'grant 1' });
    expect([store.isRevoked('grant 1'), store.isRevoked('grant 2')]).toEqual([true, false]);
    expect(consume(store, 'foreign')).toBe(true);
  });

  it('are dead once it is revoked: found no more, spent no more', async () => {
    const store = await storeWith('one');
    const found = find(store, 'one');
    store.revokeTokens(found);
    store.revokeTokens(found);
    expect([store.findRefreshToken('one'), store.consumeRefreshToken(found)]).toEqual([null, false]);
  });

  it.each([
    ['that was known', ['one']],
    ['that was not known yet', []],
  ])('are dead on arrival in a revoked grant %s', async (_what, tokens) => {
    const store = await storeWith(...tokens);
    store.revokeTokens({ grantId: 'grant 1' });
    await store.saveRefreshToken('late', recordThat());
    expect([store.findRefreshToken('late'), store.isRevoked('grant 1')]).toEqual([null, true]);
  });

  it('count as dead where nobody knows the grant', () => {
    expect(memoryRefreshTokens().isRevoked('never seen')).toBe(true);
  });

  it('live one generation at a time, whatever the order of saves and uses', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 9 }), { maxLength: 40 }), async (steps) => {
        const store = await storeWith('0');
        let saved = 1;
        for (const step of steps) {
          if (step > 6) {
            await store.saveRefreshToken(String(saved), recordThat());
            saved += 1;
          } else store.consumeRefreshToken(find(store, String(step % saved)));
        }
        const unspent = Array.from({ length: saved }, (_, token) => String(token)).filter(
          (token) => find(store, token).spentAt === null,
        );
        expect(unspent.map((token) => consume(store, token)).filter(Boolean).length).toBe(unspent.length > 0 ? 1 : 0);
      }),
      { numRuns: 60 },
    ));
});

describe('In time', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('a token is found a minute longer than it lives, and then leaves', async () => {
    const store = await storeWith('one');
    jest.advanceTimersByTime(2 * MINUTE - 1);
    expect(store.findRefreshToken('one')).not.toBeNull();
    jest.advanceTimersByTime(1);
    expect(store.findRefreshToken('one')).toBeNull();
  });

  it('a token is found a minute longer than its family lives, so that its reuse is seen', async () => {
    const store = memoryRefreshTokens();
    const grantExpiresAt = new Date(Date.now() + 3 * DAY);
    await store.saveRefreshToken('one', { ...recordThat(), grantExpiresAt } as never);
    jest.advanceTimersByTime(3 * DAY + MINUTE - 1);
    expect(store.findRefreshToken('one')).not.toBeNull();
    jest.advanceTimersByTime(1);
    expect(store.findRefreshToken('one')).toBeNull();
  });

  it('a token that has ended already is kept a minute', async () => {
    const store = memoryRefreshTokens<DemoToken>();
    await store.saveRefreshToken('one', recordThat({ expiresAt: new Date(0) }));
    jest.advanceTimersByTime(MINUTE - 1);
    expect(store.findRefreshToken('one')).not.toBeNull();
    jest.advanceTimersByTime(1);
    expect(store.findRefreshToken('one')).toBeNull();
  });

  it('a grant stays revoked for as long as a token of it lives, and a day at least', async () => {
    const store = memoryRefreshTokens<DemoToken>();
    await store.saveRefreshToken('long', recordThat({ expiresAt: new Date(Date.now() + 3 * DAY) }));
    store.revokeTokens({ grantId: 'grant 1' });
    jest.advanceTimersByTime(2 * DAY);
    expect(store.findRefreshToken('long')).toBeNull();
    await store.saveRefreshToken('late', recordThat());
    expect(store.findRefreshToken('late')).toBeNull();
  });

  it.each([
    [undefined, DAY],
    [1000, 1000],
  ])('a grant that was not known stays revoked for revokedLifetime: %s', async (revokedLifetime, kept) => {
    const store = memoryRefreshTokens<DemoToken>({ revokedLifetime });
    store.revokeTokens({ grantId: 'grant 1' });
    jest.advanceTimersByTime(kept - 1);
    await store.saveRefreshToken('one', recordThat());
    expect(store.findRefreshToken('one')).toBeNull();
  });
});

describe('memoryRefreshTokens refuses', () => {
  it.each<[string, unknown]>([
    ['what is no object', 5],
    ['null', null],
    ['another option', { lifetime: 1 }],
    ...[0, -1, 0.5, '1', Number.POSITIVE_INFINITY].map((value): [string, unknown] => [
      `revokedLifetime: ${value}`,
      { revokedLifetime: value },
    ]),
  ])('%s', (_what, options) => {
    expect(() => memoryRefreshTokens(options as never)).toThrow(
      new TypeError('memoryRefreshTokens: the one option is revokedLifetime, a whole number of milliseconds above 0'),
    );
  });
});
