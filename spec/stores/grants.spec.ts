import { memoryStore } from '../../lib/stores/memory';

const store = () => memoryStore() as unknown as Record<string, (given: unknown) => Promise<unknown>>;

describe('A function that takes a grantId', () => {
  it.each<[unknown, string]>([
    [undefined, 'undefined'],
    [null, 'null'],
    ['', 'an empty string'],
    [42, '42'],
    [{ grantId: 'a' }, 'an object with grantId'],
  ])('names itself where that is %p', async (grantId, received) => {
    const message = `grantId is ${received}. Pass a string that is not empty.`;
    for (const name of ['revokeGrant', 'isRevoked', 'findGrant']) {
      await expect(store()[name]?.(grantId)).rejects.toThrow(new TypeError(`${name}: ${message}`));
    }
    for (const name of ['revokeTokens', 'consumeCode']) {
      await expect(store()[name]?.({ grantId })).rejects.toThrow(new TypeError(`${name}: ${message}`));
    }
  });
});

describe('revokeUser', () => {
  const received: [unknown, string][] = [
    [undefined, 'undefined'],
    [null, 'null'],
    ['', "''"],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [{}, 'an empty object'],
    [true, 'true'],
  ];
  it.each(received)('takes no %p', async (userId, shown) => {
    await expect(store().revokeUser?.(userId)).rejects.toThrow(
      new TypeError(`revokeUser: userId is ${shown}. Pass a string that is not empty, or a number.`),
    );
  });

  it.each(['alice', 42, 0, 42n])('takes %p', async (userId) => {
    await expect(store().revokeUser?.(userId)).resolves.toBeUndefined();
  });
});
