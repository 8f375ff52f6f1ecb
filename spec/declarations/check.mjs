// Checks the declarations as hosts meet them: the type specs, compiled against the built package by several TypeScripts, several @types/node and every way of resolving modules, without skipLibCheck.
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const own = fileURLToPath(new URL('node_modules', import.meta.url));
const NODE10 = { module: 'commonjs', moduleResolution: 'node10' };
const NODE16 = { module: 'node16', moduleResolution: 'node16' };
const BUNDLER = { module: 'esnext', moduleResolution: 'bundler' };

// TypeScript 7 knows node10 no more; 5.4 is older than the oldest that @types/node 26 is made for.
const RUNS = [
  ['typescript54', 'node20', NODE10],
  ['typescript54', 'node20', NODE16],
  ['typescript59', 'node20', NODE10],
  ['typescript59', 'node26', NODE10],
  ['typescript59', 'node26', BUNDLER],
  ['typescript', 'node20', NODE16],
  ['typescript', 'node22', NODE16],
  ['typescript', 'node24', NODE16],
  ['typescript', 'node25', NODE16],
  ['typescript', 'node26', BUNDLER],
];

const SUBPATHS = Object.keys(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).exports)
  .filter((subpath) => subpath !== './package.json')
  .map((subpath) => subpath.replace('.', 'express-token-router'));

/** A host's folder: the package without its node_modules, and one @types/node for everything. */
function createHost(place, types) {
  const modules = join(place, 'node_modules');
  const link = (from, name) => symlinkSync(from, join(modules, name));
  const isNested = existsSync(join(own, types, 'node_modules/undici-types'));
  const replaced = ['@types', '@types/node', 'express-token-router', 'undici-types', '.bin', '.package-lock.json'];
  mkdirSync(join(modules, '@types'), { recursive: true });
  for (const folder of ['', '@types']) {
    const names = readdirSync(join(root, 'node_modules', folder)).map((name) => join(folder, name));
    for (const name of names) if (!replaced.includes(name)) link(join(root, 'node_modules', name), name);
  }
  link(join(own, types), '@types/node');
  link(join(own, isNested ? join(types, 'node_modules/undici-types') : 'undici-types'), 'undici-types');
  const installed = join(modules, 'express-token-router');
  mkdirSync(installed);
  for (const name of ['package.json', 'dist']) cpSync(join(root, name), join(installed, name), { recursive: true });
}

/** The type specs, with the package in the place of lib; and one file that imports every subpath. */
function writeSpecs(place) {
  const folder = join(root, 'spec/types');
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.ts'))) {
    const text = readFileSync(join(folder, name), 'utf8');
    const installed = text.replace(/'\.\.\/\.\.\/lib(?:\/stores)?(\/\w+)?'/g, "'express-token-router$1'");
    writeFileSync(join(place, name), installed);
  }
  const imports = SUBPATHS.map((subpath, index) => `import * as all${index} from '${subpath}';`);
  const uses = SUBPATHS.map((_, index) => `all${index};`);
  writeFileSync(join(place, 'subpaths.ts'), [...imports, ...uses, ''].join('\n'));
}

function check([compiler, types, resolution]) {
  const place = mkdtempSync(join(tmpdir(), 'declarations-'));
  createHost(place, types);
  writeSpecs(place);
  const compilerOptions = {
    ...resolution,
    ...{ target: 'es2022', lib: ['es2023'], types: ['node'], esModuleInterop: true, preserveSymlinks: true },
    ...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true },
  };
  writeFileSync(join(place, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  const tsc = join(compiler === 'typescript' ? join(root, 'node_modules') : own, compiler, 'bin/tsc');
  return new Promise((resolve) => {
    execFile(process.execPath, [tsc, '-p', place], { maxBuffer: 1e8 }, (error, stdout, stderr) => {
      rmSync(place, { recursive: true, force: true });
      const told = `${compiler}, ${types}, ${resolution.moduleResolution}`;
      console.log(error ? `FAILED ${told}\n${stdout}${stderr}` : `ok ${told}`);
      resolve(!error);
    });
  });
}

const results = [];
for (const run of RUNS) results.push(await check(run));
process.exitCode = results.every(Boolean) ? 0 : 1;
