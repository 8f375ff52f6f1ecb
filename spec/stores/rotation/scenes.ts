import { type Answer, LEEWAY_MS, type ModelToken, RotationModel } from './model';

/** Who holds a token, what may happen, and in which order it did. */
export const ACTORS = ['owner', 'tab', 'thief'] as const;
export type Actor = (typeof ACTORS)[number];

export const STEPS = ['owner', 'owner, answer lost', 'tab', 'thief', 'leeway', 'limit'] as const;
export type Step = (typeof STEPS)[number];

export const WAITS: Readonly<Partial<Record<Step, number>>> = { leeway: LEEWAY_MS + 1000, limit: 73 * 3_600_000 };

export const actorOf = (step: Step): Actor | undefined =>
  step === 'owner, answer lost' ? 'owner' : ACTORS.find((actor) => actor === step);

/** The scene after its steps: the owner, a tab of the owner's and a thief begin with the same token. */
export function play(steps: readonly Step[]) {
  const model = new RotationModel();
  const held: Record<Actor, ModelToken> = { owner: model.first, tab: model.first, thief: model.first };
  const answers: (Answer | undefined)[] = [];
  // By generation, who went on with a token of it.
  const served = new Map<object, Set<Actor>>();
  for (const step of steps) {
    const actor = actorOf(step);
    if (!actor) {
      model.wait(WAITS[step] as number);
      answers.push(undefined);
      continue;
    }
    const { answer, next } = model.present(held[actor]);
    answers.push(answer);
    if (!next || step === 'owner, answer lost') continue;
    held[actor] = next;
    served.set(next.generation, (served.get(next.generation) ?? new Set()).add(actor));
  }
  const shared = [...served.values()].filter((actors) => actors.has('thief') && actors.size > 1).length;
  return { model, held, answers, shared };
}

/**
 * Every sequence of so many steps of these, one for each way in which it can differ from all others: what leads to the same
 * state is gone on with once.
 */
export function listScenes(steps: readonly Step[], depth: number): Step[][] {
  const seen = new Set<string>();
  const scenes: Step[][] = [];
  let front: Step[][] = [[]];
  for (let length = 1; length <= depth; length += 1) {
    const next: Step[][] = [];
    for (const before of front) {
      for (const step of steps) {
        const scene = [...before, step];
        const { model, held } = play(scene);
        scenes.push(scene);
        const key = model.key(held.owner, held.tab, held.thief);
        if (seen.has(key) || model.isRevoked) continue;
        seen.add(key);
        next.push(scene);
      }
    }
    front = next;
  }
  return scenes;
}
