import { connectPg, connectRedis, migrate } from '../stores/backends';
import { describeWith, startPostgres, startRedis, type TestServer } from '../support/servers';
import { joinAnyway, revokeRows, twoCommands, twoStatements } from './broken';
import { type GatedStore, gatePostgres, gateRedis } from './gated-stores';
import { allScenes, BEFORE, findScene, type Scene } from './scenes';
import { createGate, type Gate } from './scheduler';
import { kindsOf, playScene, searchScene, searchScenes } from './world';

jest.setTimeout(1_800_000);

const LEEWAY = 10_000;

/** How many orders of commands, and of statements: each of them is played by itself. */
const ORDERS: Readonly<Record<string, readonly [redis: number, postgres: number]>> = {
  'one code, twice from one address': [280, 68],
  'one code, from two addresses': [520, 88],
  'a code, and a logout': [7, 5],
  'one refresh token, twice': [1316, 90],
  'a refresh token, and the one before it': [1716, 126],
  'a refresh token, and its revocation': [84, 15],
  'a refresh token, and the end of all logins of its user': [28, 5],
};

type Orders = readonly [without: number, withLeeway: number];

/** How many orders all scenes of three requests have, without a leeway and with one. */
const OF_THREE: Readonly<Record<Scene['before'], readonly [redis: Orders, postgres: Orders]>> = {
  code: [
    [1_166_799, 1_166_799],
    [110_956, 110_956],
  ],
  login: [
    [15_461_970, 81_538_351],
    [96_020, 95_240],
  ],
  refreshed: [
    [163_224_273, 1_934_699_976],
    [645_331, 941_742],
  ],
};

type CreateStore = (gate: Gate, leeway: number) => GatedStore;

/** Plays pairs order by order, and searches all scenes of three requests. */
function playStore(index: 0 | 1, createStore: CreateStore) {
  const name = ['redisStore', 'postgresStore'][index] as string;
  const pairs = Object.entries(ORDERS).map(([title, orders]) => ({ title, orders: orders[index] }));

  test.each(pairs)('$title: $orders orders', async ({ title, orders }) => {
    const gate = createGate();
    const found = await playScene(gate, createStore(gate, 0), findScene(title));
    expect(found).toMatchObject({ orders, violations: [] });
    const searched = await searchScene(gate, createStore(gate, 0), findScene(title));
    expect(searched).toMatchObject(found);
  });

  const rows = BEFORE.flatMap((before) =>
    [0, LEEWAY].map((leeway, column) => ({ before, leeway, orders: OF_THREE[before][index][column] })),
  );

  test.each(rows)(
    'three requests for a $before, leeway $leeway: $orders orders',
    async ({ before, leeway, orders }) => {
      const scenes = allScenes(3).filter((scene) => scene.before === before);
      const found = await searchScenes(name, scenes, (gate) => createStore(gate, leeway));
      expect(found).toMatchObject({ orders, violations: [] });
    },
  );
}

/** Both ways of playing find what is wrong with a broken store. */
async function expectFound(createStore: (gate: Gate) => GatedStore, title: string, violation: string) {
  const gate = createGate();
  const played = await playScene(gate, createStore(gate), findScene(title));
  const searched = await searchScene(gate, createStore(gate), findScene(title));
  expect(played.violations).toContainEqual(expect.stringContaining(violation));
  expect(kindsOf(searched.violations)).toEqual(kindsOf(played.violations));
}

describeWith('redis-server', 'In every order of its commands redisStore lets one family live at most:', () => {
  let server: TestServer;
  let connection: Awaited<ReturnType<typeof connectRedis>>;
  beforeAll(async () => {
    server = await startRedis();
    connection = await connectRedis(server);
  });
  afterAll(async () => {
    await connection.close();
    await server.stop();
  });

  playStore(0, (gate, leeway) => gateRedis(gate, connection.send, { leeway }));

  test.each([
    ['a code that two commands spend', 'one code, twice from one address', twoCommands, 'a code brought tokens twice'],
    [
      'a token that is saved after a revocation',
      'a refresh token, and its revocation',
      joinAnyway,
      'tab got tokens after the revocation',
    ],
  ])('the specs find %s', async (_what, title, breakIt, violation) => {
    await expectFound((gate) => gateRedis(gate, connection.send, { leeway: 0 }, breakIt), title, violation);
  });
});

describeWith('postgres', 'In every order of its statements postgresStore lets one family live at most:', () => {
  let server: TestServer;
  let connection: ReturnType<typeof connectPg>;
  beforeAll(async () => {
    server = await startPostgres();
    connection = connectPg(server);
    await migrate(connection.send);
  }, 1_800_000);
  afterAll(async () => {
    await connection.close();
    await server.stop();
  });

  playStore(1, (gate, leeway) => gatePostgres(gate, connection.send, { leeway }));

  test.each([
    [
      'a code that two statements spend',
      'one code, twice from one address',
      twoStatements,
      'a code brought tokens twice',
    ],
    [
      'a revocation that forgets tokens on their way',
      'a code, and a logout',
      revokeRows,
      'a token lives after the revocation',
    ],
  ])('the specs find %s', async (_what, title, breakIt, violation) => {
    await expectFound((gate) => gatePostgres(gate, connection.send, { leeway: 0 }, breakIt), title, violation);
  });
});
