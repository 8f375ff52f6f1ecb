import { createGate, explore, type Play } from './scheduler';

const binomial = (n: number, k: number): number => (k === 0 ? 1 : (binomial(n - 1, k - 1) * n) / k);

describe('The search plays', () => {
  const gate = createGate();
  const takeSteps = (steps: number, isRead: boolean) => async () => {
    for (let step = 0; step < steps; step += 1) await gate.pass(`step ${step}`, isRead, () => step);
  };
  const search = async (lengths: readonly number[], isRead: boolean, options = {}) => {
    const orders: string[] = [];
    const actors = Object.fromEntries(lengths.map((length, index) => [`actor ${index}`, takeSteps(length, isRead)]));
    const check = async ({ steps }: Play) => {
      orders.push(steps.map(({ actor, name }) => `${actor} ${name}`).join());
      return [];
    };
    const found = await explore(gate, { prepare: async () => ({ actors, check }), ...options });
    expect(new Set(orders).size).toBe(found.orders);
    return found.orders;
  };

  test.each([
    [1, 1],
    [3, 4],
    [5, 5],
    [0, 3],
  ])('every order of %d and %d steps, each once', async (one, other) => {
    expect(await search([one, other], false)).toBe(binomial(one + other, one));
  });

  test('every order of three times three steps, each once', async () => {
    expect(await search([3, 3, 3], false)).toBe(binomial(9, 3) * binomial(6, 3));
  });

  test('one order where all that they do is read', async () => {
    expect(await search([4, 4, 4], true, { swapsReads: true })).toBe(1);
  });

  test('a sixth of the orders of three that do the same', async () => {
    const alike = ['actor 0', 'actor 1', 'actor 2'];
    expect(await search([3, 3, 3], false, { alike })).toBe((binomial(9, 3) * binomial(6, 3)) / 6);
  });

  test.each([
    [[3, 3, 3], binomial(9, 3) * binomial(6, 3)],
    [[4, 2], binomial(6, 2)],
    [[0, 3], 1],
  ])('each state once where told so, and counts every order of %j steps: %d', async (lengths, orders) => {
    const actors = Object.fromEntries(lengths.map((length, index) => [`actor ${index}`, takeSteps(length, true)]));
    const merges = { isRevocation: () => false };
    const found = await explore(gate, { prepare: async () => ({ actors, check: async () => [] }), merges });
    expect([found.orders, found.states]).toEqual([
      orders,
      lengths.reduce((states, length) => states * (length + 1), 1) - 1,
    ]);
    expect(found.plays).toBeLessThanOrEqual(orders);
  });

  test('states apart in which an actor was answered otherwise, or writes came in another order', async () => {
    let counter = 0;
    const count = () => gate.pass('count', false, () => ++counter);
    const prepare = async () => {
      counter = 0;
      return { actors: { one: count, two: count, three: count }, check: async () => [] };
    };
    const found = await explore(gate, { prepare, merges: { isRevocation: () => false } });
    // Each order of counting is another one: 1 + 3 + 6 states before the last step.
    expect([found.orders, found.states, found.plays]).toEqual([6, 10, 6]);
  });

  test('an order anew where the machine was too slow, and no state of the first try is kept', async () => {
    let tries = 0;
    const prepare = async () => {
      tries += 1;
      const isSlow = tries % 2 === 1;
      const actors = { one: isSlow ? async () => {} : takeSteps(2, true), two: takeSteps(2, true) };
      return { actors, isSlow: () => isSlow, check: async () => [] };
    };
    const found = await explore(gate, { prepare, merges: { isRevocation: () => false } });
    expect([found.orders, found.states, tries]).toEqual([6, 8, 2 * found.plays]);
  });

  test('no order for ever', async () => {
    const prepare = async () => ({ actors: { one: takeSteps(1, true) }, isSlow: () => true, check: async () => [] });
    await expect(explore(gate, { prepare })).rejects.toThrow('too slow');
  });

  test('nothing where an actor takes two steps at once', async () => {
    const two = () => Promise.all([gate.pass('a', false, () => 1), gate.pass('b', false, () => 2)]);
    const prepare = async () => ({ actors: { two }, check: async () => [] });
    await expect(explore(gate, { prepare })).rejects.toThrow('two takes two steps at once');
  });

  test('on with what a step throws', async () => {
    const fails = async () => {
      throw new Error('a store that failed');
    };
    const actors = { one: () => gate.pass('a', false, fails).catch((thrown: Error) => thrown.message) };
    const check = async ({ results }: Play) => [String(results.one)];
    const found = await explore(gate, { prepare: async () => ({ actors, check }) });
    expect(found.violations).toEqual(['a store that failed: one a']);
  });
});
