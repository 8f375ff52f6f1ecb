import { listProblems, runRule, runSuite, type SuiteTest } from './model-stores';

/** What is wrong with a store, what breaks it so, and what its failures say: all rules that it breaks, or some of them. */
export type BrokenStore<Break> = readonly [
  what: string,
  breakPart: Break,
  problems: Readonly<Record<string, string>>,
  others?: 'and others',
];

/** What a suite is: the function that registers its rules for a store that is broken so, or for none. */
export type SuiteOf<Break> = (breakPart?: Break) => (test: SuiteTest) => void;

/** The tests that a suite finds what is wrong with a store, says it, and blames no rule that the store keeps. */
export function describeBrokenStores<Break>(stores: readonly BrokenStore<Break>[], suiteOf: SuiteOf<Break>): void {
  const failures = stores.flatMap(([what, breakPart, problems]) =>
    Object.entries(problems).map(([rule, problem]) => ({ what, breakPart, rule, problem })),
  );

  test.each(failures)('A store that $what breaks a rule: $rule', async ({ breakPart, rule, problem }) => {
    expect(await runRule(suiteOf(breakPart), rule)).toBe(problem);
  });

  test('A broken store keeps all other rules', async () => {
    const whole = stores.filter(([, , , others]) => others === undefined);
    const found = await Promise.all(whole.map(([, breakPart]) => listProblems(suiteOf(breakPart))));
    expect(whole.map(([what], index) => [what, Object.keys(found[index] as object)])).toEqual(
      whole.map(([what, , problems]) => [what, Object.keys(problems)]),
    );
  });
}

/** What each failure of a suite says that is to be done, and the section of the guide. */
export async function listAdvice(suite: (test: SuiteTest) => void): Promise<Record<string, string[]>> {
  const { broken } = await runSuite(suite);
  const adviceOf = ({ message }: Error) =>
    /\n\nWhat to do: (.+)\nSee docs\/guides\/adapters\.md#(.+)$/.exec(message)?.slice(1) ?? [message];
  return Object.fromEntries([...broken].map(([rule, failure]) => [rule, adviceOf(failure)]));
}

const broken = () => {
  throw new Error('broken');
};

/** A store of which nothing works. */
export const NOTHING_WORKS = {
  stores: [
    Object.fromEntries(
      ['saveCode', 'findCode', 'consumeCode', 'revokeTokens', 'isRevoked', 'consumeJti']
        .concat(['saveRefreshToken', 'findRefreshToken', 'consumeRefreshToken'])
        .map((name) => [name, broken]),
    ),
  ],
  dump: broken,
  restart: broken,
} as never;

/** Whether a text matches a pattern as SQL has it. */
export const isLike = (text: string, pattern: string): boolean => {
  const source = pattern
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.');
  return new RegExp(`^${source}$`, 's').test(text);
};
