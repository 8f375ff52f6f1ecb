import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from '@babel/core';
import { areMembers, type Block, inTypeScript, titleOf } from './blocks';

const root = join(__dirname, '../..');

/** Options that stand for the rest of a call. */
const CALLS: Readonly<Record<string, (text: string) => string>> = {
  createTokenRouter: (text) =>
    `import { createTokenRouter } from 'express-token-router';\ncreateTokenRouter({ findCode, consumeCode, issueTokens,\n${text}\n});`,
};

/** A part as a module of its own. */
export function toModule({ flags, text, ...block }: Block): string {
  if (flags.in === undefined) return `${text}\nexport {};\n`;
  const wrap = CALLS[flags.in];
  if (!wrap) throw new Error(`${titleOf({ flags, text, ...block })}: nothing is known of ${flags.in}`);
  return wrap(text);
}

/** An ES module as CommonJS, or `undefined` where it waits at its top level. */
export function toCommonJs(text: string): string | undefined {
  const isWaiting = /^(?:const .+ = )?await /m.test(text);
  if (isWaiting) return undefined;
  return String(transform(text, { plugins: ['@babel/plugin-transform-modules-commonjs'] }));
}

/** What is left of TypeScript without its types, in one spelling. */
export function withoutTypes(text: string): string {
  const program = asImports(areMembers(text) ? `({\n${text}\n})` : text);
  // A fragment may return from a function that stands around it.
  const parserOpts = { allowReturnOutsideFunction: true };
  const presets = [['@babel/preset-typescript', { onlyRemoveTypeImports: true }]];
  // A file whose only imports are types stays a module.
  return String(transform(program, { presets, parserOpts, comments: false, compact: true })).replace('export{};', '');
}

/** JavaScript without any types: throws where it is TypeScript only. */
export function parseJavaScript(text: string): void {
  const program = areMembers(text) ? `({\n${text}\n})` : text;
  transform(program, { parserOpts: { allowReturnOutsideFunction: true }, filename: 'block.js' });
}

function transform(text: string, options: object) {
  return transformSync(text, { filename: 'block.ts', cwd: root, configFile: false, babelrc: false, ...options })?.code;
}

/** CommonJS in the words of an ES module, as TypeScript writes it. */
const asImports = (text: string) =>
  text
    .replace(/^const (\{.+\}|\w+) = require\((.+)\);$/gm, 'import $1 from $2;')
    .replace(/^exports\.(\w+) = /gm, 'export const $1 = ');

/**
 * A fragment of a file as TypeScript: with declarations of what stands around it there (`around/`), which its own names may
 * hide. What must be of a type there, such as a method of a store, is `satisfies Members`.
 */
export function toTypedFragment(block: Block): string {
  const { flags, page } = block;
  const file = join(__dirname, 'around', `${(flags.from ?? page).replace(/\.\w+$/, '').replace(/\W+/g, '-')}.d.ts`);
  const lines = asImports(inTypeScript(block).text)
    .replace(/^export /gm, '')
    .split('\n');
  const isImport = (line: string) => /^import .+;$/.test(line);
  const imported = lines.filter(isImport).flatMap((line) => line.replace(/ from .*$/, '').match(/\w+/g) ?? []);
  // What a block imports by itself does not stand around it.
  const isOwn = (line: string) => imported.includes(/^declare const (\w+):/.exec(line)?.[1] ?? '');
  const around = (existsSync(file) ? readFileSync(file, 'utf8') : '')
    .split('\n')
    .filter((line) => !isOwn(line))
    .join('\n');
  const body = lines.filter((line) => !isImport(line)).join('\n');
  const members = /^type Members\b/m.test(around) ? '({\n%\n}) satisfies Partial<Members>;' : '({\n%\n});';
  const inner = areMembers(body) ? members.replace('%', () => body) : body;
  return [...[...lines.filter(isImport), around], `export async function fragment() {\n${inner}\n}`].join('\n');
}

/** What the compiler says of the modules of a folder, with the places in the pages. */
export function compile(folder: string, modules: ReadonlyMap<string, string>, globals: string, options = {}): string {
  for (const [name, text] of modules) writeFileSync(join(folder, name), text);
  const compilerOptions = {
    ...{ module: 'node16', target: 'es2022', lib: ['es2023'], types: ['node', 'jest'], noEmit: true },
    ...{ strict: true, esModuleInterop: true, skipLibCheck: true, ...options },
  };
  const files = [...modules.keys(), ...(globals ? [globals] : [])];
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  try {
    return execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], {
      encoding: 'utf8',
    });
  } catch (thrown) {
    return String((thrown as { stdout: string }).stdout);
  }
}

export const fileOf = (block: Block, extension: string) =>
  `${block.page.replace(/\W+/g, '-')}-${block.line}.${extension}`;
