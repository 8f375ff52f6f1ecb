import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { parseSync } from '@babel/core';
import { findFreePort } from '../support/servers';
import { type Block, isCode, pages, parseBlocks, read, splitQuote, trimLines } from './blocks';

const root = join(__dirname, '../..');
const blocks = pages.flatMap((page) => parseBlocks(page, read(page)));
const programs = blocks.filter((block) => isCode(block) && block.flags.file);
const quotes = blocks.filter((block) => block.flags.from);
const recipes = blocks.filter(({ flags }) => flags.recipe);
const parts = blocks.filter(
  (block) => isCode(block) && !['file', 'from', 'recipe'].some((flag) => flag in block.flags),
);
const isTyped = ({ language, flags }: Block) => language === 'ts' || flags.typed !== undefined;
const titleOf = ({ page, line }: Block) => `${page}:${line}`;
const named = (list: Block[]): [string, Block][] => list.map((block) => [titleOf(block), block]);

/** Inside the package, so that its own name leads to the build. */
const place = mkdtempSync(join(root, 'spec/docs/out-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));

/** Options that stand for the rest of a call. */
const CALLS: Readonly<Record<string, (text: string) => string>> = {
  createTokenRouter: (text) =>
    `import { createTokenRouter } from 'express-token-router';\ncreateTokenRouter({ findCode, consumeCode, issueTokens,\n${text}\n});`,
  createTokenIssuer: (text) =>
    `import { createTokenIssuer } from 'express-token-router/tokens';\ncreateTokenIssuer({ issuer, keys, apis,\n${text}\n});`,
};

function write(folder: string, block: Block, extension: string) {
  const wrap = block.flags.in === undefined ? (text: string) => text : CALLS[block.flags.in];
  if (!wrap) throw new Error(`${titleOf(block)}: nothing is known of ${block.flags.in}`);
  const name = `${block.page.replace(/\W+/g, '-')}-${block.line}.${extension}`;
  writeFileSync(join(folder, name), `${wrap(block.text)}\nexport {};\n`);
}

/** What the compiler says of a folder, with the places in the pages. */
function compile(folder: string, options: object): string {
  const compilerOptions = {
    ...{ module: 'node16', target: 'es2022', lib: ['es2023'], types: ['node', 'jest'], noEmit: true },
    ...{ strict: true, esModuleInterop: true, skipLibCheck: true, ...options },
  };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, include: ['*', '../../globals.d.ts'] }),
  );
  try {
    return execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], {
      encoding: 'utf8',
    });
  } catch (thrown) {
    return String((thrown as { stdout: string }).stdout);
  }
}

describe('The code of the pages', () => {
  it.each(named(quotes))('is that of the file it is taken from: %s', (_title, block) => {
    const file = trimLines(read(String(block.flags.from)));
    const foreign = splitQuote(block.text).filter((piece) => !file.includes(piece));
    expect(foreign).toEqual([]);
  });

  it.each(named(recipes))('can be parsed where it is a recipe: %s', (_title, { text }) => {
    // The members of an object are none of a program.
    const program = /^\w+\(.*\{$/m.test(text.split('\n')[0] ?? '') ? `({\n${text}\n})` : text;
    expect(parseSync(program, { filename: 'recipe.ts', cwd: root })).not.toBeNull();
  });

  it('has no block whose language says nothing', () => {
    const known = [
      'js',
      'ts',
      'sh',
      'json',
      'text',
      'mermaid',
      'sql',
      'nginx',
      'diff',
      'http',
      'docker',
      'ini',
      'html',
    ];
    expect(blocks.filter(({ language }) => !known.includes(language)).map(titleOf)).toEqual([]);
  });

  it('compiles in TypeScript where it is a program', () => {
    const folder = join(place, 'programs');
    mkdirSync(folder);
    for (const block of programs) write(folder, block, 'mts');
    expect(programs.length).toBeGreaterThan(0);
    expect(compile(folder, {})).toBe('');
  }, 120_000);

  it('compiles where it is a part', () => {
    const folder = join(place, 'parts');
    mkdirSync(folder);
    for (const block of parts) write(folder, block, isTyped(block) ? 'mts' : 'mjs');
    expect(compile(folder, { allowJs: true, checkJs: true, noImplicitAny: false, noImplicitThis: false })).toBe('');
  }, 120_000);
});

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

describe.each(pages.filter((page) => programs.some((block) => block.page === page)))('The steps of %s', (page) => {
  it('do what the page says', async () => {
    const folder = join(place, page.replace(/\W+/g, '-'));
    mkdirSync(folder);
    const port = await findFreePort();
    const toOwn = (text: string) => text.replaceAll('3000', String(port));
    let last: string[] = [];
    let printed = '';
    let outputs = 0;

    const execute = ([command = '', ...parameters]: string[]) => {
      printed = execFileSync(command, parameters, { cwd: folder, encoding: 'utf8', timeout: 60_000 });
    };

    for (const { flags, text, language } of blocks.filter((block) => block.page === page)) {
      if (flags.file) writeFileSync(join(folder, flags.file), toOwn(text));
      if (flags.serve) await serve(join(folder, String(flags.file)), port);
      if (flags.run) {
        last =
          language === 'sh'
            ? ['bash', '-c', toOwn(text).replaceAll('curl ', 'curl -sS ')]
            : [process.execPath, String(flags.file)];
        execute(last);
      }
      if (flags.again) execute(last);
      if (flags.output) {
        outputs += 1;
        expect(printed.replace(/\s+/g, '')).toMatch(toPattern(toOwn(text).replace(/\s+/g, '')));
      }
    }
    expect(outputs).toBeGreaterThan(0);
  }, 120_000);
});

/** A page leaves out with `…` what differs each time. */
function toPattern(text: string): RegExp {
  const pieces = text.split('…');
  return new RegExp(`^${pieces.map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.+?')}$`, 's');
}

/** Starts a program, and waits until its port is open. */
async function serve(file: string, port: number): Promise<void> {
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'inherit', 'inherit'] });
  started.push(child);
  const ended = new Promise<never>((_, reject) => {
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code}`)));
  });
  await Promise.race([ended, waitForPort(port, child)]);
}

async function waitForPort(port: number, child: ChildProcess): Promise<void> {
  const isOpen = await new Promise<boolean>((resolve) => {
    const socket = connect({ port, host: 'localhost' }, () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.unref();
    setTimeout(() => socket.destroy(), 1000).unref();
  });
  if (isOpen || child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => setTimeout(resolve, 100));
  await waitForPort(port, child);
}
