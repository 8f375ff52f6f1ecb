import { randomUUID } from 'node:crypto';
import { digestOf, shorten } from '../../lib/stores/digest';
import { memoryStore } from '../../lib/stores/memory';
import { postgresStore, type Query } from '../../lib/stores/postgres';
import { redisStore, type SendCommand } from '../../lib/stores/redis';
import { describeWith, startPostgres, startRedis, type TestServer } from '../support/servers';
import { type Connection, connectPg, connectRedis, migrate } from './backends';
import { login, playOn, present, type Stage } from './rotation/drive';
import { LEEWAY_MS, type ModelToken, RotationModel } from './rotation/model';
import { listScenes, play, STEPS, type Step } from './rotation/scenes';

const leeway = LEEWAY_MS;
const SCENES = listScenes(STEPS, 7);
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

/** What a store must do: the same as the model, step by step, and what no scene is long enough for. */
function describeStage(createStage: () => Stage, parallel: number) {
  it('answers each step of every sequence as the rules do', async () => {
    const stage = createStage();
    const differing: unknown[] = [];
    const rest = [...SCENES];
    const worker = async () => {
      for (let scene = rest.pop(); scene; scene = rest.pop()) {
        const answers = await playOn(stage, scene, randomUUID());
        const expected = play(scene).answers;
        if (JSON.stringify(answers) !== JSON.stringify(expected)) differing.push({ scene, answers, expected });
      }
    };
    await Promise.all(Array.from({ length: parallel }, worker));
    expect(differing).toEqual([]);
  }, 240_000);

  /** A token whose successors are not used, however often it comes. */
  const repeat = async (stage: Stage, refreshToken: string, times: number) => {
    const answers: string[] = [];
    for (let nth = 0; nth < times; nth += 1) answers.push((await present(stage, refreshToken)).answer);
    return answers;
  };

  it('issues fifty tokens a generation, and refuses more without ending the login', async () => {
    const stage = createStage();
    const token = await login(stage, randomUUID());
    const answers = await repeat(stage, token, 53);
    expect(answers).toEqual(['redeemed', ...Array(49).fill('at_once'), ...Array(3).fill('refused')]);
    expect(await stage.findRefreshToken(token)).not.toBeNull();
  });

  it('issues fifty tokens a generation for as many requests at once, and one of them spends', async () => {
    const stage = createStage();
    const token = await login(stage, randomUUID());
    const answers = await Promise.all(Array.from({ length: 60 }, () => present(stage, token)));
    const count = (name: string) => answers.filter(({ answer }) => answer === name).length;
    expect([count('redeemed') + count('at_once'), count('refused'), count('reused')]).toEqual([50, 10, 0]);
  });

  it('answers a lost answer ten times after the leeway; the eleventh is a reuse', async () => {
    const stage = createStage();
    const grantId = randomUUID();
    const token = await login(stage, grantId);
    await present(stage, token);
    await stage.wait(leeway + 1000, grantId);
    expect(await repeat(stage, token, 12)).toEqual([...Array(10).fill('late'), 'reused', 'unknown']);
  });

  it.each([
    ['within the leeway', leeway - 20_000, 'at_once'],
    ['after it', leeway + 20_000, 'late'],
    ['after 71 hours', 71 * HOUR, 'late'],
    ['after 73 hours', 73 * HOUR, 'reused'],
    ['where a clock stepped back a little', -5000, 'at_once'],
    ['where the spending lies in the future', -60_000, 'reused'],
  ])('takes a spent token that comes again %s for what it is', async (_when, milliseconds, answer) => {
    const stage = createStage();
    const grantId = randomUUID();
    const token = await login(stage, grantId);
    await present(stage, token);
    await stage.wait(milliseconds, grantId);
    expect((await present(stage, token)).answer).toBe(answer);
  });

  it('supersedes what was issued before, and ends the login where one of those comes', async () => {
    const stage = createStage();
    const grantId = randomUUID();
    const token = await login(stage, grantId);
    const { next: stolen } = await present(stage, token);
    await stage.wait(leeway + 1000, grantId);
    const { next } = await present(stage, token);
    expect((await present(stage, String(stolen))).answer).toBe('reused');
    expect((await present(stage, String(next))).answer).toBe('unknown');
  });

  it('saves nothing for a request that is overtaken, and takes back nothing that was issued after it', async () => {
    const stage = createStage();
    const grantId = randomUUID();
    const token = await login(stage, grantId);
    const found = await stage.findRefreshToken(token);
    if (!found) throw new Error('it is there');
    await stage.consumeRefreshToken(found);
    const { next } = await present(stage, token);
    const slow = { ...found, clientId: 'spa', scope: null, expiresAt: new Date(Date.now() + HOUR) } as never;
    // The first request is so late that another one of the same token was served after the leeway.
    await stage.wait(leeway + 1000, grantId);
    await expect(stage.saveRefreshToken('slow', slow)).rejects.toMatchObject({ reason: 'refresh_token_overtaken' });
    expect((await present(stage, String(next))).answer).toBe('redeemed');
    await expect(stage.saveRefreshToken('slower', slow)).rejects.toMatchObject({ reason: 'refresh_token_overtaken' });
  });

  it('judges a token that was found before it was overtaken by what it is when the next one is saved', async () => {
    const stage = createStage();
    const grantId = randomUUID();
    const token = await login(stage, grantId);
    const find = async (refreshToken: unknown) => {
      const found = await stage.findRefreshToken(String(refreshToken));
      if (!found) throw new Error('it is there');
      return found;
    };
    const saveFor = (found: Awaited<ReturnType<typeof find>>) =>
      stage.saveRefreshToken(randomUUID(), {
        ...found,
        clientId: 'spa',
        scope: null,
        expiresAt: new Date(Date.now() + HOUR),
      } as never);
    const overtaken = { reason: 'refresh_token_overtaken' };
    const tooOften = { reason: 'refresh_token_repeated_too_often' };

    const first = await find(token);
    const { next } = await present(stage, token);
    // Another request of the same token was faster.
    await saveFor(first);
    const { next: beside } = await present(stage, token);
    const sibling = await find(beside);
    const { next: after } = await present(stage, String(next));
    await saveFor(sibling);
    await stage.wait(leeway + 1000, grantId);
    await expect(saveFor(sibling)).rejects.toMatchObject(overtaken);

    const superseded = await find(after);
    const late = await find(next);
    const { next: newest } = await present(stage, String(next));
    await stage.wait(73 * HOUR, grantId);
    await expect(saveFor(late)).rejects.toMatchObject(overtaken);
    await stage.wait(-72 * HOUR, grantId);
    for (let nth = 1; nth < 10; nth += 1) await saveFor(late);
    await expect(saveFor(late)).rejects.toMatchObject(tooOften);
    expect(newest).toBeDefined();
    expect((await find(after)).isRepeatable).toBe(false);
    await expect(saveFor(superseded)).rejects.toThrow('is not spent');
  });

  it('issues nothing for a token that was superseded, though its request found it before', async () => {
    const stage = createStage();
    const grantId = randomUUID();
    const token = await login(stage, grantId);
    const { next } = await present(stage, token);
    const before = await stage.findRefreshToken(String(next));
    await stage.wait(leeway + 1000, grantId);
    const { next: newer } = await present(stage, token);
    expect((await present(stage, String(newer))).answer).toBe('redeemed');
    const record = { ...before, clientId: 'spa', scope: null, expiresAt: new Date(Date.now() + HOUR) } as never;
    await expect(stage.saveRefreshToken(randomUUID(), record)).rejects.toMatchObject({
      reason: 'refresh_token_overtaken',
    });
  });

  it('wants to know for which token it saves, and that this one is spent', async () => {
    const stage = createStage();
    const grantId = randomUUID();
    const token = await login(stage, grantId);
    const found = await stage.findRefreshToken(token);
    const record = { clientId: 'spa', scope: null, grantId, expiresAt: new Date(Date.now() + HOUR) };
    const save = (more: object) => stage.saveRefreshToken(randomUUID(), { ...record, ...more } as never);
    await expect(save({ tokenId: found?.tokenId })).rejects.toThrow('is not spent; call consumeRefreshToken first');
    await present(stage, token);
    await expect(save({})).rejects.toThrow('tokenId is missing; pass the tokenId that findRefreshToken returned');
    await expect(save({ tokenId: found?.tokenId, grantId: 'another' })).rejects.toThrow('tokenId is of another grant');
    await expect(save({ tokenId: 'mine' })).rejects.toThrow(
      'tokenId is a string of 4 characters. Pass the one that findRefreshToken returned.',
    );
    expect(await stage.findRefreshToken(token)).not.toBeNull();
  });
}

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

describeWith('redis-server', 'redisStore', () => {
  let server: TestServer;
  let connection: Connection<SendCommand>;

  beforeAll(async () => {
    server = await startRedis();
    connection = await connectRedis(server);
  }, 300_000);
  afterAll(async () => {
    await connection.close();
    await server.stop();
  });

  const createStage = (): Stage => ({
    ...redisStore({ sendCommand: connection.send, leeway }),
    async wait(milliseconds, grantId) {
      const key = `oauth:grant:{${shorten(digestOf(grantId))}}`;
      if ((await connection.send('HEXISTS', key, 'spent')) === 1) {
        await connection.send('HINCRBY', key, 'spent', String(-milliseconds));
      }
    },
  });
  describeStage(createStage, 40);
});

describeWith('postgres', 'postgresStore', () => {
  let server: TestServer;
  let connection: Connection<Query>;

  beforeAll(async () => {
    server = await startPostgres();
    connection = connectPg(server);
    await migrate(connection.send);
  }, 300_000);
  afterAll(async () => {
    await connection?.close();
    await server?.stop();
  });

  const createStage = (): Stage => ({
    ...postgresStore({ query: connection.send, leeway }),
    wait: (milliseconds, grantId) =>
      connection.send(
        "UPDATE oauth_grants SET rotated_at = rotated_at - $2::float8 * interval '1 millisecond' WHERE digest = decode($1, 'hex')",
        [digestOf(grantId), milliseconds],
      ),
  });
  describeStage(createStage, 10);
});
