// Writes docs/reference from the docstrings. With --check it fails where the pages are out of date. An export without a docstring fails both.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const target = join(here, '../../docs/reference');
const place = mkdtempSync(join(tmpdir(), 'reference-'));

/** The page of a subpath: typedoc names pages by the folders of lib. */
const pageOf = (file) => (file === 'lib.md' ? 'index.md' : posix.basename(file));
const titleOf = (page) => (page === 'index.md' ? 'express-token-router' : `express-token-router/${page.slice(0, -3)}`);

function generate() {
  const typedoc = join(here, 'node_modules/typedoc/bin/typedoc');
  const { stdout, stderr, status } = spawnSync(process.execPath, [typedoc, '--out', place], {
    cwd: here,
    encoding: 'utf8',
  });
  const told = `${stdout}${stderr}`.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g'), '');
  if (status !== 0) throw new Error(told);
  // Only of exports: their members say by their names and types what they are, where nothing more is to be said.
  return Array.from(
    told.matchAll(/^\[warning\] (lib[\w/]*\.\w+) \(\w+\).*does not have any documentation$/gm),
    ([, name]) => name,
  );
}

function readPages() {
  const files = readdirSync(place, { recursive: true, encoding: 'utf8' }).map((file) => file.replaceAll('\\', '/'));
  const pages = files.filter((file) => file.endsWith('.md') && file !== 'README.md');
  const entries = pages.map((file) => [pageOf(file), flatten(file, readFileSync(join(place, file), 'utf8'))]).sort();
  const list = entries.map(([page]) => `- [${titleOf(page)}](${page})`);
  const intro =
    'Every export, by the name that you import it from. `npm run reference` writes these pages from the docstrings.';
  return new Map([...entries, ['README.md', `# Reference\n\n${intro}\n\n${list.join('\n')}\n`]]);
}

/** Links between the folders become links between pages of one folder. */
function flatten(file, text) {
  const page = pageOf(file);
  return text
    .replace(/^# .*/, () => `# ${titleOf(page)}`)
    .replaceAll(/\]\(([^)#\s:]+\.md)(#[^)]*)?\)/g, (_, path, anchor = '') => {
      const to = pageOf(posix.join(posix.dirname(file), path));
      return `](${to === page && anchor ? '' : to}${anchor})`;
    });
}

const undocumented = generate();
const pages = readPages();
rmSync(place, { recursive: true, force: true });
for (const name of undocumented) console.error(`${name} has no docstring`);

if (process.argv.includes('--check')) {
  const present = readdirSync(target);
  const isStale = (page) => !present.includes(page) || readFileSync(join(target, page), 'utf8') !== pages.get(page);
  const stale = [...[...pages.keys()].filter(isStale), ...present.filter((page) => !pages.has(page))];
  for (const page of stale) console.error(`docs/reference/${page} is out of date: npm run reference`);
  process.exitCode = stale.length + undocumented.length > 0 ? 1 : 0;
} else {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const [page, text] of pages) writeFileSync(join(target, page), text);
  process.exitCode = undocumented.length > 0 ? 1 : 0;
}
