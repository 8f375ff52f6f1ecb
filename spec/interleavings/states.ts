import type { Step } from './scheduler';

/** Words by which stores answer, and small numbers. Everything else is text of this one play, or a time. */
const SMALL = /^(?:[a-z_]{1,12}|-?\d{1,6})$/;
/** How old something is: all that happens in a play is young. */
const AGES = new Set(['spentFor', 'spent_for']);

/** What of a store's answer may decide how its asker goes on, the same in each play that comes to it. */
export function essenceOf(value: unknown): unknown {
  if (value === undefined || value === null || typeof value === 'boolean') return value ?? null;
  if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) < 1e6 ? value : 'number';
  if (typeof value === 'string') return SMALL.test(value) ? value : (/\.\d+\.\d+$/.exec(value)?.[0] ?? 'text');
  if (Array.isArray(value)) return value.map(essenceOf);
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, AGES.has(name) && each !== null ? 'age' : essenceOf(each)]),
  );
}

/**
 * A state, by how it was reached: what each actor was answered so far, which writes were done in which order, and how far each
 * actor was when the grant was revoked. Two orders that lead to the same go on in the same ways, and end the same.
 */
export function stateOf(steps: readonly Step[], isRevocation: (name: string) => boolean): string {
  const answers: Record<string, unknown[]> = {};
  const writes: string[] = [];
  const atRevocation: Record<string, number> = {};
  let isRevoked = false;
  for (const { actor, name, isRead, answer } of steps) {
    const own = answers[actor] ?? [];
    answers[actor] = own;
    if (!isRevoked) atRevocation[actor] = own.length + 1;
    own.push([name, answer]);
    if (!isRead) writes.push(actor);
    isRevoked ||= isRevocation(name);
  }
  const sorted = (record: object) => Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([sorted(answers), writes, isRevoked && sorted(atRevocation)]);
}

/** The states that were reached, and which step leads from one to another. */
export function createGraph() {
  const nodes = new Map<string, Map<number, string>>([['the end', new Map()]]);
  const counted = new Map<string, number>([['the end', 1]]);

  const countFrom = (state: string): number => {
    const known = counted.get(state);
    if (known !== undefined) return known;
    const orders = [...(nodes.get(state)?.values() ?? [])].reduce((sum, next) => sum + countFrom(next), 0);
    counted.set(state, orders);
    return orders;
  };

  return {
    has: (state: string) => nodes.has(state),
    add(state: string) {
      nodes.set(state, new Map());
    },
    remove(state: string) {
      nodes.delete(state);
    },
    /** `choice` says which of those who waited took the step. */
    link(state: string, choice: number, next: string) {
      nodes.get(state)?.set(choice, next);
    },
    /** In how many orders one gets from the beginning to an end. */
    countOrders: (beginning: string) => countFrom(beginning),
    size: () => nodes.size - 1,
  };
}
