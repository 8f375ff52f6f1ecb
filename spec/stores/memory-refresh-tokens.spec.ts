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

async function find(store: Store, token: string) {
  const found = await store.findRefreshToken(token);
  if (!found) throw new Error(`${token} is not there`);
  return found;
}

const consume = async (store: Store, token: string) => store.consumeRefreshToken(await find(store, token));

describe('A refresh token in memory', () => {
  it('is found with every field as it was saved, unspent, and with what the store knows', async () => {
    const record = recordThat();
    const store = memoryRefreshTokens<DemoToken>();
    await store.saveRefreshToken('one', record);
    const { tokenId, spentAt, isRepeatable, repeatedAs, ...found } = await find(store, 'one');
    expect(found).toStrictEqual(record);
    expect([tokenId, spentAt, isRepeatable, repeatedAs]).toEqual([
      expect.stringMatching(/^[0-9a-f]{64}\.0\.0\.live$/),
      null,
      false,
      null,
    ]);
  });

  it('is consumed once, and found with the instant of it', async () => {
    const store = await storeWith('one');
    const found = await find(store, 'one');
    const before = Date.now();
    expect([await store.consumeRefreshToken(found), await store.consumeRefreshToken(found)]).toEqual([true, false]);
    const spentAt = Number((await find(store, 'one')).spentAt);
    expect(spentAt >= before - 1 && spentAt <= Date.now() + 1).toBe(true);
  });

  it.each(['never saved', '', `${'0'.repeat(64)}.0.0`, undefined, 5])('has no tokenId that is %p', async (tokenId) => {
    const store = await storeWith('one');
    const message = /^tokenId is .+\. Pass the one that findRefreshToken returned\.$/;
    await expect(store.consumeRefreshToken({ tokenId } as never)).rejects.toThrow(message);
    await expect(store.extendRefreshToken({ tokenId } as never, new Date())).rejects.toThrow(message);
  });

  it('shares no record with those who saved or found it', async () => {
    const store = memoryRefreshTokens<DemoToken>();
    const record = recordThat();
    await store.saveRefreshToken('one', record);
    const before = structuredClone(await find(store, 'one'));
    for (const held of [record, await find(store, 'one')]) {
      held.details.roles.push('admin');
      held.expiresAt.setTime(0);
    }
    expect(await find(store, 'one')).toEqual(before);
  });

  it.each<[string, Partial<Record<keyof DemoToken, unknown>>, string]>([
    [
      'no date as expiresAt',
      { expiresAt: 'tomorrow' },
      "saveRefreshToken: expiresAt is 'tomorrow'. Write a valid Date.",
    ],
    [
      'an invalid expiresAt',
      { expiresAt: new Date(Number.NaN) },
      'saveRefreshToken: expiresAt is an invalid Date. Write a valid Date.',
    ],
    ['no grantId', { grantId: undefined }, 'saveRefreshToken: grantId is undefined. Pass a string that is not empty.'],
    ['an empty grantId', { grantId: '' }, 'saveRefreshToken: grantId is an empty'],
  ])('is refused with %s', async (_what, different, message) => {
    const store = memoryRefreshTokens<DemoToken>();
    const saving = store.saveRefreshToken('one', recordThat(different as Partial<DemoToken>));
    await expect(saving).rejects.toThrow(TypeError);
    await expect(saving).rejects.toThrow(message);
    expect(await store.findRefreshToken('one')).toBeNull();
  });
});

describe('In time', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('a token is found two days and a minute longer than its family lives, so that its reuse is seen', async () => {
    const store = memoryRefreshTokens();
    const grantExpiresAt = new Date(Date.now() + 3 * DAY);
    await store.saveRefreshToken('one', { ...recordThat(), grantExpiresAt } as never);
    jest.advanceTimersByTime(5 * DAY + MINUTE - 1);
    expect(await store.findRefreshToken('one')).not.toBeNull();
    jest.advanceTimersByTime(1);
    expect(await store.findRefreshToken('one')).toBeNull();
  });

  it('a token that has ended already is kept as long', async () => {
    const store = memoryRefreshTokens<DemoToken>();
    await store.saveRefreshToken('one', recordThat({ expiresAt: new Date(0) }));
    jest.advanceTimersByTime(2 * DAY + MINUTE - 1);
    expect(await store.findRefreshToken('one')).not.toBeNull();
    jest.advanceTimersByTime(1);
    expect(await store.findRefreshToken('one')).toBeNull();
  });

  it('a grant stays revoked for as long as a token of it lives, and a day at least', async () => {
    const store = memoryRefreshTokens<DemoToken>();
    await store.saveRefreshToken('long', recordThat({ expiresAt: new Date(Date.now() + 3 * DAY) }));
    await store.revokeTokens({ grantId: 'grant 1' });
    jest.advanceTimersByTime(2 * DAY);
    expect(await store.findRefreshToken('long')).toBeNull();
    await store.saveRefreshToken('late', recordThat());
    expect(await store.findRefreshToken('late')).toBeNull();
  });

  it.each([
    [undefined, DAY],
    [1000, 1000],
  ])('a grant that was not known stays revoked for revokedLifetime: %s', async (revokedLifetime, kept) => {
    const store = memoryRefreshTokens<DemoToken>({ revokedLifetime });
    await store.revokeTokens({ grantId: 'grant 1' });
    jest.advanceTimersByTime(kept - 1);
    expect(await store.isRevoked('grant 1')).toBe(true);
    expect(await store.findGrant('grant 1')).toEqual({ isRevoked: true });
    jest.advanceTimersByTime(1);
    expect(await store.findGrant('grant 1')).toBeNull();
    expect(await consume(await storeWith('one'), 'one')).toBe(true);
  });
});

describe('memoryRefreshTokens refuses', () => {
  const shown = (value: unknown) => (typeof value === 'string' ? `'${value}'` : String(value));
  const DURATION = 'Write milliseconds, a whole number from 1 to 100000000000000.';
  const LEEWAY = 'Write milliseconds, a whole number from 0 to 60000.';
  it.each<[string, unknown, string]>([
    ['what is no object', 5, 'options is 5. Pass an object.'],
    ['null', null, 'options is null. Pass an object.'],
    ['another option', { lifetime: 1 }, 'lifetime does not exist. These exist: revokedLifetime, leeway.'],
    ...[0, -1, 0.5, '1', Number.POSITIVE_INFINITY].map((value): [string, unknown, string] => [
      `revokedLifetime: ${value}`,
      { revokedLifetime: value },
      `revokedLifetime is ${shown(value)}. ${DURATION}`,
    ]),
    ...[-1, 0.5, '1', 60_001, null].map((value): [string, unknown, string] => [
      `leeway: ${value}`,
      { leeway: value },
      `leeway is ${shown(value)}. ${LEEWAY}`,
    ]),
  ])('%s', (_what, options, message) => {
    expect(() => memoryRefreshTokens(options as never)).toThrow(new TypeError(`memoryRefreshTokens: ${message}`));
  });
});
