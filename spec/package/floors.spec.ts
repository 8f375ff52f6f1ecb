import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { parseSync, traverse } from '@babel/core';

const lib = join(__dirname, '../../lib');
/** The floor of JOSE: below the towers, and never reached by the core. */
const JWS = './jws/';
const TOWERS = ['dpop', 'tokens', 'clients', 'stores', 'testing', 'authorize', 'endpoints'];
/** What a tower may use of the core: these, and the types of `reasons`. */
const SHARED = [
  './address',
  './errors',
  './facts',
  './issuer',
  './mistakes',
  './options/adapters',
  './received',
  './refusals',
  './repeats',
  './types',
  './grants/pkce',
  './grants/record-fields',
  './grants/resources',
  './grants/same-resource',
  './grants/scope',
];
/** What stands above these towers beside what all share. */
const OPEN_TO: Readonly<Record<string, readonly string[]>> = {
  endpoints: [
    './endpoint',
    './metadata',
    './mount',
    './options',
    './options/adapters',
    './options/schema',
    './client-authentication',
    './http/parameters',
  ],
  // The doctor says of an origin what the router says of it.
  testing: ['./options/origins'],
};
/** Types that these towers may use beside that: those of their neighbours' signatures. */
const TYPES_OPEN_TO: Readonly<Record<string, readonly string[]>> = { endpoints: ['./http/deadline'] };
/** The core from the front door down. A file imports from its own floor and from those below it. */
const FLOORS = [
  /^\.\/index$/,
  /^\.\/router$/,
  /^\.\/token-endpoint$/,
  /^\.\/mount$/,
  /^\.\/endpoint$/,
  /^\.\/(?:options|options\/.*|metadata|client-authentication|grants\/.*)$/,
  /^\.\/http\/.*$/,
  /^\.\/(?:types|facts|issuer|errors|error-codes|error-members|mistakes|reasons|received|refusals|repeats|address)$/,
  /^\.\/jws\/.*$/,
];

interface Import {
  /** A file of lib by its path from there, without `.ts`; or the name of a package. */
  to: string;
  /** Nothing is left of it once it is compiled. */
  isType: boolean;
}

const isRelative = (source: string) => source.startsWith('.');

/** Every way in which a file can name another: import, export from, import(), require() and the type import(). */
function parseImports(file: string, text: string): Import[] {
  const found: Import[] = [];
  const add = (source: string, isType: boolean) =>
    found.push({ to: isRelative(source) ? resolve(file, source) : source, isType });
  const tree = parseSync(text, { filename: join(lib, `${file}.ts`), cwd: join(lib, '..') });

  if (!tree) throw new Error(`${file} cannot be parsed`);

  traverse(tree, {
    ImportDeclaration: ({ node }) => {
      add(node.source.value, node.importKind === 'type' || areTypes(node.specifiers));
    },
    ExportNamedDeclaration: ({ node }) => {
      if (node.source) add(node.source.value, node.exportKind === 'type' || areTypes(node.specifiers));
    },
    ExportAllDeclaration: ({ node }) => {
      add(node.source.value, node.exportKind === 'type');
    },
    TSImportType: ({ node }) => {
      add(node.argument.value, true);
    },
    TSExternalModuleReference: ({ node }) => {
      add(node.expression.value, false);
    },
    CallExpression: ({ node: { callee, arguments: given } }) => {
      const isCall = callee.type === 'Import' || (callee.type === 'Identifier' && callee.name === 'require');
      if (!isCall) return;
      const [source] = given;
      if (source?.type !== 'StringLiteral') throw new Error(`${file} imports what only its run can tell`);
      add(source.value, false);
    },
  });
  return found;
}

function areTypes(specifiers: readonly object[]): boolean {
  const isType = (specifier: { importKind?: unknown; exportKind?: unknown }) =>
    specifier.importKind === 'type' || specifier.exportKind === 'type';
  return specifiers.length > 0 && specifiers.every(isType);
}

function resolve(file: string, source: string): string {
  const path = posix.join(posix.dirname(file), source);
  const known = [`./${path}`, `./${posix.join(path, 'index')}`].find((each) => existsSync(join(lib, `${each}.ts`)));
  if (known === undefined) throw new Error(`${file} imports ${source}, which is no file of lib`);
  return known;
}

const files = readdirSync(lib, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => `./${file.replaceAll('\\', '/').replace(/\.ts$/, '')}`)
  .sort();
const imports = new Map(files.map((file) => [file, parseImports(file, readFileSync(join(lib, `${file}.ts`), 'utf8'))]));

const towerOf = (file: string) => TOWERS.find((tower) => file.startsWith(`./${tower}/`));
const core = files.filter((file) => towerOf(file) === undefined);
const inTowers = files.filter((file) => towerOf(file) !== undefined);

const floorOf = (file: string) => FLOORS.findIndex((floor) => floor.test(file));

/** Everything that a file reaches, types included. */
function reach(file: string, seen = new Set<string>()): Set<string> {
  for (const { to } of imports.get(file) ?? []) {
    if (seen.has(to)) continue;
    seen.add(to);
    reach(to, seen);
  }
  return seen;
}

function isAllowed(tower: string, { to, isType }: Import): boolean {
  if (!imports.has(to)) return true;
  // The record that the ready stores keep is the one that the ready issuer reads.
  if (tower === 'stores' && isType && to === './tokens/types') return true;
  if (isType && TYPES_OPEN_TO[tower]?.includes(to)) return true;
  if (OPEN_TO[tower]?.includes(to) || to.startsWith(JWS)) return true;
  return towerOf(to) === tower || SHARED.includes(to) || (to === './reasons' && isType);
}

describe('The imports of a file', () => {
  it.each<[string, Import]>([
    ["import { a } from './errors'", { to: './errors', isType: false }],
    ["import './errors'", { to: './errors', isType: false }],
    ["import type { a } from './errors'", { to: './errors', isType: true }],
    ["import { type a } from './errors'", { to: './errors', isType: true }],
    ["import { type a, b } from './errors'", { to: './errors', isType: false }],
    ["export { a } from './errors'", { to: './errors', isType: false }],
    ["export type { a } from './errors'", { to: './errors', isType: true }],
    ["export * from './errors'", { to: './errors', isType: false }],
    ["export type * from './errors'", { to: './errors', isType: true }],
    ["type A = import('./errors').a", { to: './errors', isType: true }],
    ["import a = require('./errors')", { to: './errors', isType: false }],
    ["const a = () => require('./errors')", { to: './errors', isType: false }],
    ["const a = async () => import('./errors')", { to: './errors', isType: false }],
    ["import { a } from './dpop'", { to: './dpop/index', isType: false }],
    ["import { a } from 'jsonwebtoken'", { to: 'jsonwebtoken', isType: false }],
  ])('are read from: %s', (text, expected) => {
    expect(parseImports('./index', text)).toEqual([expected]);
  });

  it.each([
    ["import './no-such-file'", 'which is no file of lib'],
    ['const a = (name: string) => import(name)', 'imports what only its run can tell'],
  ])('are refused: %s', (text, message) => {
    expect(() => parseImports('./index', text)).toThrow(message);
  });
});

describe('The floors', () => {
  it('are those of lib', () => {
    expect(core).toEqual(expect.arrayContaining(['./index', './router', './grants/authorization-code']));
    expect([...reach('./index')]).toEqual(expect.arrayContaining(['./token-endpoint', './grants/pkce', 'express']));
    expect(inTowers).toContain('./stores/memory-codes');
    expect(core.filter((file) => floorOf(file) === -1)).toEqual([]);
  });

  it.each(files)('have no circle: %s', (file) => {
    expect([...reach(file)]).not.toContain(file);
  });

  it.each(core)('lead down only: %s', (file) => {
    const targets = (imports.get(file) ?? []).map(({ to }) => to).filter((to) => imports.has(to));
    expect(targets.filter((to) => floorOf(to) < floorOf(file))).toEqual([]);
  });

  it.each(core.filter((file) => !file.startsWith(JWS)))('keep the core below the towers: %s', (file) => {
    const above = [...reach(file)].filter(
      (each) => towerOf(each) !== undefined || /^(?:jsonwebtoken|\.\/jws\/)/.test(each),
    );
    expect(above).toEqual([]);
  });

  it.each(inTowers)('let a tower use itself and what all share: %s', (file) => {
    const tower = String(towerOf(file));
    const foreign = (imports.get(file) ?? []).filter((each) => !isAllowed(tower, each));
    expect(foreign).toEqual([]);
  });
});
