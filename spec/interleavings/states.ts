import {
  BEGINNING,
  createKnowledge,
  type Knowledge,
  keyOfEnd,
  keyOfNext,
  keyOfStep,
  type Next,
  type Path,
  playAndLearn,
  type World,
} from './knowledge';
import { mayBeNext, untilPlayed } from './orders';
import type { Gate, Step } from './scheduler';

/** How far each actor was when the grant was revoked, in steps of its own. */
type Counts = Readonly<Record<string, number>>;

/** All that is asked about an order: what became of the actors and of the store, and when the grant was revoked. */
export interface Outcome<Result, End> {
  results: Record<string, Result>;
  end: End;
  atRevocation: Counts | undefined;
}

export function findRevocation(steps: readonly Step[], isRevocation: (name: string) => boolean): Counts | undefined {
  const index = steps.findIndex(({ name }) => isRevocation(name));
  if (index < 0) return undefined;
  const counts: Record<string, number> = {};
  for (const { actor } of steps.slice(0, index + 1)) counts[actor] = (counts[actor] ?? 0) + 1;
  return counts;
}

interface Search<Result, End> {
  prepare: () => Promise<World<Result, End>>;
  isRevocation: (name: string) => boolean;
  judge: (outcome: Outcome<Result, End>) => string[];
  alike?: readonly string[];
  /** Searches that begin with the same contents, and in which actors of the same kind do the same, share it. */
  knowledge?: Knowledge;
  /** So many orders, spread evenly over all of them, are played as they were found, and compared. */
  samples?: number;
}

interface State {
  contents: number;
  /** Stands for what each actor was answered so far. */
  histories: readonly number[];
  counts: readonly number[];
  atRevocation: readonly number[] | undefined;
}

/**
 * Visits every state that the actors can come to, and so every order of their steps. Plays only what was not seen before:
 * a step on contents on which it was not taken yet.
 */
export async function searchStates<Result, End>(
  gate: Gate,
  { prepare, isRevocation, judge, alike = [], knowledge = createKnowledge(), samples = 0 }: Search<Result, End>,
) {
  const { actors, kindOf } = await untilPlayed(prepare, knowledge.forget);
  const names = Object.keys(actors);
  const found = { orders: 0, states: 0, plays: 0, violations: [] as string[] };
  /** How many orders lead from a state to an end. */
  const counted = new Map<string, number>();

  const play = (path: Path) =>
    untilPlayed(async () => {
      found.plays += 1;
      await playAndLearn(gate, await prepare(), path, knowledge);
    }, knowledge.forget);

  /** What is known, after a play of this order if need be. */
  const ask = async <T>(key: string, path: Path): Promise<T> => {
    if (knowledge.get(key) === undefined) await play(path);
    return knowledge.get(key) as T;
  };

  const toCounts = (counts: readonly number[]): Counts =>
    Object.fromEntries(names.map((name, index) => [name, Number(counts[index])]));

  const keyOf = ({ contents, histories, atRevocation }: State) => `${contents} ${histories} ${atRevocation}`;

  const nextsOf = ({ histories }: State) =>
    histories.map((history) => knowledge.get(keyOfNext(history)) as Next<Result>);

  /** Where one gets from a state. */
  async function* follow(state: State, path: Path): AsyncGenerator<{ next: State; on: Path }> {
    const { contents, histories, counts, atRevocation } = state;
    const isNext = mayBeNext(alike, (name) => Number(counts[names.indexOf(name)]) > 0);
    for (const [actor, does] of nextsOf(state).entries()) {
      if ('result' in does || !isNext(String(names[actor]))) continue;
      const on = [...path, { actor, name: does.name }];
      const step = await ask<{ history: number; contents: number }>(keyOfStep(contents, Number(histories[actor])), on);
      const added = counts.with(actor, Number(counts[actor]) + 1);
      const next = {
        contents: step.contents,
        histories: histories.with(actor, step.history),
        counts: added,
        atRevocation: atRevocation ?? (isRevocation(does.name) ? added : undefined),
      };
      yield { next, on };
    }
  }

  const judgeEnd = async (state: State, path: Path) => {
    const results = nextsOf(state).map((does, index) => [names[index], (does as { result: Result }).result]);
    const end = await ask<End>(keyOfEnd(state.contents), path);
    const atRevocation = state.atRevocation && toCounts(state.atRevocation);
    const order = path.map(({ actor, name }) => `${names[actor]} ${name}`).join(', ');
    for (const violation of judge({ results: Object.fromEntries(results), end, atRevocation })) {
      found.violations.push(`${violation}: ${order}`);
    }
  };

  const countOrders = async (state: State, path: Path): Promise<number> => {
    const key = keyOf(state);
    const known = counted.get(key);
    if (known !== undefined) return known;
    let orders = 0;
    for await (const { next, on } of follow(state, path)) orders += await countOrders(next, on);
    if (orders === 0) await judgeEnd(state, path);
    else found.states += 1;
    counted.set(key, Math.max(orders, 1));
    return Math.max(orders, 1);
  };

  /** The order with this number. */
  const findOrder = async (state: State, path: Path, number: number): Promise<Path> => {
    let left = number;
    for await (const { next, on } of follow(state, path)) {
      const orders = Number(counted.get(keyOf(next)));
      if (left < orders) return findOrder(next, on, left);
      left -= orders;
    }
    return path;
  };

  const histories = names.map((name) => knowledge.idOf(kindOf(name)));
  if (histories.some((history) => knowledge.get(keyOfNext(history)) === undefined)) await play([]);
  const contents = knowledge.get(BEGINNING) as number;
  const beginning: State = { contents, histories, counts: names.map(() => 0), atRevocation: undefined };
  found.orders = await countOrders(beginning, []);
  for (let sample = 0; sample < samples; sample += 1) {
    await play(await findOrder(beginning, [], Math.floor((found.orders * sample) / samples)));
  }
  return found;
}
