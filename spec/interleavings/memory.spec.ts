import * as broken from './broken';
import { type Break, gateMemory } from './gated-stores';
import { createKnowledge } from './knowledge';
import { allScenes, BEFORE, findScene, type Scene, TRIPLES } from './scenes';
import { createGate } from './scheduler';
import { kindsOf, playScene, searchScene, searchScenes } from './world';

jest.setTimeout(1_800_000);

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

/** Scenes of three requests that are small enough to play every order of them by itself. */
const SMALL: Readonly<Record<string, readonly [number, number]>> = {
  'a code and then its refresh token, beside a replay of the code': [884, 884],
  'code: code of the owner, code of the owner, sign out everywhere': [234, 234],
  'login: revocation, revocation, replay of the code': [147, 147],
  'login: refresh, refresh, sign out everywhere': [251, 251],
  'refreshed: refresh with the token before, revocation, revocation of the token before': [452, 466],
};

/** How many orders there are of three requests, without a leeway: where two of them do the same, of those in which one of these begins. */
const OF_THREE: Readonly<Record<string, number>> = {
  'one code, three times': 41_548,
  'a code and then its refresh token, beside a replay of the code': 884,
  'one refresh token, three times': 25_110,
  'a refresh token, the one before it, and a revocation': 4795,
};

/** All scenes, by how far the grant is: how many, and how many orders of them, without a leeway and with one. */
type Figures = readonly [scenes: number, without: number, withLeeway: number];
const OF_TWO: Readonly<Record<Scene['before'], Figures>> = {
  code: [10, 180, 180],
  login: [15, 213, 213],
  refreshed: [28, 690, 690],
};
const ALL_OF_THREE: Readonly<Record<Scene['before'], Figures>> = {
  code: [20, 95_084, 95_084],
  login: [35, 80_974, 82_724],
  refreshed: [84, 576_016, 678_434],
};

describe('In every order, played by itself, memoryStore lets one family live at most:', () => {
  const rows = [...Object.entries(ALL), ...Object.entries(SMALL)].flatMap(([title, orders]) =>
    [0, LEEWAY].map((leeway, index) => ({ title, leeway, orders: orders[index] })),
  );

  test.each(rows)('$title, leeway $leeway: $orders orders', async ({ title, leeway, orders }) => {
    const gate = createGate();
    const found = await playScene(gate, gateMemory(gate, { leeway }), findScene(title));
    expect(found.violations).toEqual([]);
    const searched = await searchScene(gate, gateMemory(gate, { leeway }), findScene(title));
    expect(searched).toMatchObject({ orders, violations: [], ends: found.ends });
    expect(found.orders).toBe(orders);
    expect(searched.plays).toBeLessThanOrEqual(found.orders);
  });
});

describe('In every order of three requests memoryStore lets one family live at most:', () => {
  const rows = TRIPLES.map((scene) => ({ ...scene, scene, orders: OF_THREE[scene.title] }));

  test.each(rows)('$title: $orders orders', async ({ scene, orders }) => {
    const gate = createGate();
    const found = await searchScene(gate, gateMemory(gate, { leeway: 0 }), scene, { samples: 10 });
    expect(found).toMatchObject({ orders, violations: [] });
  });
});

describe('In every order of all requests that can come for a grant memoryStore lets one family live at most:', () => {
  const rows = (figures: Readonly<Record<Scene['before'], Figures>>) =>
    BEFORE.flatMap((before) =>
      [0, LEEWAY].map((leeway, index) => ({ before, leeway, orders: figures[before][index + 1] })),
    );
  const scenesOf = (count: 2 | 3, before: string) => allScenes(count).filter((scene) => scene.before === before);

  test.each(rows(OF_TWO))('two at a time for a $before, leeway $leeway: $orders orders', async (row) => {
    const scenes = scenesOf(2, row.before);
    expect(scenes).toHaveLength(OF_TWO[row.before][0]);
    const gate = createGate();
    const gated = gateMemory(gate, { leeway: row.leeway });
    const knowledge = createKnowledge();
    let orders = 0;
    for (const scene of scenes) {
      const played = await playScene(gate, gated, scene);
      expect(played.violations).toEqual([]);
      expect(await searchScene(gate, gated, scene, { knowledge })).toMatchObject(played);
      orders += played.orders;
    }
    expect(orders).toBe(row.orders);
  });

  test.each(rows(ALL_OF_THREE))('three at a time for a $before, leeway $leeway: $orders orders', async (row) => {
    const scenes = scenesOf(3, row.before);
    expect(scenes).toHaveLength(ALL_OF_THREE[row.before][0]);
    const found = await searchScenes('memoryStore', scenes, (gate) => gateMemory(gate, { leeway: row.leeway }));
    expect(found).toMatchObject({ orders: row.orders, violations: [] });
  });
});

describe('Played order by order, and searched by states, the specs find a store of this process', () => {
  const rows: [string, string, Break, number, string][] = [
    [
      'that reads a code and then writes it',
      'one code, twice from one address',
      broken.readThenWriteCodes,
      0,
      'a code brought tokens twice',
    ],
    [
      'that reads a refresh token and then writes it, and compares nothing when it saves the next one',
      'one refresh token, twice',
      broken.trustSpending,
      0,
      'a refresh token brought tokens twice',
    ],
    [
      'that looks at a grant and then saves a token',
      'a code, and a logout',
      broken.lookThenSave,
      0,
      'owner got tokens after the revocation',
    ],
    [
      'that saves the next token after a revocation',
      'a refresh token, and its revocation',
      broken.saveAnyway,
      0,
      'tab got tokens after the revocation',
    ],
    [
      'that forgets tokens on their way when it revokes',
      'a code, and a logout',
      broken.revokeSaved,
      0,
      'a token lives after the revocation',
    ],
    ['that has lost its leeway', 'one refresh token, twice', broken.loseLeeway, LEEWAY, 'the scene ends the wrong way'],
  ];

  test.each(rows)('%s: %s', async (_what, title, breakIt, leeway, violation) => {
    const gate = createGate();
    const played = await playScene(gate, gateMemory(gate, { leeway }, breakIt), findScene(title));
    const searched = await searchScene(gate, gateMemory(gate, { leeway }, breakIt), findScene(title));
    expect(played.violations).toContainEqual(expect.stringContaining(violation));
    expect(kindsOf(searched.violations)).toEqual(kindsOf(played.violations));
    expect([searched.orders, searched.ends]).toEqual([played.orders, played.ends]);
  });

  test('harmless that reads a refresh token and then writes it, because it compares when it saves the next one', async () => {
    const gate = createGate();
    const scene = findScene('one refresh token, twice');
    const played = await playScene(gate, gateMemory(gate, { leeway: 0 }, broken.readThenWriteTokens), scene);
    const searched = await searchScene(gate, gateMemory(gate, { leeway: 0 }, broken.readThenWriteTokens), scene);
    expect(played.violations).toEqual([]);
    expect(searched).toMatchObject(played);
  });

  test('that has a leeway where none was asked for', async () => {
    const gate = createGate();
    const generous = () => ({ ...gateMemory(gate, { leeway: LEEWAY }), leeway: 0 });
    const scene = findScene('one refresh token, twice');
    const played = await playScene(gate, generous(), scene);
    const searched = await searchScene(gate, generous(), scene);
    expect(played.violations).toContainEqual(expect.stringContaining('a refresh token brought tokens twice'));
    expect(kindsOf(searched.violations)).toEqual(kindsOf(played.violations));
  });
});
