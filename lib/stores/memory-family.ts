import type { NewToken, Saving } from './backend';
import { LATE_MS, MAX_LATE, MAX_TOKENS, maySiblingFollow, type Rotation } from './rotation';

/** A family of refresh tokens in memory. */
export interface Family extends Omit<Rotation, 'spentFor'> {
  text: string;
  endsAt: number;
  /** How many tokens the live generation has. */
  issued: number;
  /** On the monotonic clock. */
  spentAt: number | null;
}

export const now = () => performance.now();
export const ageOf = (instant: number | null) => (instant === null ? null : now() - instant);
export const rotationOf = ({ spentAt, ...family }: Family): Rotation => ({ ...family, spentFor: ageOf(spentAt) });

/** A family without a token. */
export function createFamily(): Family {
  const live = { text: '', endsAt: 0, generation: 0, issued: 0, floor: 0, late: 0 };
  return { ...live, spentAt: null, spender: 0, spentFloor: 0, sibling: -2, run: 0 };
}

/**
 * Adds a token to the generation after that of the token which it replaces. Counts repeats, and supersedes older
 * tokens. Returns why not, if it cannot.
 */
export function join(family: Family, { presented, leeway }: NewToken): Saving | undefined {
  const target = presented ? presented.generation + 1 : 0;
  if (target > family.generation) return 'unspent';
  if (target < family.generation) return 'overtaken';
  if (family.issued >= MAX_TOKENS) return 'too_often';
  if (!presented) return undefined;
  const age = Number(ageOf(family.spentAt));
  if (presented.number !== family.spender) {
    // The token may have been overtaken since the request found it.
    const isServed = presented.number >= family.spentFloor && (presented.kind === 'sibling' || age < leeway);
    if (!isServed || !maySiblingFollow(presented.generation, family)) return 'overtaken';
    if (family.sibling !== presented.generation) {
      family.run = family.sibling === presented.generation - 1 ? family.run + 1 : 1;
    }
    family.sibling = presented.generation;
    return undefined;
  }
  if (family.issued === 0 || presented.kind === 'at_once') return undefined;
  if (presented.kind !== 'late') return age < leeway ? undefined : 'overtaken';
  if (family.late >= MAX_LATE) return 'too_often';
  if (age >= LATE_MS) return 'overtaken';
  family.late += 1;
  family.floor = family.issued;
  return undefined;
}
