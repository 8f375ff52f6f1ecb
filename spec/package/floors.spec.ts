import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import { parseSync } from '@babel/core';

const root = join(__dirname, '../..');
const lib = join(root, 'lib');
const TOWERS = ['dpop', 'tokens', 'clients', 'stores', 'testing'];
const SHARED = ['./errors', './reasons', './types', './pkce'];

/** What each file of lib imports, types included; files of ours by their name without its ending. */
const imports = new Map(
  readdirSync(lib, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => [`./${file.replace(/\.ts$/, '')}`, importsOf(file)] as const),
);

function importsOf(file: string): string[] {
  const path = join(lib, file);
  const tree = parseSync(readFileSync(path, 'utf8'), { filename: path, cwd: root });
  const sources = (tree?.program.body ?? []).flatMap((node) =>
    'source' in node && node.source ? [node.source.value] : [],
  );
  return sources.map((source) => (source.startsWith('.') ? `./${posix.join(posix.dirname(file), source)}` : source));
}

const towerOf = (file: string) => TOWERS.find((tower) => file.startsWith(`./${tower}/`));
const core = [...imports.keys()].filter((file) => towerOf(file) === undefined);

/** Everything that a file reaches. */
function reach(file: string, seen = new Set<string>()): Set<string> {
  for (const imported of imports.get(file) ?? []) {
    if (seen.has(imported)) continue;
    seen.add(imported);
    reach(imported, seen);
  }
  return seen;
}

it('The floors are those of lib', () => {
  expect(core).toContain('./grants/authorization-code');
  expect(imports.get('./router')).toContain('./token-endpoint');
  expect(relative(root, lib)).toBe('lib');
});

it.each([...imports.keys()])('%s is in no circle', (file) => {
  expect([...reach(file)]).not.toContain(file);
});

it.each(core)('%s, of the core, reaches no tower and no jsonwebtoken', (file) => {
  const reached = [...reach(file)];
  expect(reached.filter((each) => towerOf(each) !== undefined || /^(jsonwebtoken|oidc-token-hash)/.test(each))).toEqual(
    [],
  );
});

it.each([...imports.keys()].filter((file) => towerOf(file)))('%s uses its own tower and what all share', (file) => {
  const foreign = [...(imports.get(file) ?? [])].filter(
    (each) => imports.has(each) && towerOf(each) !== towerOf(file) && !SHARED.includes(each),
  );
  expect(foreign).toEqual([]);
});
