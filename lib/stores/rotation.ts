/** The default leeway in milliseconds, in which tabs may race. */
export const DEFAULT_LEEWAY_MS = 10_000;

/** Milliseconds for which an expired token is still distinguished from an unknown one. */
export const EXPIRED_MS = 2 * 86_400_000;

/** How many tokens a generation may have. */
export const MAX_TOKENS = 50;
/** For how long, and how often, a client may ask again for a lost answer after the leeway. */
export const LATE_MS = 72 * 3_600_000;
export const MAX_LATE = 10;
/** In how many generations in a row a sibling may be used. */
export const MAX_SIBLINGS = 3;
/** Milliseconds by which a clock that was set back may put the spending into the future. */
const CLOCK_STEP_MS = 10_000;

/** The place of a token in its family. */
export interface Place {
  /** The digest of the grant. */
  grant: string;
  generation: number;
  /** The number of the token in its generation, counted from 0. */
  number: number;
}

/** The state of a family: the live generation, and the one before it. */
export interface Rotation {
  /** The live generation. The one before it is spent. Nothing is known about older ones. */
  generation: number;
  /** Tokens of the live generation with a lower number are superseded. */
  floor: number;
  /** How often a client asked again for the live generation after the leeway. */
  late: number;
  /** Milliseconds since the previous generation was spent. */
  spentFor: number | null;
  /** The number of the token that spent it. */
  spender: number;
  /** Tokens of the previous generation with a lower number were superseded. */
  spentFloor: number;
  /** The last generation of which a sibling was used, and in how many generations in a row that happened. */
  sibling: number;
  run: number;
}

/** How a token that is used must be treated. */
export type Kind = 'live' | 'at_once' | 'late' | 'sibling' | 'reused';

/**
 * Decides how to treat a token by the state of its family (RFC 9700 §4.14). The token that spent its generation may be
 * used again until one of its successors is used, because answers get lost and tabs race. Another token of the same
 * generation is a sibling. It may be used within the leeway, but only in a few generations in a row: a thief must not
 * go on in this way. Everything else is a reuse.
 */
export function judge({ generation, number }: Omit<Place, 'grant'>, rotation: Rotation, leeway: number): Kind {
  if (generation === rotation.generation) return number >= rotation.floor ? 'live' : 'reused';
  const { spentFor } = rotation;
  const isLast = generation === rotation.generation - 1 && spentFor !== null;
  if (!isLast || leeway === 0 || spentFor < -CLOCK_STEP_MS) return 'reused';
  if (number === rotation.spender) {
    if (spentFor < leeway) return 'at_once';
    return spentFor < LATE_MS && rotation.late < MAX_LATE ? 'late' : 'reused';
  }
  return number >= rotation.spentFloor && spentFor < leeway && maySiblingFollow(generation, rotation)
    ? 'sibling'
    : 'reused';
}

/** Whether a sibling of this generation may be used: not in too many generations in a row. */
export function maySiblingFollow(generation: number, { sibling, run }: Pick<Rotation, 'sibling' | 'run'>): boolean {
  return sibling !== generation - 1 || run < MAX_SIBLINGS;
}
