import { playOrders } from './orders';
import { createGate, type Step } from './scheduler';

const binomial = (n: number, k: number): number => (k === 0 ? 1 : (binomial(n - 1, k - 1) * n) / k);

describe('The specs play', () => {
  const gate = createGate();
  const takeSteps = (steps: number) => async () => {
    for (let step = 0; step < steps; step += 1) await gate.pass(`step ${step}`, () => step);
  };
  const play = async (lengths: readonly number[], alike: readonly string[] = []) => {
    const orders: string[] = [];
    const actors = Object.fromEntries(lengths.map((length, index) => [`actor ${index}`, takeSteps(length)]));
    const check = async (steps: readonly Step[]) => {
      orders.push(steps.map(({ actor, name }) => `${actor} ${name}`).join());
      return [];
    };
    const found = await playOrders(gate, { prepare: async () => ({ actors, check }), alike });
    expect(new Set(orders).size).toBe(found.orders);
    return found.orders;
  };

  test.each([
    [1, 1],
    [3, 4],
    [5, 5],
    [0, 3],
  ])('every order of %d and %d steps, each once', async (one, other) => {
    expect(await play([one, other])).toBe(binomial(one + other, one));
  });

  test('every order of three times three steps, each once', async () => {
    expect(await play([3, 3, 3])).toBe(binomial(9, 3) * binomial(6, 3));
  });

  test('a sixth of the orders of three that do the same', async () => {
    expect(await play([3, 3, 3], ['actor 0', 'actor 1', 'actor 2'])).toBe((binomial(9, 3) * binomial(6, 3)) / 6);
  });

  test('an order anew where it went another way than before', async () => {
    let tries = 0;
    const prepare = async () => {
      tries += 1;
      // The second play of it does not come as far as the first one.
      return { actors: { one: takeSteps(tries === 2 ? 0 : 2), two: takeSteps(2) }, check: async () => [] };
    };
    expect((await playOrders(gate, { prepare })).orders).toBe(binomial(4, 2));
    expect(tries).toBe(binomial(4, 2) + 1);
  });

  test('nothing where an actor takes two steps at once', async () => {
    const two = () => Promise.all([gate.pass('a', () => 1), gate.pass('b', () => 2)]);
    const prepare = async () => ({ actors: { two }, check: async () => [] });
    await expect(playOrders(gate, { prepare })).rejects.toThrow('two takes two steps at once');
  });

  test('on with what a step throws', async () => {
    const fails = async () => {
      throw new Error('a store that failed');
    };
    const seen: string[] = [];
    const one = () =>
      gate.pass('a', fails).catch((thrown: Error) => {
        seen.push(thrown.message);
      });
    const found = await playOrders(gate, { prepare: async () => ({ actors: { one }, check: async () => seen }) });
    expect(found.violations).toEqual(['a store that failed: one a']);
  });
});
