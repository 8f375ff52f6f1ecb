// The public types, as one file a folder of lib under api/: a change of them is then a change that a reviewer sees. Fails where
// api/ is not what the build declares; `npm run api -- --write` writes it.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'api');
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const entries = Object.entries(exports).flatMap(([subpath, { types }]) =>
  types ? [[subpath, join(root, types)]] : [],
);

/** A declaration file by the path that another one imports it with. */
const resolve = (from, specifier) => {
  const path = join(dirname(from), specifier);
  return [`${path}.d.ts`, join(path, 'index.d.ts')].find((each) => existsSync(each));
};

/** What is reached from the entries, and so may show in a host's editor. */
const texts = new Map();
function reach(file) {
  if (texts.has(file)) return;
  const text = readFileSync(file, 'utf8');
  texts.set(file, text);
  for (const [, specifier] of text.matchAll(/(?:from|import\()\s*['"](\.[^'"]*)['"]/g)) {
    const next = resolve(file, specifier);
    if (!next) throw new Error(`${relative(root, file)} imports ${specifier}, which is not there`);
    reach(next);
  }
}
for (const [, file] of entries) reach(file);

/** Without comments and blank lines: they say nothing about types. A comment within a string stays. */
const strip = (text) =>
  text
    .replace(
      /("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
      (_all, string) => string ?? '',
    )
    .split('\n')
    .filter((line) => line.trim() !== '')
    .join('\n');

const dist = join(root, 'dist');
const nameOf = (file) => relative(dist, file).split('\\').join('/');
const reports = new Map();
const add = (report, text) => reports.set(report, [...(reports.get(report) ?? []), text]);
const subpathsOf = new Map(entries.map(([subpath, file]) => [file, posix.join('express-token-router', subpath)]));
for (const file of [...texts.keys()].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))) {
  const name = nameOf(file);
  const subpath = subpathsOf.get(file);
  const title = `// ${name}${subpath ? `, which is ${subpath}` : ''}`;
  add(`${name.includes('/') ? name.split('/')[0] : 'core'}.d.ts`, `${title}\n${strip(texts.get(file))}\n`);
}

const wanted = new Map([...reports].map(([name, parts]) => [name, parts.join('\n')]));
if (process.argv.includes('--write')) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [name, text] of wanted) writeFileSync(join(folder, name), text);
  console.log(`api/: ${wanted.size} files written`);
} else {
  const kept = existsSync(folder) ? readdirSync(folder) : [];
  const differences = [...new Set([...kept, ...wanted.keys()])].flatMap((name) => {
    const before = kept.includes(name) ? readFileSync(join(folder, name), 'utf8').split('\n') : [];
    const after = (wanted.get(name) ?? '').split('\n');
    const gone = before.filter((line) => !after.includes(line)).map((line) => `- ${line}`);
    const come = after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`);
    const isSame = before.join('\n') === after.join('\n');
    return isSame ? [] : [`api/${name}`, ...gone, ...come];
  });
  if (differences.length > 0) {
    console.error(
      `The public types are not those of api/:\n${differences.join('\n')}\nIf that is intended, run npm run api -- --write`,
    );
    process.exitCode = 1;
  } else {
    console.log(`api/: ${wanted.size} files, no change of the public types`);
  }
}
