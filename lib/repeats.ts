const MARK = Symbol.for('express-token-router.decidesOnRepeats');

/**
 * Marks the `findRefreshToken` of a store that itself decides which spent tokens may be used again (`isRepeatable`).
 * The mark is on the function, so that it survives destructuring.
 */
export function markRepeats<Find extends (...given: never[]) => unknown>(findRefreshToken: Find): Find {
  return Object.defineProperty(findRefreshToken, MARK, { value: true });
}

/** Whether the store itself decides. Then `refresh.leeway` would be a second rule beside it. */
export function decidesOnRepeats(findRefreshToken: unknown): boolean {
  return Object(findRefreshToken)[MARK] === true;
}
