/** Two clocks that both go on differ by less. */
const CLOCKS_DIFFER_MS = 100;

/**
 * Starts to measure by how many milliseconds `Date` has stood still: runners freeze it if a test asks for that. A store that counts by a clock
 * that cannot be set then finds instants that lie as much earlier.
 */
export function createStandstill(): () => number {
  const offset = Date.now() - performance.now();
  return () => {
    const milliseconds = offset - (Date.now() - performance.now());
    return milliseconds < CLOCKS_DIFFER_MS ? 0 : milliseconds;
  };
}
