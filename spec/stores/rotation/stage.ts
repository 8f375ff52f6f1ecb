import { randomUUID } from 'node:crypto';
import { login, playOn, present, type Stage } from './drive';
import { LEEWAY_MS } from './model';
import { listScenes, play, STEPS } from './scenes';

const leeway = LEEWAY_MS;
const HOUR = 3_600_000;
export const SCENES = listScenes(STEPS, 7);

/** Finds a token that must be there. */
async function find(stage: Stage, refreshToken: unknown) {
  const found = await stage.findRefreshToken(String(refreshToken));
  if (!found) throw new Error('it is there');
  return found;
}

/** The record of the next token of a request that found this one. */
const nextOf = (found: object | null) =>
  ({ ...found, clientId: 'spa', scope: null, expiresAt: new Date(Date.now() + HOUR) }) as never;

/** What a store must do: the same as the model, step by step, and what no scene is long enough for. */
export function describeStage(createStage: () => Stage, parallel: number) {
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

  it('saves fifty first tokens of a grant, and refuses more without ending the login', async () => {
    const stage = createStage();
    const grantId = randomUUID();
    const token = await login(stage, grantId);
    for (let nth = 2; nth <= 50; nth += 1) await login(stage, grantId);
    await expect(login(stage, grantId)).rejects.toMatchObject({ reason: 'refresh_token_repeated_too_often' });
    expect((await present(stage, token)).answer).toBe('redeemed');
  });

  it('serves no sibling in a fourth generation in a row, though its request found it live', async () => {
    const stage = createStage();
    const token = await login(stage, randomUUID());
    let pair = [(await present(stage, token)).next, (await present(stage, token)).next].map(String);
    for (let nth = 1; nth <= 3; nth += 1) {
      const [one, another] = [await present(stage, String(pair[0])), await present(stage, String(pair[1]))];
      expect([one.answer, another.answer]).toEqual(['redeemed', 'sibling']);
      pair = [one.next, another.next].map(String);
    }
    const found = await stage.findRefreshToken(String(pair[1]));
    const { next } = await present(stage, String(pair[0]));
    await expect(stage.saveRefreshToken(randomUUID(), nextOf(found))).rejects.toMatchObject({
      reason: 'refresh_token_overtaken',
    });
    expect((await present(stage, String(next))).answer).toBe('redeemed');
  });

  /** Presents tokens one after another. Returns the answers, and the tokens that came. */
  const presentAll = async (stage: Stage, refreshTokens: readonly string[]) => {
    const answers: string[] = [];
    const next: string[] = [];
    for (const refreshToken of refreshTokens) {
      const presented = await present(stage, refreshToken);
      answers.push(presented.answer);
      next.push(String(presented.next));
    }
    return { answers, next };
  };

  it.each([
    ['from the first on', 0, 1],
    ['after two that had none', 2, 1],
    ['also where each has two of them', 0, 2],
  ])('serves siblings in three generations in a row, %s, and in no fourth', async (_when, refreshes, siblings) => {
    const stage = createStage();
    let token = await login(stage, randomUUID());
    for (let nth = 0; nth < refreshes; nth += 1) token = String((await present(stage, token)).next);
    let { next } = await presentAll(stage, Array(siblings + 1).fill(token));
    for (let nth = 1; nth <= 3; nth += 1) {
      const presented = await presentAll(stage, next);
      expect(presented.answers).toEqual(['redeemed', ...Array(siblings).fill('sibling')]);
      next = presented.next;
    }
    expect((await presentAll(stage, next.slice(0, 2))).answers).toEqual(['redeemed', 'reused']);
  });

  it('serves siblings in three generations in a row again after one that had none', async () => {
    const stage = createStage();
    const token = await login(stage, randomUUID());
    let { next } = await presentAll(stage, [token, token]);
    for (let nth = 1; nth <= 3; nth += 1) ({ next } = await presentAll(stage, next));
    const { next: alone } = await present(stage, String(next[0]));
    ({ next } = await presentAll(stage, [String(alone), String(alone)]));
    for (let nth = 1; nth <= 3; nth += 1) {
      const presented = await presentAll(stage, next);
      expect(presented.answers).toEqual(['redeemed', 'sibling']);
      next = presented.next;
    }
    expect((await presentAll(stage, next)).answers).toEqual(['redeemed', 'reused']);
  });

  it('answers the token that spent its generation late, also where it is not the first of it', async () => {
    const stage = createStage();
    const grantId = randomUUID();
    const token = await login(stage, grantId);
    const { next } = await presentAll(stage, [token, token]);
    const second = String(next[1]);
    expect((await present(stage, second)).answer).toBe('redeemed');
    await stage.wait(leeway + 1000, grantId);
    expect((await present(stage, second)).answer).toBe('late');
  });

  it('supersedes what was issued before a late answer for good, also where a slow sibling is saved after it', async () => {
    const stage = createStage();
    const grantId = randomUUID();
    const token = await login(stage, grantId);
    const { next } = await presentAll(stage, [token, token]);
    const { next: superseded } = await presentAll(stage, [String(next[0]), String(next[0])]);
    const sibling = await stage.findRefreshToken(String(next[1]));
    await stage.wait(leeway + 1000, grantId);
    expect((await present(stage, String(next[0]))).answer).toBe('late');
    await stage.saveRefreshToken(randomUUID(), nextOf(sibling));
    expect((await present(stage, String(superseded[1]))).answer).toBe('reused');
  });

  it('saves for the request that spent the token, however late it is, where nothing was issued meanwhile', async () => {
    const stage = createStage();
    const grantId = randomUUID();
    const found = await find(stage, await login(stage, grantId));
    await stage.consumeRefreshToken(found);
    await stage.wait(leeway + 1000, grantId);
    const next = randomUUID();
    await stage.saveRefreshToken(next, nextOf(found));
    expect((await present(stage, next)).answer).toBe('redeemed');
  });

  it('counts no late answer that is the first of its generation', async () => {
    const stage = createStage();
    const grantId = randomUUID();
    const token = await login(stage, grantId);
    const found = await find(stage, token);
    await stage.consumeRefreshToken(found);
    await stage.wait(leeway + 1000, grantId);
    expect(await repeat(stage, token, 12)).toEqual([...Array(11).fill('late'), 'reused']);
  });

  it('counts late answers anew in each generation', async () => {
    const stage = createStage();
    const grantId = randomUUID();
    let token = await login(stage, grantId);
    for (let generation = 1; generation <= 2; generation += 1) {
      expect((await present(stage, token)).answer).toBe('redeemed');
      await stage.wait(leeway + 1000, grantId);
      const { answers, next } = await presentAll(stage, Array(10).fill(token));
      expect(answers).toEqual(Array(10).fill('late'));
      token = String(next.at(-1));
    }
    expect((await present(stage, token)).answer).toBe('redeemed');
  });

  it('takes a token that was superseded for a reuse, also once the newer one is spent', async () => {
    const stage = createStage();
    const grantId = randomUUID();
    const token = await login(stage, grantId);
    const { next: stolen } = await present(stage, token);
    await stage.wait(leeway + 1000, grantId);
    const { next: newer } = await present(stage, token);
    const { answers } = await presentAll(stage, [String(newer), String(stolen)]);
    expect(answers).toEqual(['redeemed', 'reused']);
  });

  it('saves for a token that was found repeated in time, and for a sibling, however late the request is', async () => {
    const stage = createStage();
    const grantId = randomUUID();
    const token = await login(stage, grantId);
    const { next } = await present(stage, token);
    const repeated = await find(stage, token);
    expect(repeated.repeatedAs).toBe('at_once');
    await stage.wait(leeway + 1000, grantId);
    const beside = randomUUID();
    await stage.saveRefreshToken(beside, nextOf(repeated));
    await present(stage, String(next));
    const sibling = await find(stage, beside);
    expect(sibling.repeatedAs).toBe('sibling');
    await stage.wait(leeway + 1000, grantId);
    const last = randomUUID();
    await stage.saveRefreshToken(last, nextOf(sibling));
    expect((await present(stage, last)).answer).toBe('redeemed');
  });

  it('moves the idle end for the live token only, and neither moves nor spends one that was superseded', async () => {
    const stage = createStage();
    const grantId = randomUUID();
    const token = await login(stage, grantId);
    const spent = await stage.findRefreshToken(token);
    const { next } = await present(stage, token);
    const superseded = await stage.findRefreshToken(String(next));
    await stage.wait(leeway + 1000, grantId);
    const { next: live } = await present(stage, token);
    const before = (await find(stage, live)).expiresAt;
    for (const other of [spent, superseded]) {
      if (!other) throw new Error('it was there');
      await stage.extendRefreshToken(other, new Date(1_000_000));
      expect((await find(stage, live)).expiresAt).toEqual(before);
      expect(await stage.consumeRefreshToken(other)).toBe(false);
    }
    await stage.extendRefreshToken(await find(stage, live), new Date(before.getTime() + 1));
    expect((await find(stage, live)).expiresAt).toEqual(new Date(before.getTime() + 1));
    expect((await present(stage, String(live))).answer).toBe('redeemed');
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
    const found = await find(stage, token);
    await stage.consumeRefreshToken(found);
    const { next } = await present(stage, token);
    const slow = nextOf(found);
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
    const saveFor = (found: object) => stage.saveRefreshToken(randomUUID(), nextOf(found));
    const overtaken = { reason: 'refresh_token_overtaken' };
    const tooOften = { reason: 'refresh_token_repeated_too_often' };

    const first = await find(stage, token);
    const { next } = await present(stage, token);
    // Another request of the same token was faster.
    await saveFor(first);
    const { next: beside } = await present(stage, token);
    const sibling = await find(stage, beside);
    const { next: after } = await present(stage, String(next));
    await saveFor(sibling);
    await stage.wait(leeway + 1000, grantId);
    await expect(saveFor(sibling)).rejects.toMatchObject(overtaken);

    const superseded = await find(stage, after);
    const late = await find(stage, next);
    const { next: newest } = await present(stage, String(next));
    await stage.wait(73 * HOUR, grantId);
    await expect(saveFor(late)).rejects.toMatchObject(overtaken);
    await stage.wait(-72 * HOUR, grantId);
    for (let nth = 1; nth < 10; nth += 1) await saveFor(late);
    await expect(saveFor(late)).rejects.toMatchObject(tooOften);
    expect(newest).toBeDefined();
    expect((await find(stage, after)).isRepeatable).toBe(false);
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
    await expect(stage.saveRefreshToken(randomUUID(), nextOf(before))).rejects.toMatchObject({
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
}
