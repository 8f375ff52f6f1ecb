import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { type Bench, type CodeStore, codeStoreConformance } from '../../lib/testing';
import { settle } from '../../lib/testing/calls';
import { createModelCodes, runRule, runSuite, type SuiteTest } from './model-stores';

const root = join(__dirname, '../..');

interface Result {
  suite: string;
  name: string;
  how: string;
  from: number;
  rules: { rule: string; hasFailed: boolean; said: string }[];
}

describe('A function of the store that fails', () => {
  let results: Result[];
  let code: unknown;
  let errors: string;

  beforeAll(async () => {
    const args = [join(root, 'spec/testing/runners/failing.mjs')];
    const env = { ...process.env, NODE_OPTIONS: '' };
    await new Promise<void>((resolve) => {
      execFile(process.execPath, args, { env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
        code = error ? error.code : 0;
        errors = stderr;
        results = code === 0 ? JSON.parse(stdout) : [];
        resolve();
      });
    });
  }, 120_000);

  test('never ends the process, and no rule hangs, whichever function fails, however and however late', () => {
    expect([code, errors]).toEqual([0, '']);
    expect(results).toHaveLength(10 * 4 * 3);
    for (const { name, rules } of results) {
      expect([name, rules.some(({ hasFailed }) => hasFailed)]).toEqual([name, true]);
    }
  });

  test('fails each rule that calls it, which names the function', () => {
    const first = results.filter(({ from }) => from === 1);
    const wrong = first.flatMap(({ name, how, rules }) => {
      const said = how === 'does not settle' ? `${name} did not settle within 4 seconds` : `${name} threw: gone`;
      return rules.filter((each) => each.hasFailed && each.said !== said).map((each) => ({ name, how, ...each }));
    });
    expect(wrong).toEqual([]);
    const counts = first.map(({ rules }) => rules.filter(({ hasFailed }) => hasFailed).length);
    expect(Math.min(...counts)).toBeGreaterThan(1);
  });
});

const RULE = 'spends a code once';
const never = () => new Promise<never>(() => undefined);

/** Runs the first rules of the suite of codes on this bench. */
const run = (change: (bench: Bench<CodeStore>) => Partial<Bench<CodeStore>>) => {
  const suite = (test: SuiteTest) =>
    codeStoreConformance(test, () => {
      const bench = createModelCodes();
      return { ...bench, ...change(bench) };
    });
  return runRule(suite, RULE);
};

describe('A call that does not settle', () => {
  test('is told of also where the rule would accept that it fails', async () => {
    const { broken } = await runSuite((test) =>
      codeStoreConformance(test, () =>
        createModelCodes(({ table, insert }) => ({
          insert: (key, record) => (table.has(key) ? never() : insert(key, record)),
        })),
      ),
    );
    expect([...broken].map(([rule, { message }]) => [rule, message])).toEqual([
      [
        'refuses to save a code again, or leaves it spent',
        'saveCode did not settle within 4 seconds\n\nWhat to do: Return a promise that resolves or rejects in every case. A lock, a pool without a free connection or a faked timer can hold it back.\nSee docs/guides/adapters.md#run-the-suites',
      ],
    ]);
  });

  test('is told of also where the bench does not close then', async () => {
    const hangs = ({ stores: [store] }: Bench<CodeStore>) => ({ stores: [{ ...store, findCode: never }] as const });
    expect(await run((bench) => ({ ...hangs(bench), close: never }))).toBe('findCode did not settle within 4 seconds');
  });

  test('is no call of three seconds', async () => {
    const slow = ({ stores: [store] }: Bench<CodeStore>) => ({
      stores: [
        {
          ...store,
          async saveCode(...given: Parameters<CodeStore['saveCode']>) {
            await new Promise((resolve) => void setTimeout(resolve, 3000));
            await store.saveCode(...given);
          },
        },
      ] as const,
    });
    expect(await run(slow)).toBe('passed');
  });

  test('is told of while the timers of the host are faked', async () => {
    jest.useFakeTimers();
    try {
      expect(await run(({ stores: [store] }) => ({ stores: [{ ...store, consumeCode: never }] }))).toBe(
        'consumeCode did not settle within 4 seconds',
      );
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('What is thrown when the bench closes', () => {
  const close = () => {
    throw new Error('cannot close');
  };

  test('fails a rule that holds', async () => {
    expect(await run(() => ({ close }))).toBe('cannot close');
  });

  test('does not hide why a rule fails', async () => {
    const deny = ({ stores: [store] }: Bench<CodeStore>) => ({
      stores: [{ ...store, consumeCode: () => false }] as const,
    });
    expect(await run((bench) => ({ ...deny(bench), close }))).toBe(
      'the first call spends the code: expected true, got false',
    );
  });
});

describe('settle', () => {
  test('waits for all, and rejects with the first failure in the order of the calls', async () => {
    const done: string[] = [];
    const later = (name: string, milliseconds: number, isBad: boolean) =>
      new Promise((resolve, reject) => {
        setTimeout(() => {
          done.push(name);
          (isBad ? reject : resolve)(new Error(name));
        }, milliseconds);
      });
    const calls = [later('a', 30, true), later('b', 5, true), later('c', 60, false)];
    await expect(settle(calls)).rejects.toThrow('a');
    expect(done).toEqual(['b', 'a', 'c']);
  });

  test('brings what the calls have brought', async () => {
    expect(await settle([Promise.resolve(1), Promise.resolve('a')])).toEqual([1, 'a']);
  });
});
