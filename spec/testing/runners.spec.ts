import { execFile } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '../..');

/** Runs a program of its own; what it printed, whether it passed or not. */
const run = (args: readonly string[]) =>
  new Promise<{ code: number; said: string }>((resolve) => {
    const env = { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1', FORCE_COLOR: '0' };
    execFile(process.execPath, args, { cwd: root, env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, said: `${stdout}${stderr}` });
    });
  });

// jest itself runs them in spec/stores/conformance.spec.ts.
test.each([
  ['node:test', ['--test', '--test-reporter=tap', 'spec/testing/runners/node-test.mjs'], /# pass (\d+)/],
  [
    'vitest',
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--dir',
      'spec/testing/runners',
      '--config',
      'spec/testing/runners/vitest.config.mjs',
    ],
    /Tests\s+(\d+) passed \(\d+\)/,
  ],
])(
  'The suites run under %s, in memory and in PGlite',
  async (_runner, args, count) => {
    const { code, said } = await run(args);
    const passed = Number(count.exec(said)?.[1]);
    expect({ code, passed, said: code === 0 && passed >= 134 ? '' : said }).toEqual({ code: 0, passed, said: '' });
  },
  120_000,
);
