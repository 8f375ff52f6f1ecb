import { memoryRefreshTokens } from '../../lib/stores/memory';

const GRANT = 'ab'.repeat(32);

describe('A tokenId', () => {
  it.each<[unknown, string]>([
    [undefined, 'undefined'],
    [5, '5'],
    ['', 'an empty string'],
    [`${GRANT}.0.0`, 'a string of 68 characters'],
    [`${GRANT}.0.0.`, 'a string of 69 characters'],
    [`${GRANT}.0.0.alive`, 'a string of 74 characters'],
    [`${GRANT}.0.0.live `, 'a string of 74 characters'],
    [` ${GRANT}.0.0.live`, 'a string of 74 characters'],
    [`${GRANT.slice(1)}.0.0.live`, 'a string of 72 characters'],
    [`a${GRANT}.0.0.live`, 'a string of 74 characters'],
    [`${GRANT.toUpperCase()}.0.0.live`, 'a string of 73 characters'],
    [`${GRANT}..0.live`, 'a string of 72 characters'],
    [`${GRANT}.0..live`, 'a string of 72 characters'],
    [`${GRANT}.-1.0.live`, 'a string of 74 characters'],
    [`${GRANT}.0.1e3.live`, 'a string of 75 characters'],
    // Beyond what a number of JavaScript holds exactly.
    [`${GRANT}.${'1'.repeat(16)}.0.live`, 'a string of 88 characters'],
    [`${GRANT}.0.${'1'.repeat(16)}.live`, 'a string of 88 characters'],
  ])('is not %p', async (tokenId, received) => {
    const { consumeRefreshToken, extendRefreshToken } = memoryRefreshTokens();
    const error = new TypeError(`tokenId is ${received}. Pass the one that findRefreshToken returned.`);
    await expect(consumeRefreshToken({ tokenId } as never)).rejects.toThrow(error);
    await expect(extendRefreshToken({ tokenId } as never, new Date())).rejects.toThrow(error);
  });

  it.each([
    `${GRANT}.0.0.live`,
    `${GRANT}.0.0.at_once`,
    `${GRANT}.10.49.late`,
    `${GRANT}.0.0.sibling`,
    `${GRANT}.${'9'.repeat(15)}.${'9'.repeat(15)}.reused`,
  ])('may name a token that the store does not know: %s', async (tokenId) => {
    await expect(memoryRefreshTokens().consumeRefreshToken({ tokenId })).resolves.toBe(false);
  });
});
