import type { OAuthError } from '../errors';

/** Checks, each with the refusal to throw if it fails. */
export type Checks<Facts> = readonly (readonly [holds: (facts: Facts) => boolean, refusal: () => OAuthError])[];

/** Throws the refusal of the first check that fails. */
export function runChecks<Facts>(checks: Checks<Facts>, facts: Facts): void {
  for (const [holds, refusal] of checks) if (!holds(facts)) throw refusal();
}
