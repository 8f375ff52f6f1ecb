import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGraph, essenceOf, stateOf } from './states';

/** One step of one actor: a call, a command or a statement, which its store carries out as a whole. */
export interface Step {
  actor: string;
  name: string;
  /** Reads and changes nothing. */
  isRead: boolean;
  /** What of its answer may decide how the actor goes on. */
  answer?: unknown;
}

/** Does its requests one after another, and returns what became of them. */
export type Actor = () => Promise<unknown>;

interface Waiting extends Step {
  carryOut: () => Promise<unknown>;
}

/**
 * Holds every step until it is its turn. A step and its reply are one: between the two, others could do nothing that this
 * actor's next step would not see as well.
 */
export function createGate() {
  const current = new AsyncLocalStorage<{ name: string; arrive: (waiting: Waiting) => void }>();
  let taken: Step[] = [];

  return {
    /** Who asks. */
    actor: () => current.getStore()?.name ?? '',
    /** How many steps were taken so far. */
    steps: () => taken.length,

    /** Outside of a play, as in the preparation of it, nothing waits. */
    pass<T>(name: string, isRead: boolean, operation: () => T | Promise<T>): Promise<T> {
      const actor = current.getStore();
      if (!actor) return Promise.resolve(operation());
      return new Promise<T>((resolve, reject) => {
        const carryOut = async () => {
          try {
            const result = await operation();
            resolve(result);
            return essenceOf(result);
          } catch (thrown) {
            reject(thrown);
            return String(thrown);
          }
        };
        actor.arrive({ actor: actor.name, name, isRead, carryOut });
      });
    },

    /** Plays all actors to their end; `choose` says whose turn it is. */
    async play(
      actors: Readonly<Record<string, Actor>>,
      choose: (waiting: readonly Step[], done: readonly Step[]) => number,
    ) {
      const names = Object.keys(actors);
      const waiting = new Map<string, Waiting>();
      const results: Record<string, unknown> = {};
      const steps: Step[] = [];
      taken = steps;
      let failure: { thrown: unknown } | undefined;
      let unfinished = names.length;
      let look = () => {};
      // Every actor either waits for its turn or has ended: only then is it known what may come next.
      const untilAllWait = () =>
        new Promise<void>((resolve) => {
          look = () => {
            if (waiting.size === unfinished) resolve();
          };
          look();
        });

      for (const name of names) {
        const arrive = (step: Waiting) => {
          if (waiting.has(name)) failure = { thrown: new Error(`${name} takes two steps at once`) };
          waiting.set(name, step);
          look();
        };
        void current.run({ name, arrive }, async () => {
          try {
            results[name] = await actors[name]?.();
          } catch (thrown) {
            failure = { thrown };
          }
          unfinished -= 1;
          look();
        });
      }
      for (;;) {
        await untilAllWait();
        if (failure) throw failure.thrown;
        if (unfinished === 0) return { results, steps };
        const options = names.flatMap((name) => waiting.get(name) ?? []);
        const next = options[choose(options, steps)];
        if (!next) throw new Diverged('An actor has not come as far as it did in the same order before');
        waiting.delete(next.actor);
        const { actor, name, isRead } = next;
        const step: Step = { actor, name, isRead };
        steps.push(step);
        step.answer = await next.carryOut();
      }
    },
  };
}

export type Gate = ReturnType<typeof createGate>;
export type Play = Awaited<ReturnType<Gate['play']>>;

/** The same order went another way than before: something in it depends on the clock, and the machine was too slow. */
export class Diverged extends Error {}

/** How often one order is begun anew because of that. */
const MAX_REPETITIONS = 10;
const PAUSE_MS = 50;

export interface Exploration {
  /** How many orders were played, or are stood for by one that was. */
  orders: number;
  /** How many states were told apart, where those that are the same are played on from once. */
  states: number;
  /** How many plays that took. */
  plays: number;
  /** The most steps that one had. */
  longest: number;
  /** What was found wrong, each with the order in which it came. */
  violations: string[];
}

interface Search {
  /** A new world for each order. */
  prepare: () => Promise<{
    actors: Readonly<Record<string, Actor>>;
    /** Whether a server refused because the machine is busy: then the order is begun anew. */
    isSlow?: () => boolean;
    check: (play: Play) => Promise<string[]>;
  }>;
  /**
   * Two reads beside each other bring the same in either order. Then only one of the two orders is played: that of the
   * actors. Every order of the steps that matter is still among those that remain.
   */
  swapsReads?: boolean;
  /**
   * Plays on once from states that are the same: `isRevocation` says which step revokes the grant, for that is all that the
   * checks ask of the past.
   */
  merges?: { isRevocation: (name: string) => boolean } | undefined;
  /** Actors that do the same: only the orders are played in which these begin in this order. */
  alike?: readonly string[];
  /** Ends the search with the first violation. */
  stopsAtViolation?: boolean;
}

/** Plays every order in which the steps of the actors can follow each other: depth first, each from its beginning. */
export async function explore(
  gate: Gate,
  { prepare, swapsReads = false, merges, alike = [], stopsAtViolation = false }: Search,
): Promise<Exploration> {
  const found: Exploration = { orders: 0, states: 0, plays: 0, longest: 0, violations: [] };
  const graph = createGraph();
  /** The state before each step of the order at hand. */
  const states: string[] = [];
  // The order at hand: at each step the choices that are left, the first of which is taken.
  const path: number[][] = [];
  /** Who waited at each step of it. */
  const waited: string[] = [];
  let repetitions = 0;
  let isOver = false;
  while (!isOver) {
    const begun = path.length;
    const added: string[] = [];
    let isRepetition = false;
    const choose = (ranks: readonly string[]) => (waiting: readonly Step[], done: readonly Step[]) => {
      const depth = done.length;
      const names = waiting.map(({ actor, name }) => `${actor} ${name}`).join(', ');
      if (path[depth] !== undefined && waited[depth] !== names) return waiting.length;
      waited[depth] = names;
      if (path[depth] === undefined) {
        const last = swapsReads ? done.at(-1) : undefined;
        const isSwapped = ({ actor, isRead }: Step) =>
          last?.isRead === true && isRead && ranks.indexOf(actor) < ranks.indexOf(last.actor);
        const started = new Set(done.map(({ actor }) => actor));
        const next = alike.find((actor) => !started.has(actor));
        const isTooEarly = ({ actor }: Step) => alike.includes(actor) && !started.has(actor) && actor !== next;
        const choices = [...waiting.keys()].filter((index) => {
          const step = waiting[index] as Step;
          return !isSwapped(step) && !isTooEarly(step);
        });
        if (merges && !isRepetition) {
          const state = stateOf(done, merges.isRevocation);
          if (depth > 0) graph.link(String(states[depth - 1]), Number(path[depth - 1]?.[0]), state);
          states[depth] = state;
          isRepetition = graph.has(state);
          if (!isRepetition) {
            graph.add(state);
            added.push(state);
          }
        }
        // Only reads are left that belong before this one: this order was played already.
        isRepetition ||= choices.length === 0;
        path.push(isRepetition ? [0] : choices);
      }
      return path[depth]?.[0] as number;
    };
    const playOnce = async () => {
      const { actors, isSlow = () => false, check } = await prepare();
      const play = await gate.play(actors, choose(Object.keys(actors)));
      if (isSlow()) throw new Diverged('The machine was too slow for the server');
      return { play, wrong: isRepetition ? [] : await check(play) };
    };
    const played = await playOnce().catch((thrown) => {
      repetitions += 1;
      if (!(thrown instanceof Diverged) || repetitions > MAX_REPETITIONS) throw thrown;
      // Nothing of this play is true of the order.
      path.length = begun;
      for (const state of added) graph.remove(state);
      return undefined;
    });
    if (!played) {
      // A machine that is busy now may be busy for some moments more.
      await sleep(PAUSE_MS * repetitions);
      continue;
    }
    repetitions = 0;
    found.plays += 1;
    const { play, wrong } = played;
    if (!isRepetition) {
      found.orders += 1;
      const last = play.steps.length - 1;
      if (merges && last >= 0) graph.link(String(states[last]), Number(path[last]?.[0]), 'the end');
      found.longest = Math.max(found.longest, play.steps.length);
      const order = play.steps.map(({ actor, name }) => `${actor} ${name}`).join(', ');
      for (const violation of wrong) found.violations.push(`${violation}: ${order}`);
      if (stopsAtViolation && found.violations.length > 0) return found;
    }
    // The last step with a choice left takes its next one; what came after it is forgotten.
    while (path.length > 0 && path.at(-1)?.length === 1) path.pop();
    path.at(-1)?.shift();
    isOver = path.length === 0;
  }
  if (merges) Object.assign(found, { orders: graph.countOrders(String(states[0])), states: graph.size() });
  return found;
}
