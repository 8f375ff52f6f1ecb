import fc from 'fast-check';
import { createKnowledge } from './knowledge';
import { playOrders } from './orders';
import { createGate, Diverged, type Step } from './scheduler';
import { findRevocation, type Outcome, searchStates } from './states';

const gate = createGate();
const isRevocation = (name: string) => name === 'revoke';

/** One step on two numbers. `unless`: it is left out if the answer before it was this one. */
interface Operation {
  name: 'read' | 'set' | 'add' | 'take' | 'revoke';
  place: 0 | 1;
  value: number;
  unless: number;
}

type Numbers = [number, number];
type Found = Outcome<unknown[], Numbers>;

function carryOut(numbers: Numbers, { name, place, value }: Operation): unknown {
  const before = numbers[place];
  if (name === 'read') return before;
  if (name === 'add') {
    numbers[place] += 1;
    return null;
  }
  if (name === 'take' && before !== value) return false;
  numbers[place] = name === 'take' ? before + 1 : value;
  return name === 'take' ? true : null;
}

/** Actors that do these operations on a store of two numbers. */
function createWorld(programs: readonly (readonly Operation[])[]) {
  const numbers: Numbers = [0, 0];
  const results: Record<string, unknown[]> = {};
  const actors = Object.fromEntries(
    programs.map((program, index) => {
      const name = `actor ${index}`;
      const answers: unknown[] = [];
      results[name] = answers;
      const act = async () => {
        for (const operation of program) {
          if (answers.at(-1) === operation.unless) continue;
          answers.push(await gate.pass(operation.name, () => carryOut(numbers, operation)));
        }
      };
      return [name, act];
    }),
  );
  const finish = async () => ({ results, end: numbers });
  const kindOf = (actor: string) => actor;
  return {
    actors,
    kindOf,
    contents: async (): Promise<unknown> => numbers,
    describe: (answer: unknown) => answer,
    finish,
  };
}

/** All outcomes, as text. */
function collect() {
  const outcomes = new Set<string>();
  const judge = ({ results, end, atRevocation }: Found) => {
    const counts = atRevocation && Object.entries(atRevocation).filter(([, count]) => count > 0);
    outcomes.add(JSON.stringify([results, end, counts && Object.fromEntries(counts.sort())]));
    return [];
  };
  return { judge, list: () => [...outcomes].sort() };
}

async function playAll(programs: readonly (readonly Operation[])[]) {
  const { judge, list } = collect();
  const prepare = async () => {
    const { actors, finish } = createWorld(programs);
    const check = async (steps: readonly Step[]) =>
      judge({ ...(await finish()), atRevocation: findRevocation(steps, isRevocation) });
    return { actors, check };
  };
  const { orders } = await playOrders(gate, { prepare });
  return { orders, outcomes: list() };
}

async function searchAll(programs: readonly (readonly Operation[])[], different = {}) {
  const { judge, list } = collect();
  const search = { prepare: async () => createWorld(programs), isRevocation, judge, ...different };
  return { ...(await searchStates(gate, search)), outcomes: list() };
}

const operation = fc.record({
  name: fc.constantFrom('read', 'set', 'add', 'take', 'revoke'),
  place: fc.constantFrom(0, 1),
  value: fc.constantFrom(0, 1, 2),
  unless: fc.constantFrom(0, 1, 7),
}) as fc.Arbitrary<Operation>;
const programs = fc.array(fc.array(operation, { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 3 });

const add = (value = 0): Operation => ({ name: 'add', place: 0, value, unless: 7 });
const read: Operation = { name: 'read', place: 0, value: 0, unless: 7 };

describe('The search of states', () => {
  test('counts the orders, and finds the outcomes, that playing every order by itself finds', async () => {
    await fc.assert(
      fc.asyncProperty(programs, async (each) => {
        const played = await playAll(each);
        expect(await searchAll(each, { samples: 3 })).toMatchObject(played);
      }),
      { numRuns: 40 },
    );
  });

  test.each([
    ['reads only', [3, 3, 3], read, 1680, 4 * 4 * 4 - 1],
    ['writes whose order leaves nothing behind', [1, 1, 1], add(), 6, 7],
    ['writes of one actor only', [0, 3], add(), 1, 3],
  ])('visits each state once: %s', async (_what, lengths, step, orders, states) => {
    const found = await searchAll(lengths.map((length) => Array.from({ length }, () => step)));
    expect(found).toMatchObject({ orders, states });
    expect(found.plays).toBeLessThanOrEqual(states);
  });

  test('tells states apart in which an actor was answered otherwise', async () => {
    const twice = [add(), read];
    // Who has read what makes a difference: more states than the nine in which two can be.
    expect((await searchAll([twice, twice])).states).toBeGreaterThan(3 * 3 - 1);
  });

  test('plays nothing that another search has played', async () => {
    const knowledge = createKnowledge();
    const steps = [[add(), read], [read]];
    const first = await searchAll(steps, { knowledge });
    expect(await searchAll(steps, { knowledge })).toEqual({ ...first, plays: 0 });
  });

  test('plays an order anew where the machine was too slow, and forgets what it showed', async () => {
    let tries = 0;
    const prepare = async () => {
      tries += 1;
      const world = createWorld([[add(), read], [add()]]);
      if (tries % 2 === 1) return world;
      const finish = async () => {
        throw new Diverged('The machine was too slow for the server');
      };
      return { ...world, contents: async () => 'something else', finish };
    };
    const { outcomes, orders, states } = await searchAll([[add(), read], [add()]]);
    expect(await searchAll([], { prepare })).toMatchObject({ outcomes, orders, states });
  });

  test('ends with an error where the contents do not show what decides, by the orders that it plays as found', async () => {
    const prepare = async () => ({ ...createWorld([[add()], [read]]), contents: async () => 'nothing' });
    await expect(searchAll([], { prepare, samples: 2 })).rejects.toThrow(/was .*, and now /);
  });
});
