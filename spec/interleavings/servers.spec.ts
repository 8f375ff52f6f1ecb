import { connectPg, connectRedis, migrate } from '../stores/backends';
import { describeWith, startPostgres, startRedis, type TestServer } from '../support/servers';
import { twoCommands, twoStatements } from './broken';
import { gatePostgres, gateRedis } from './gated-stores';
import { allScenes, BEFORE, isWhole, PAIRS, type Scene, TRIPLES } from './scenes';
import { createGate, type Gate } from './scheduler';
import { type GatedStore, playScene, playScenes } from './world';

jest.setTimeout(isWhole ? 7_200_000 : 1_800_000);

/** How many orders of commands, and of statements. The triples are those that are left where reads may swap. */
const ORDERS: Readonly<Record<string, readonly [redis: number, postgres: number]>> = {
  'one code, twice from one address': [280, 68],
  'one code, from two addresses': [520, 88],
  'a code, and a logout': [7, 5],
  'one refresh token, twice': [1316, 90],
  'a refresh token, and the one before it': [1716, 126],
  'a refresh token, and its revocation': [84, 15],
  'a refresh token, and the end of all logins of its user': [28, 5],
  'a code and then its refresh token, beside a replay of the code': [1059, 186],
  'a refresh token, the one before it, and a revocation': [11_144, 622],
};

const rowsOf = (index: 0 | 1) =>
  Object.entries(ORDERS).map(([title, orders]) => {
    const scene = [...PAIRS, ...TRIPLES].find((each) => each.title === title) as Scene;
    return { title, scene, isReduced: TRIPLES.includes(scene), orders: orders[index] };
  });
const [ONCE] = PAIRS as [Scene];

/** `npm run interleavings` plays every scene of three requests as well, each state once. */
function playWhole(name: string, createStore: (gate: Gate) => GatedStore) {
  if (!isWhole) return;
  test.each(BEFORE)('all scenes of three requests for a %s', async (start) => {
    const scenes = allScenes(3).filter(({ before }) => before === start);
    expect((await playScenes(name, scenes, createStore)).violations).toEqual([]);
  });
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

  test.each(rowsOf(0))('$title: $orders orders', async ({ scene, isReduced, orders }) => {
    const gate = createGate();
    const found = await playScene(gate, gateRedis(gate, connection.send, { leeway: 0 }), scene, { isReduced });
    expect(found.violations).toEqual([]);
    expect(found.orders).toBe(orders);
  });

  playWhole('redisStore', (gate) => gateRedis(gate, connection.send, { leeway: 0 }));

  test('the search finds a code that two commands spend', async () => {
    const gate = createGate();
    const broken = gateRedis(gate, connection.send, { leeway: 0 }, twoCommands);
    const found = await playScene(gate, broken, ONCE);
    expect(found.violations).toContainEqual(expect.stringContaining('a code brought tokens twice'));
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

  test.each(rowsOf(1))('$title: $orders orders', async ({ scene, isReduced, orders }) => {
    const gate = createGate();
    const found = await playScene(gate, gatePostgres(gate, connection.send, { leeway: 0 }), scene, { isReduced });
    expect(found.violations).toEqual([]);
    expect(found.orders).toBe(orders);
  });

  playWhole('postgresStore', (gate) => gatePostgres(gate, connection.send, { leeway: 0 }));

  test('the search finds a code that two statements spend', async () => {
    const gate = createGate();
    const broken = gatePostgres(gate, connection.send, { leeway: 0 }, twoStatements);
    const found = await playScene(gate, broken, ONCE);
    expect(found.violations).toContainEqual(expect.stringContaining('a code brought tokens twice'));
  });
});
