/** What the rotation of refresh tokens is to do, written down a second time: generations and tokens, without a store. */

export const LEEWAY_MS = 60_000;
const LATE_MS = 72 * 3_600_000;

interface Token {
  generation: Generation;
  isSuperseded: boolean;
}

interface Generation {
  tokens: Token[];
  previous: Generation | null;
  spent: { by: Token; at: number; next: Generation } | null;
  /** How often the token before was asked for again after the leeway. */
  late: number;
  /** Whether a token that did not spend this generation was served. */
  servedSibling: boolean;
}

export type Answer = 'redeemed' | 'at_once' | 'late' | 'sibling' | 'refused' | 'reused' | 'unknown';

const createGeneration = (previous: Generation | null): Generation => ({
  tokens: [],
  previous,
  spent: null,
  late: 0,
  servedSibling: false,
});

/** How many generations in a row have served a sibling, up to this one. */
const rowBefore = (generation: Generation | null): number =>
  generation?.servedSibling ? 1 + rowBefore(generation.previous) : 0;

export class RotationModel {
  #now = 0;
  #isRevoked = false;
  readonly first: Token;

  constructor() {
    this.first = this.#issue(createGeneration(null));
  }

  get isRevoked() {
    return this.#isRevoked;
  }

  wait(milliseconds: number) {
    this.#now += milliseconds;
  }

  /** A token comes. With a good answer comes the next token. */
  present(token: Token): { answer: Answer; next?: Token } {
    if (this.#isRevoked) return { answer: 'unknown' };
    const { generation, isSuperseded } = token;
    const { spent } = generation;
    if (isSuperseded) return this.#reuse();
    if (!spent) {
      const next = createGeneration(generation);
      generation.spent = { by: token, at: this.#now, next };
      return { answer: 'redeemed', next: this.#issue(next) };
    }
    if (spent.next.spent) return this.#reuse();
    const age = this.#now - spent.at;
    if (token !== spent.by) {
      const isInRow = generation.servedSibling || rowBefore(generation.previous) < 3;
      if (age >= LEEWAY_MS || !isInRow) return this.#reuse();
      if (spent.next.tokens.length >= 50) return { answer: 'refused' };
      generation.servedSibling = true;
      return { answer: 'sibling', next: this.#issue(spent.next) };
    }
    if (age < LEEWAY_MS) {
      if (spent.next.tokens.length >= 50) return { answer: 'refused' };
      return { answer: 'at_once', next: this.#issue(spent.next) };
    }
    if (age >= LATE_MS || spent.next.late >= 10) return this.#reuse();
    if (spent.next.tokens.length >= 50) return { answer: 'refused' };
    spent.next.late += 1;
    for (const each of spent.next.tokens) each.isSuperseded = true;
    return { answer: 'late', next: this.#issue(spent.next) };
  }

  /** Where a token stands, as far as it makes a difference for what can still come. */
  describe(token: Token | null) {
    if (!token) return 'none';
    const { generation, isSuperseded } = token;
    const isOver = generation.spent?.next.spent !== undefined && generation.spent.next.spent !== null;
    if (isOver) return 'over';
    return `${generation.spent ? `spent${generation.spent.by === token ? ' by it' : ''}` : 'live'}${isSuperseded ? ' superseded' : ''}`;
  }

  /** What can still come depends on this, and on where the tokens stand that somebody holds. */
  key(...held: (Token | null)[]): string {
    const live = this.#live();
    const { previous } = live;
    const age = previous?.spent ? this.#now - previous.spent.at : 0;
    // Counts are left out: no scene is long enough for their limits, which have specs of their own.
    const ages = [age >= LEEWAY_MS, age >= LATE_MS];
    const tokens = held.map((token) => [this.describe(token), held.indexOf(token)]);
    const row = [previous?.servedSibling, rowBefore(previous), rowBefore(previous?.previous ?? null)];
    return JSON.stringify([this.#isRevoked, ages, row, tokens]);
  }

  #live() {
    let generation = this.first.generation;
    while (generation.spent) generation = generation.spent.next;
    return generation;
  }

  #issue(generation: Generation): Token {
    const token = { generation, isSuperseded: false };
    generation.tokens.push(token);
    return token;
  }

  #reuse(): { answer: Answer } {
    this.#isRevoked = true;
    return { answer: 'reused' };
  }
}

export type ModelToken = Token;
