/**
 * Starts to measure by how many milliseconds `Date` has stood still: runners freeze it if a test asks for that. A store that counts by a clock
 * that cannot be set then finds instants that lie as much earlier.
 */
export function createStandstill(): () => number {
  const offset = Date.now() - performance.now();
  return () => Math.max(offset - (Date.now() - performance.now()), 0);
}
