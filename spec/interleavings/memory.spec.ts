import { lookThenSave, readThenWriteCodes, readThenWriteTokens } from './broken';
import { type Break, gateMemory } from './gated-stores';
import { createGate } from './scheduler';
import { PAIRS, playScene, TRIPLES } from './world';

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

/** Of the triples those that are left where reads may swap, and actors that do the same. */
const REDUCED: Readonly<Record<string, number>> = {
  'a code and then its refresh token, beside a replay of the code': 186,
  'a refresh token, the one before it, and a revocation': 562,
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
    // What the triples leave out, reads that swap, leaves out no end here.
    const reduced = await playScene(gate, gateMemory(gate, { leeway }), scene, { isReduced: true });
    expect(reduced.orders).toBeLessThanOrEqual(found.orders);
    expect(Object.keys(reduced.ends).sort()).toEqual(Object.keys(found.ends).sort());
  });
});

describe('In every order of three requests memoryStore lets one family live at most:', () => {
  const rows = TRIPLES.flatMap((scene) => {
    const orders = REDUCED[scene.title];
    return orders === undefined ? [] : [{ ...scene, scene, orders }];
  });

  test.each(rows)('$title: $orders orders', async ({ scene, orders }) => {
    const gate = createGate();
    const found = await playScene(gate, gateMemory(gate, { leeway: 0 }), scene, { isReduced: true });
    expect(found.violations).toEqual([]);
    expect(found.orders).toBe(orders);
  });
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
