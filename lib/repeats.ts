const MARK = Symbol.for('express-token-router.decidesOnRepeats');

/**
 * Marks the `findRefreshToken` of a store that decides itself which spent tokens may come again (`isRepeatable`). A mark on
 * the function, so that it is still there once the function is destructured.
 */
export function markRepeats<Find extends (...given: never[]) => unknown>(findRefreshToken: Find): Find {
  return Object.defineProperty(findRefreshToken, MARK, { value: true });
}

/** Whether the store decides itself. Then `refresh.leeway` would be a second rule beside the store's. */
export function decidesOnRepeats(findRefreshToken: unknown): boolean {
  return Object(findRefreshToken)[MARK] === true;
}
