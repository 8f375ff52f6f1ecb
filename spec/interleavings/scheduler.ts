import { AsyncLocalStorage } from 'node:async_hooks';

/** One step of one actor: a call, a command or a statement, which its store carries out as a whole. */
export interface Step {
  actor: string;
  name: string;
  answer?: unknown;
}

/** Does its requests one after another. */
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
    /** The steps that were taken so far. */
    steps: (): readonly Step[] => taken,

    /** Outside of a play, as in the preparation of it, nothing waits. `describe` gives names to the parts of an answer. */
    pass<T>(
      name: string,
      operation: () => T | Promise<T>,
      describe: (answer: T) => unknown = (answer) => answer,
    ): Promise<T> {
      const actor = current.getStore();
      if (!actor) return Promise.resolve(operation());
      return new Promise<T>((resolve, reject) => {
        const carryOut = async () => {
          try {
            const result = await operation();
            const answer = describe(result);
            resolve(result);
            return answer;
          } catch (thrown) {
            reject(thrown);
            return String(thrown);
          }
        };
        actor.arrive({ actor: actor.name, name, carryOut });
      });
    },

    /** Plays all actors to their end; `choose` says whose turn it is. */
    async play(
      actors: Readonly<Record<string, Actor>>,
      choose: (waiting: readonly Step[], done: readonly Step[]) => number | Promise<number>,
    ): Promise<Step[]> {
      const names = Object.keys(actors);
      const waiting = new Map<string, Waiting>();
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
            await actors[name]?.();
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
        if (unfinished === 0) return steps;
        const options = names.flatMap((name) => waiting.get(name) ?? []);
        const next = options[await choose(options, steps)];
        if (!next) throw new Diverged('An actor has not come as far as it did in the same order before');
        waiting.delete(next.actor);
        const step: Step = { actor: next.actor, name: next.name };
        steps.push(step);
        step.answer = await next.carryOut();
      }
    },
  };
}

export type Gate = ReturnType<typeof createGate>;

/** The same order went another way than before: something in it depends on the clock, and the machine was too slow. */
export class Diverged extends Error {}
