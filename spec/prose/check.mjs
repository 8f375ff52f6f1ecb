// Checks the spelling and the length of sentences: of the pages, and the spelling of comments in the code.
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '../..');
const list = (...globs) =>
  execFileSync('git', ['ls-files', '--', ...globs], { cwd: root, encoding: 'utf8' })
    .trim()
    .split('\n');
const run = (tool, parameters) => {
  const file = join(here, 'node_modules', tool);
  const { status, error } = spawnSync(process.execPath, [file, ...parameters], { cwd: root, stdio: 'inherit' });
  if (error) throw error;
  return status;
};

// Generated from the code, or from a run.
const GENERATED = /^docs\/(?:reference\/|interop\.md|rfcs\.md|mutation)|^bench\/.*results\.md/;
const pages = list('*.md').filter((file) => !GENERATED.test(file));
// One entry of a changelog is not one sentence that a reader reads on.
const readable = pages.filter((file) => file !== 'CHANGELOG.md');
const code = list('lib/*.ts', 'examples/*.js', 'examples/*.mjs');

const statuses = [
  run('cspell/bin.mjs', ['--no-progress', '--no-summary', '-c', join(here, 'cspell.json'), ...pages, ...code]),
  run('textlint/bin/textlint.js', [
    '-c',
    join(here, 'textlintrc.json'),
    '--rules-base-directory',
    join(here, 'node_modules'),
    ...readable,
  ]),
];
process.exitCode = statuses.every((status) => status === 0) ? 0 : 1;
