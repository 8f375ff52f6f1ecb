/** Milliseconds in which tabs may race, unless the host says otherwise. */
export const DEFAULT_LEEWAY_MS = 10_000;

/** How long a token that is over is told from one that never was. */
export const EXPIRED_MS = 2 * 86_400_000;

/** Tokens that one generation may have. */
export const MAX_TOKENS = 50;
/** How long, and how often, a lost answer may be asked for again once the leeway is over. */
export const LATE_MS = 72 * 3_600_000;
export const MAX_LATE = 10;
/** In how many generations in a row a sibling may follow. */
export const MAX_SIBLINGS = 3;
/** How far clocks that stepped back may put the spending into the future. */
const CLOCK_STEP_MS = 10_000;

/** Where a token stands in its family. */
export interface Place {
  /** The digest of the grant. */
  grant: string;
  generation: number;
  /** Which of its generation it is, counted from 0. */
  number: number;
}

/** What a family knows of its rotation: of the generation that lives, and of the one before it. */
export interface Rotation {
  /** The generation that lives. The one before it is spent; of those before nothing is known any more. */
  generation: number;
  /** Tokens of the live generation with a lower number are superseded. */
  floor: number;
  /** How often the live generation was asked for again after the leeway. */
  late: number;
  /** Milliseconds since the generation before was spent. */
  spentFor: number | null;
  /** Which of its tokens spent it. */
  spender: number;
  /** Tokens of it with a lower number were superseded. */
  spentFloor: number;
  /** The last generation of which a sibling was served, and how many in a row that makes. */
  sibling: number;
  run: number;
}

/** What a token is when it comes. */
export type Kind = 'live' | 'at_once' | 'late' | 'sibling' | 'reused';

/**
 * What a token is by the rotation of its family (RFC 9700 §4.14). The token whose use spent its generation may come again
 * until one of its successors is used: answers get lost, and tabs race. One that was issued beside it may follow within
 * the leeway, a few generations in a row: a thief who does the same is found out by that. Everything else is a reuse.
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

/** Whether a sibling of this generation makes the row no longer than it may be. */
export function maySiblingFollow(generation: number, { sibling, run }: Pick<Rotation, 'sibling' | 'run'>): boolean {
  return sibling !== generation - 1 || run < MAX_SIBLINGS;
}
