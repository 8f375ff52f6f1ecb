import { memoryStore } from '../../lib/stores/memory';
import { login, present } from './rotation/drive';
import { LEEWAY_MS, type ModelToken, RotationModel } from './rotation/model';
import { listScenes, play, type Step } from './rotation/scenes';
import { describeStage, SCENES } from './rotation/stage';

const leeway = LEEWAY_MS;
const HOUR = 3_600_000;

describe('The rules, searched through every sequence of steps,', () => {
  it('meet every answer within seven steps', () => {
    expect(SCENES.length).toBeGreaterThan(1000);
    const met = new Set(SCENES.flatMap((scene) => play(scene).answers));
    expect([...met].filter(Boolean).sort()).toEqual(['at_once', 'late', 'redeemed', 'reused', 'sibling']);
  });

  it('let a thief who follows the owner live for three generations after that in which he steals', () => {
    const shared = listScenes(['owner', 'owner, answer lost', 'thief', 'leeway'], 12).map(
      (scene) => play(scene).shared,
    );
    // One by the stolen token itself, and three in which the one follows the other.
    expect(Math.max(...shared)).toBe(1 + 3);
  });

  it('end no login of one client whose answers get lost, within the leeway and after it', () => {
    const answers = listScenes(['owner', 'owner, answer lost', 'leeway'], 9).flatMap((scene) => play(scene).answers);
    expect(new Set(answers)).toEqual(new Set(['redeemed', 'at_once', 'late', undefined]));
  });

  it('end no login of tabs that share their storage: pages that refresh one to five times at once, for days', () => {
    const rounds = [1, 2, 5].flatMap((parallel) =>
      ['first', 'last', 'none'].flatMap((kept) =>
        [1000, LEEWAY_MS + 1000, 23 * HOUR].map((pause) => ({ parallel, kept, pause })),
      ),
    );
    type Before = { lost: number; isLate: boolean };
    const walk = (
      model: () => { model: RotationModel; stored: ModelToken },
      depth: number,
      { lost, isLate }: Before,
    ): number => {
      if (depth === 0) return 1;
      let leaves = 0;
      for (const { parallel, kept, pause } of rounds) {
        // A lost answer can be asked for again for 72 hours.
        if (kept === 'none' && lost === 2) continue;
        // After the leeway each answer supersedes those before it: see the spec below.
        if (kept === 'first' && isLate && parallel > 1) continue;
        const again = () => {
          const { model: played, stored } = model();
          const answers = Array.from({ length: parallel }, () => played.present(stored));
          for (const { answer } of answers) expect(['redeemed', 'at_once', 'late', 'sibling']).toContain(answer);
          played.wait(pause);
          const next = kept === 'none' ? stored : answers.at(kept === 'first' ? 0 : -1)?.next;
          return { model: played, stored: next as ModelToken };
        };
        again();
        const isLost = kept === 'none';
        const after = { lost: isLost ? lost + 1 : 0, isLate: isLost && (isLate || pause >= LEEWAY_MS) };
        leaves += walk(again, depth - 1, after);
      }
      return leaves;
    };
    const start = () => {
      const model = new RotationModel();
      return { model, stored: model.first };
    };
    expect(walk(start, 3, { lost: 0, isLate: false })).toBeGreaterThan(10_000);
  });

  it('end the login of a page that asks twice at once for an answer it lost long ago, and keeps the older one', () => {
    const model = new RotationModel();
    model.present(model.first);
    model.wait(LEEWAY_MS + 1000);
    const [older, newer] = [model.present(model.first), model.present(model.first)];
    expect([older.answer, newer.answer]).toEqual(['late', 'late']);
    // Who holds the older one cannot be told from a thief who asked first.
    expect(model.present(older.next as ModelToken).answer).toBe('reused');
  });

  it('end no login of two tabs without a shared storage that race three times in a row; the fourth time they do', () => {
    const race: Step[] = ['owner', 'tab', 'leeway'];
    const { answers } = play([...race, ...race, ...race, ...race, ...race]);
    expect(answers.filter(Boolean)).toEqual([
      'redeemed',
      'at_once',
      ...['redeemed', 'sibling', 'redeemed', 'sibling', 'redeemed', 'sibling'],
      ...['redeemed', 'reused'],
    ]);
    // A refresh without a race begins to count anew.
    expect(play([...race, ...race, ...race, 'owner', 'owner']).model.isRevoked).toBe(false);
  });
});

describe('memoryStore', () => {
  let ahead = 0;
  const now = performance.now.bind(performance);

  beforeEach(() => {
    jest.spyOn(performance, 'now').mockImplementation(() => now() + ahead);
  });
  afterEach(() => jest.restoreAllMocks());

  const wait = (milliseconds: number) => {
    ahead += milliseconds;
  };
  describeStage(() => ({ ...memoryStore({ leeway }), wait }), 1);

  it('takes every spent token that comes again for a reuse where the leeway is 0', async () => {
    const stage = { ...memoryStore({ leeway: 0 }), wait };
    const token = await login(stage, 'grant');
    expect([(await present(stage, token)).answer, (await present(stage, token)).answer]).toEqual([
      'redeemed',
      'reused',
    ]);
  });
});
