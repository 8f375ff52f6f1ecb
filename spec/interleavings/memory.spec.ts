import { lookThenSave, readThenWriteCodes, readThenWriteTokens } from './broken';
import { type Break, gateMemory } from './gated-stores';
import { allScenes, BEFORE, isWhole, PAIRS, type Scene, TRIPLES } from './scenes';
import { createGate } from './scheduler';
import { playScene, playScenes } from './world';

jest.setTimeout(isWhole ? 7_200_000 : 1_800_000);

const LEEWAY = 10_000;

/** How many orders there are: of the pairs each one, without a leeway and with one. */
const ALL: Readonly<Record<string, readonly [number, number]>> = {
  'one code, twice from one address': [68, 68],
  'one code, from two addresses': [88, 88],
  'a code, and a logout': [5, 5],
  'one refresh token, twice': [90, 90],
  'a refresh token, and the one before it': [126, 126],
  'a refresh token, and its revocation': [15, 15],
  'a refresh token, and the end of all logins of its user': [5, 5],
};

/** How many orders there are of three requests, without a leeway: where two of them do the same, of those in which one of these begins. */
const OF_THREE: Readonly<Record<string, number>> = {
  'one code, three times': 41_548,
  'a code and then its refresh token, beside a replay of the code': 884,
  'one refresh token, three times': 25_110,
  'a refresh token, the one before it, and a revocation': 4795,
};

/** All scenes of two requests, by how far the grant is: how many scenes, and how many orders, with a leeway and without one. */
const ALL_PAIRS: Readonly<Record<Scene['before'], readonly [scenes: number, orders: number]>> = {
  code: [10, 180],
  login: [15, 213],
  refreshed: [28, 690],
};

describe('In every order of two requests memoryStore lets one family live at most:', () => {
  const rows = PAIRS.flatMap((scene) =>
    [0, LEEWAY].map((leeway, index) => ({ ...scene, scene, leeway, orders: ALL[scene.title]?.[index] })),
  );

  test.each(rows)('$title, leeway $leeway: $orders orders', async ({ scene, leeway, orders }) => {
    const gate = createGate();
    const found = await playScene(gate, gateMemory(gate, { leeway }), scene);
    expect(found.violations).toEqual([]);
    expect(found.orders).toBe(orders);
    // Where each state is played on from once, as with three requests, as many orders are counted, and no end is missing.
    const merged = await playScene(gate, gateMemory(gate, { leeway }), scene, { isMerged: true });
    expect(merged.orders).toBe(orders);
    expect(merged.plays).toBeLessThanOrEqual(found.plays);
    expect(Object.keys(merged.ends).sort()).toEqual(Object.keys(found.ends).sort());
  });
});

describe('In every order of three requests memoryStore lets one family live at most:', () => {
  const rows = TRIPLES.map((scene) => ({ ...scene, scene, orders: OF_THREE[scene.title] }));

  test.each(rows)('$title: $orders orders', async ({ scene, orders }) => {
    const gate = createGate();
    const found = await playScene(gate, gateMemory(gate, { leeway: 0 }), scene, { isMerged: true });
    expect(found.violations).toEqual([]);
    expect(found.orders).toBe(orders);
  });
});

describe('In every order of all requests that can come for a grant memoryStore lets one family live at most:', () => {
  const rows = BEFORE.flatMap((before) => [0, LEEWAY].map((leeway) => ({ before, leeway })));
  const scenesOf = (count: 2 | 3, name: string) => allScenes(count).filter(({ before }) => before === name);

  test.each(rows)('two at a time for a $before, leeway $leeway', async ({ before, leeway }) => {
    const scenes = scenesOf(2, before);
    const found = await playScenes('memoryStore', scenes, (gate) => gateMemory(gate, { leeway }));
    expect(found.violations).toEqual([]);
    expect([scenes.length, found.orders]).toEqual(ALL_PAIRS[before]);
  });

  if (isWhole) {
    test.each(rows)('three at a time for a $before, leeway $leeway', async ({ before, leeway }) => {
      const found = await playScenes('memoryStore', scenesOf(3, before), (gate) => gateMemory(gate, { leeway }));
      expect(found.violations).toEqual([]);
    });
  }
});

describe('The search finds a store of this process', () => {
  const rows: [string, string, Break, string][] = [
    [
      'that reads a code and then writes it',
      'one code, twice from one address',
      readThenWriteCodes,
      'a code brought tokens twice',
    ],
    ['that reads a refresh token and then writes it', 'one refresh token, twice', readThenWriteTokens, 'families live'],
    [
      'that looks at a grant and then saves a token',
      'a code, and a logout',
      lookThenSave,
      'owner got tokens after the revocation',
    ],
  ];

  test.each(rows)('%s: %s', async (_what, title, breakIt, violation) => {
    const scene = PAIRS.find((each) => each.title === title);
    if (!scene) throw new Error(`there is no scene "${title}"`);
    const gate = createGate();
    const found = await playScene(gate, gateMemory(gate, { leeway: 0 }, breakIt), scene);
    expect(found.violations).toContainEqual(expect.stringContaining(violation));
  });
});
