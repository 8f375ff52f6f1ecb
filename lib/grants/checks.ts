import type { OAuthError } from '../errors';

/** What must hold, beside the refusal where it does not. */
export type Checks<Facts> = readonly (readonly [holds: (facts: Facts) => boolean, refusal: () => OAuthError])[];

/** Throws the refusal of the first check that does not hold. */
export function runChecks<Facts>(checks: Checks<Facts>, facts: Facts): void {
  for (const [holds, refusal] of checks) if (!holds(facts)) throw refusal();
}
