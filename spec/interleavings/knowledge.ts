import { type Actor, Diverged, type Gate, type Step } from './scheduler';

/**
 * What plays have shown. It rests on two things. What a request does next depends only on what it was answered so far. What
 * a step does depends only on the step and on the contents of the store. Each play tests both again: a play that shows
 * something else than an earlier one is an error.
 */
export function createKnowledge() {
  const ids = new Map<string, number>();
  const facts = new Map<string, { value: unknown; text: string }>();
  let added: string[] = [];

  return {
    /** A small number that stands for a text. */
    idOf(text: string): number {
      const id = ids.get(text) ?? ids.size;
      ids.set(text, id);
      return id;
    },
    get: (key: string): unknown => facts.get(key)?.value,
    learn(key: string, value: unknown) {
      const text = JSON.stringify(value);
      const known = facts.get(key);
      if (known && known.text !== text) throw new Diverged(`${key} was ${known.text}, and now ${text}`);
      if (known) return;
      facts.set(key, { value, text });
      added.push(key);
    },
    keep() {
      added = [];
    },
    /** Forgets what was learned since `keep`. */
    forget() {
      for (const key of added) facts.delete(key);
      added = [];
    },
  };
}

export type Knowledge = ReturnType<typeof createKnowledge>;

/** What one play has to show. */
export interface World<Result, End> {
  actors: Readonly<Record<string, Actor>>;
  /** Actors of the same kind do the same. */
  kindOf: (actor: string) => string;
  /** The contents of the store, and an answer of it, without what differs from play to play. */
  contents: () => Promise<unknown>;
  describe: (answer: unknown) => unknown;
  /** What became of each actor, and of the store. */
  finish: (steps: readonly Step[]) => Promise<{ results: Record<string, Result>; end: End }>;
}

/** What an actor does next. */
export type Next<Result> = { name: string } | { result: Result };
/** An order, or the beginning of one. */
export type Path = readonly { actor: number; name: string }[];

/** The facts by what they are about. Numbers stand for contents of the store, and for what an actor was answered so far. */
export const keyOfNext = (history: number) => `next ${history}`;
export const keyOfStep = (contents: number, history: number) => `step ${contents} ${history}`;
export const keyOfEnd = (contents: number) => `end ${contents}`;
export const BEGINNING = 'the beginning';

/** Plays an order, then on to the end, preferring steps that are new, and learns what that shows. */
export async function playAndLearn<Result, End>(
  gate: Gate,
  { actors, kindOf, contents: readContents, describe, finish }: World<Result, End>,
  path: Path,
  knowledge: Knowledge,
): Promise<void> {
  const names = Object.keys(actors);
  const histories = names.map((name) => knowledge.idOf(kindOf(name)));
  const historyOf = (actor: string) => Number(histories[names.indexOf(actor)]);
  let contents = -1;

  const look = async (waiting: readonly Step[], last: Step | undefined) => {
    const before = contents;
    contents = knowledge.idOf(JSON.stringify(await readContents()));
    if (last) {
      const key = keyOfStep(before, historyOf(last.actor));
      const history = knowledge.idOf(JSON.stringify([historyOf(last.actor), last.name, describe(last.answer)]));
      histories[names.indexOf(last.actor)] = history;
      knowledge.learn(key, { history, contents });
    } else {
      knowledge.learn(BEGINNING, contents);
    }
    for (const { actor, name } of waiting) knowledge.learn(keyOfNext(historyOf(actor)), { name });
  };

  const steps = await gate.play(actors, async (waiting, done) => {
    await look(waiting, done.at(-1));
    const wanted = path[done.length];
    if (wanted) return waiting.findIndex(({ actor }) => actor === names[wanted.actor]);
    const isNew = ({ actor }: Step) => !knowledge.get(keyOfStep(contents, historyOf(actor)));
    return Math.max(waiting.findIndex(isNew), 0);
  });
  await look([], steps.at(-1));
  const { results, end } = await finish(steps);
  for (const name of names) knowledge.learn(keyOfNext(historyOf(name)), { result: results[name] });
  knowledge.learn(keyOfEnd(contents), end);
  knowledge.keep();
}
