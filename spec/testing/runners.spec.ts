import { execFile } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const FOLDER = 'spec/testing/runners';

/** Runs a program of its own; what it printed, whether it passed or not. */
const run = (args: readonly string[]) =>
  new Promise<{ code: number; said: string }>((resolve) => {
    const env = { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1', FORCE_COLOR: '0' };
    execFile(process.execPath, args, { cwd: root, env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, said: `${stdout}${stderr}` });
    });
  });

const JEST = JSON.stringify({ rootDir: root, testMatch: [`<rootDir>/${FOLDER}/jest.js`], transform: {} });

/** Of the 74 rules of the three suites, 5 need what memory has not, and 3 what PGlite has not. */
const RULES = 74;
const IN_MEMORY = [RULES - 5, 5] as const;
const IN_BOTH = [2 * RULES - 8, 8] as const;

// jest alone has to be told what to skip. It runs all suites in spec/stores/conformance.spec.ts.
test.each<[string, string[], RegExp, RegExp, number, number]>([
  [
    'node:test',
    ['--test', '--test-reporter=tap', `${FOLDER}/node-test.mjs`],
    /# pass (\d+)/,
    /# skipped (\d+)/,
    ...IN_BOTH,
  ],
  [
    'vitest',
    ['node_modules/vitest/vitest.mjs', 'run', '--dir', FOLDER, '--config', `${FOLDER}/vitest.config.mjs`],
    /Tests\s+(\d+) passed/,
    /Tests\s.*?(\d+) skipped/,
    ...IN_BOTH,
  ],
  [
    'mocha',
    ['node_modules/mocha/bin/mocha.js', '--timeout', '30000', `${FOLDER}/mocha.mjs`],
    /(\d+) passing/,
    /(\d+) pending/,
    ...IN_MEMORY,
  ],
  [
    'jest',
    ['node_modules/jest/bin/jest.js', '--config', JEST],
    /Tests:.* (\d+) passed/,
    /Tests:.* (\d+) skipped/,
    26,
    2,
  ],
])(
  'The suites run under %s, and show as skipped what the factory does not bring',
  async (_runner, args, passes, skips, passed, skipped) => {
    const { code, said } = await run(args);
    const found = [code, Number(passes.exec(said)?.[1]), Number(skips.exec(said)?.[1])];
    const expected = [0, passed, skipped];
    // What the runner said is worth reading only where something is wrong.
    expect({ found, said: String(found) === String(expected) ? '' : said }).toEqual({ found: expected, said: '' });
  },
  120_000,
);
