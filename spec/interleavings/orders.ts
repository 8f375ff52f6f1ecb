import { setTimeout as sleep } from 'node:timers/promises';
import { type Actor, Diverged, type Gate, type Step } from './scheduler';

/** How often one order is begun anew because the machine was too slow. */
const MAX_REPETITIONS = 10;
const PAUSE_MS = 50;

/** Plays, and begins anew where the machine was too slow. `forget` drops what the play has shown so far. */
export async function untilPlayed<T>(play: () => Promise<T>, forget: () => void): Promise<T> {
  for (let repetitions = 1; ; repetitions += 1) {
    try {
      return await play();
    } catch (thrown) {
      if (!(thrown instanceof Diverged) || repetitions > MAX_REPETITIONS) throw thrown;
      forget();
      // A machine that is busy now may be busy for some moments more.
      await sleep(PAUSE_MS * repetitions);
    }
  }
}

/** Those whose turn it may be: of actors that do the same, only the orders are played in which these begin in this order. */
export function mayBeNext(alike: readonly string[], hasBegun: (actor: string) => boolean) {
  const next = alike.find((actor) => !hasBegun(actor));
  return (actor: string) => !alike.includes(actor) || hasBegun(actor) || actor === next;
}

interface Search {
  /** A new world for each order. */
  prepare: () => Promise<{
    actors: Readonly<Record<string, Actor>>;
    check: (steps: readonly Step[]) => Promise<string[]>;
  }>;
  /** Actors that do the same. */
  alike?: readonly string[];
}

/** Plays every order in which the steps of the actors can follow each other by itself: depth first, each from its beginning. */
export async function playOrders(gate: Gate, { prepare, alike = [] }: Search) {
  const found = { orders: 0, violations: [] as string[] };
  // The order at hand: at each step the choices that are left, the first of which is taken.
  const path: number[][] = [];
  /** Who waited at each step of it. */
  const waited: string[] = [];
  do {
    const begun = path.length;
    const choose = (waiting: readonly Step[], done: readonly Step[]) => {
      const depth = done.length;
      const names = waiting.map(({ actor, name }) => `${actor} ${name}`).join(', ');
      if (path[depth] !== undefined && waited[depth] !== names) return waiting.length;
      waited[depth] = names;
      if (path[depth] === undefined) {
        const isNext = mayBeNext(alike, (actor) => done.some((step) => step.actor === actor));
        path.push([...waiting.keys()].filter((index) => isNext(String(waiting[index]?.actor))));
      }
      return path[depth]?.[0] as number;
    };
    const playOnce = async () => {
      const { actors, check } = await prepare();
      const steps = await gate.play(actors, choose);
      return { steps, wrong: await check(steps) };
    };
    const { steps, wrong } = await untilPlayed(playOnce, () => {
      path.length = begun;
    });
    found.orders += 1;
    const order = steps.map(({ actor, name }) => `${actor} ${name}`).join(', ');
    for (const violation of wrong) found.violations.push(`${violation}: ${order}`);
    // The last step with a choice left takes its next one; what came after it is forgotten.
    while (path.length > 0 && path.at(-1)?.length === 1) path.pop();
    path.at(-1)?.shift();
  } while (path.length > 0);
  return found;
}
